#!/usr/bin/env bash
# Builds the command for this machine and trains a perceptron with Adam on digits that the program draws.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "descent: building for this machine (some minutes the first time)"
Scripts/build-native.sh --product descent
descent="$(Scripts/build-native.sh --show-bin-path)/descent"

echo "descent: descent train"
"$descent" train
cat <<END

Next: $descent list optimizers
      $descent train --help
END
