#!/usr/bin/env bash
# Checks the pages of descent report and descent trace. Every script is parsed by node: each file of
# Sources/DescentLab/Pages/Scripts, and all of a page's scripts together. Then the pages are used in a headless Chromium,
# by day and by night: fails if a script fails, a control does nothing or anything is fetched. Screenshots are left in
# the folder OUT. If a PROGRAM is given (Scripts/test.sh does so) and Chromium is missing, the pages are only parsed.
# Usage: Scripts/check-pages.sh [OUT [PROGRAM]]
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-.build/pages}
descent=${2:-}
find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
browser=$(find_browser)
if [[ -z $descent ]]; then
  Scripts/prepare.sh node $([[ -n $browser ]] || echo chromium)
  browser=$(find_browser)
  swift build --product descent
  descent="$(swift build --show-bin-path)/descent"
fi
command -v node >/dev/null || { echo "check-pages: node is missing: Scripts/prepare.sh node installs it" >&2; exit 2; }

for script in Sources/DescentLab/Pages/Scripts/*.js; do node --check "$script"; done
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "${out:?}/runs"

for optimizer in adam sgd:lr=0.1; do
  for seed in 1 2; do
    "$descent" train --quiet --data digits:train=600,test=200 --model mlp:hidden=32 --batch 20 --epochs 4 \
      --optimizer "$optimizer" --seed "$seed" --diagnostics 5 --out "$out/runs/${optimizer%%:*}/seed-$seed"
  done
done
"$descent" report "$out/runs" --output "$out/report.html" >"$out/report.txt"
"$descent" trace --problem beale --optimizer adam:lr=0.05 --optimizer momentum:lr=0.01 --optimizer adadelta \
  --noise 0.5 --seed 3 --steps 300 --out "$out" >"$out/trace.txt"

for name in report trace; do
  sed -n '/^<script>$/,/^<\/script>$/p' "$out/$name.html" | sed '/^<\/*script>$/d' >"$out/$name.js"
  [[ -s $out/$name.js ]] || { echo "check-pages: $name.html has no script" >&2; exit 1; }
  node --check "$out/$name.js"
done
if [[ -z $browser ]]; then
  [[ -n ${2:-} ]] || { echo "check-pages: Chromium is missing: Scripts/prepare.sh chromium installs it" >&2; exit 2; }
  echo "every script is parsed; without Chromium the pages are not used"
  exit 0
fi

node Scripts/check-pages.js "$browser" "$out" Scripts/use-page.js report trace
rm -f "$out"/*.js
echo "both pages work, by day and by night; screenshots in $out"
