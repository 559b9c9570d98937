#!/usr/bin/env bash
# Builds the modules' documentation into .build/documentation; a warning is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

# Package.swift takes the plug-in in for this build alone.
export DESCENT_DOCS=1
unset DESCENT_STRICT
targets=(Descent DescentCatalogue DescentNetworks DescentData DescentProblems DescentLab DescentPapers)
swift package --scratch-path .build/docs --allow-writing-to-directory .build/documentation \
  generate-documentation "${targets[@]/#/--target=}" --enable-experimental-combined-documentation \
  --warnings-as-errors --transform-for-static-hosting --output-path .build/documentation
echo "descent: the documentation is in .build/documentation; to read it:"
echo "  python3 -m http.server --directory .build/documentation, then http://localhost:8000/documentation"
