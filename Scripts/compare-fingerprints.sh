#!/usr/bin/env bash
# Compares what two builds of Fingerprint print, then with the committed lines: compare-fingerprints.sh PLAIN NATIVE
set -euo pipefail
golden="$(dirname "$0")/../Examples/Expected/Fingerprint.txt"

diff "$1" "$2" || { echo "the plain build and the one for this machine give different bits" >&2; exit 1; }
echo "the plain build and the one for this machine give the same bits: $(grep -c . "$1") lines"

if [ "$(grep '^libm ' "$1")" = "$(grep '^libm ' "$golden")" ]; then
  diff "$golden" "$1" || { echo "the bits are not those of $golden" >&2; exit 1; }
  echo "they are the committed ones"
else
  # The coefficients of a step are computed by the system's log and expm1; in Double their last bit reaches θ.
  diff <(grep '^float ' "$golden") <(grep '^float ' "$1") || { echo "the bits are not those of $golden" >&2; exit 1; }
  echo "those in Float are the committed ones; this system's mathematical functions differ, so Double was not compared"
fi
