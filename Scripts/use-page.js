// What a user does with a page of descent report or descent trace; the value is the list of what failed.
(async () => {
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
  return failures;
})()
