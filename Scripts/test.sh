#!/usr/bin/env bash
# All checks, one after the other; stops at the first that fails. What is compiled is compiled once, for the tests, the
# examples and the command alike; only the fingerprint of the optimizers is compiled a second time, for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
export DESCENT_STRICT=1

stage() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

stage "format"
swift format lint --strict --recursive --parallel Sources Tests Examples Package.swift

stage "code in the documentation is the examples' code"
Scripts/check-snippets.sh

stage "build in release, warnings are errors"
swift build -c release --build-tests
bin=$(swift build -c release --build-tests --show-bin-path)

stage "tests"
swift test -c release --skip-build

stage "examples"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for example in Rosenbrock OwnRule LogisticRegression DrawnDigits; do
  printf -- '-- %s\n' "$example"
  (cd "$work" && "$bin/$example")
done

stage "same bits for every build"
"$bin/Fingerprint" > "$work/plain.txt"
Scripts/build-native.sh --product Fingerprint
"$(Scripts/build-native.sh --show-bin-path)/Fingerprint" > "$work/native.txt"
Scripts/compare-fingerprints.sh "$work/plain.txt" "$work/native.txt"

stage "all checks passed"
