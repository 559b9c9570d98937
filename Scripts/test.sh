#!/usr/bin/env bash
# All checks, one after the other; stops at the first that fails. `swift test` compiles tests, examples and the command in
# one build; only the fingerprint of the optimizers is compiled a second time, for this machine, beside it: a module is
# compiled on one core for the most part.
set -euo pipefail
cd "$(dirname "$0")/.."
export DESCENT_STRICT=1

stage() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

stage "format"
swift format lint --strict --recursive --parallel Sources Tests Examples Fuzzing/Package.swift Fuzzing/Targets Fuzzing/Fuzz Benchmarks/Package.swift Benchmarks/Benchmarks Package.swift

stage "code in the documentation is the examples' code"
Scripts/check-snippets.sh

work=$(mktemp -d)
native=
trap 'rm -rf "$work"; [ -z "$native" ] || kill "$native" 2> /dev/null || true' EXIT

stage "build in release with warnings as errors, and tests"
bin=$(swift build -c release --show-bin-path)
# Dependencies are resolved one build after the other; the builds then share nothing.
native_bin=$(Scripts/build-native.sh --show-bin-path)
Scripts/build-native.sh --product Fingerprint > "$work/native.log" 2>&1 &
native=$!
swift test -c release

for example in Rosenbrock OwnRule LogisticRegression FiniteSum MajorityVote Factorization DrawnDigits Autoencoder; do
  stage "example $example"
  "$bin/$example"
done

stage "the command"
"$bin/descent" train --data digits:train=4000,test=1000 --epochs 1 --out "$work/run"
"$bin/descent" evaluate "$work/run"

stage "the pages' scripts"
Scripts/check-pages.sh "$work/pages" "$bin/descent"

stage "same bits for every build"
"$bin/Fingerprint" > "$work/plain.txt"
wait "$native" || { cat "$work/native.log"; exit 1; }
native=
"$native_bin/Fingerprint" > "$work/native.txt"
Scripts/compare-fingerprints.sh "$work/plain.txt" "$work/native.txt"

stage "all checks passed"
