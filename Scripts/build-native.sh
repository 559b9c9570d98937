#!/usr/bin/env bash
# Release build for the instructions of this machine, in a folder of its own: arguments are those of `swift build`.
set -euo pipefail
cd "$(dirname "$0")/.."

# Given to clang, the option changes Swift's own code generation too.
case "$(uname -m)" in
  arm64 | aarch64) machine=-mcpu=native ;;
  *) machine=-march=native ;;
esac
# The plain build: warnings are for those who work on the package.
unset DESCENT_STRICT
exec swift build -c release --scratch-path .build/native -Xcc "$machine" "$@"
