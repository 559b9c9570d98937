#!/usr/bin/env bash
# Builds the command for this machine and compares five optimizers on digits that the program draws.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "descent: building for this machine (some minutes the first time)"
Scripts/build-native.sh --product descent
descent="$(Scripts/build-native.sh --show-bin-path)/descent"

echo "descent: descent compare --model mlp:hidden=128 --seeds 3"
"$descent" compare --model mlp:hidden=128 --seeds 3
cat <<END

Next: $descent list optimizers
      $descent compare --help
END
