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

# What a user does, as a script at the end of a copy of the page: each check that fails is a line in the console.
cat >"$out/use.js" <<'SCRIPT'

{
  const failures = [];
  const check = (ok, what) => { if (!ok) failures.push(what); };
  const later = milliseconds => new Promise(done => setTimeout(done, milliseconds));
  const picture = canvas => canvas.toDataURL();
  const point = (canvas, type, x, y) => {
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new PointerEvent(type, {
      clientX: box.left + x * box.width, clientY: box.top + y * box.height, button: 0, pointerId: 1, bubbles: true,
    }));
  };
  const run = async () => {
    Element.prototype.setPointerCapture = () => {};
    await later(200);
    const charts = [...document.querySelectorAll(".chart")];
    check(charts.length >= 2, "there are charts");
    for (const chart of charts) {
      const [canvas, tip] = [chart.querySelector("canvas"), chart.querySelector(".tip")];
      const name = canvas.getAttribute("aria-label");
      const ink = new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
      check(ink.size > 8, `${name} is drawn`);
      const button = chart.querySelector("header button");
      if (!button) continue;
      const before = picture(canvas);
      point(canvas, "pointermove", 0.5, 0.4);
      check(getComputedStyle(tip).display === "block" && tip.textContent.length > 5, `${name} has values at the cursor`);
      point(canvas, "pointerleave", 0, 0);
      check(getComputedStyle(tip).display === "none", `${name} hides them`);
      check(picture(canvas) === before, `${name} is as before`);
      point(canvas, "pointerdown", 0.3, 0.5); point(canvas, "pointermove", 0.6, 0.5); point(canvas, "pointerup", 0.6, 0.5);
      point(canvas, "pointerleave", 0, 0);
      check(picture(canvas) !== before, `${name} zooms`);
      canvas.dispatchEvent(new MouseEvent("dblclick"));
      check(picture(canvas) === before, `${name} shows all again`);
      button.click();
      check(picture(canvas) !== before , `${name} changes its axis`);
      button.click();
      check(picture(canvas) === before, `${name} changes it back`);
    }
    const first = charts[0].querySelector("canvas");
    for (const legend of document.querySelectorAll(".legend")) {
      const canvas = (legend.id === "blocks" ? document.querySelector("#diagnoses canvas") : first);
      const before = picture(canvas);
      legend.children[0].click();
      check(picture(canvas) !== before, `legend ${legend.id} hides`);
      legend.children[0].click();
      check(picture(canvas) === before, `legend ${legend.id} shows`);
    }
    const [play, reset, slider] = ["play", "reset", "step"].map(id => document.getElementById(id));
    if (play) {
      reset.click();
      check(slider.value === "0", "reset goes to step 0");
      const before = picture(first);
      slider.value = 100;
      slider.oninput();
      check(picture(first) !== before && document.getElementById("now").textContent.includes("100"), "the slider moves");
      play.click();
      // Frames are few where the machine is busy.
      for (let i = 0; i < 40 && Number(slider.value) <= 100; i++) {
        await new Promise(requestAnimationFrame);
        await later(50);
      }
      check(Number(slider.value) > 100 && play.textContent === "Pause", `it plays (step ${slider.value})`);
      play.click();
      const at = slider.value;
      await later(200);
      check(slider.value === at && play.textContent === "Play", "it pauses");
      slider.value = slider.max;
      slider.oninput();
    }
    for (const id of ["smoothing", "blockSmoothing"]) {
      const range = document.getElementById(id);
      if (!range) continue;
      const canvas = id === "smoothing" ? first : document.querySelector("#diagnoses canvas");
      const [before, value] = [picture(canvas), range.value];
      range.value = value > 0.5 ? 0 : 0.95;
      range.oninput();
      check(picture(canvas) !== before, `${id} smooths`);
      range.value = value;
      range.oninput();
    }
    const select = document.getElementById("diagnosed");
    if (select) { select.value = 1; select.onchange(); check(document.querySelectorAll("#diagnoses canvas").length >= 7, "another run's parameters"); }
    check(performance.getEntriesByType("resource").length === 0, "nothing is fetched");
    check(document.documentElement.scrollWidth <= innerWidth, "nothing is wider than the window");
    failures.forEach(what => console.error("check failed: " + what));
    document.documentElement.dataset.checked = String(failures.length);
  };
  run().catch(error => console.error("check failed: " + error));
}
SCRIPT
node --check "$out/use.js"
# The page's policy allows its own scripts alone; the copy's allows this one too.
sum=$(node -p 'require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$out/use.js")

status=0
# Numbers of Chromium's preferredColorScheme.
for theme in light=1 dark=0; do
  for name in report trace; do
    page="$out/$name-checked.html"
    {
      sed "s|</body>.*||; s|</html>.*||; s|script-src |&'sha256-$sum' |" "$out/$name.html"
      printf '<script>'
      cat "$out/use.js"
      echo '</script></body></html>'
    } >"$page"
    common=(--headless --no-sandbox --disable-gpu --hide-scrollbars --disable-background-networking --disable-component-update
      --no-first-run "--blink-settings=preferredColorScheme=${theme#*=}" --virtual-time-budget=12000
      --enable-logging=stderr --v=0 "--user-data-dir=$out/profile")
    "$browser" "${common[@]}" --window-size=1400,1000 --dump-dom "file://$page" >"$out/dom.html" 2>"$out/log.txt"
    complaints=$(grep -E 'CONSOLE|Uncaught|Refused' "$out/log.txt" || true)
    if [[ -n $complaints ]] || ! grep -q 'data-checked="0"' "$out/dom.html"; then
      echo "check-pages: $name, ${theme%=*}: ${complaints:-the checks did not end}" >&2
      status=1
    fi
    "$browser" "${common[@]}" --window-size=1400,1800 "--screenshot=$out/$name-${theme%=*}.png" "file://$out/$name.html" \
      2>/dev/null || status=1
  done
done
rm -rf "$out/profile" "$out/dom.html" "$out/log.txt" "$out"/*-checked.html "$out"/*.js
[[ $status == 0 ]] && echo "both pages work, by day and by night; screenshots in $out"
exit $status
