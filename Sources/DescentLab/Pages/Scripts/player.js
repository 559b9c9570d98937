{
  const data = Lab.data();
  const hidden = new Set();
  const plane = new Plane(document.getElementById("plane"), data, hidden);
  const log = data.minimum !== null || data.paths.every(p => p.f.every(f => f === null || f > 0));
  const values = new Chart(document.getElementById("values"), {
    title: data.minimum === null ? "f(x) by step" : "f(x) − minimum by step", log, hidden, height: 420,
    yLabel: data.minimum === null ? "f(x)" : "f(x) − minimum",
    series: data.paths.map((p, i) => ({
      name: p.name, group: i, x: p.step, y: p.f.map(f => f === null ? null : f - (data.minimum ?? 0)),
    })),
  });
  // As high as the plane, less its header.
  plane.drawn = () => {
    if (values.height === plane.height - 28) return;
    values.height = plane.height - 28;
    values.draw();
  };
  const redraw = () => { plane.draw(); values.draw(); };
  Lab.legend(document.getElementById("legend"), data.paths.map(p => p.name), hidden, redraw);

  const [play, reset, slider, speed, output] = ["play", "reset", "step", "speed", "now"].map(id => document.getElementById(id));
  let [position, isPlaying, previous] = [data.steps, false, null];
  const show = step => {
    position = Math.min(data.steps, Math.max(0, step));
    const whole = Math.floor(position);
    slider.value = whole;
    output.textContent = `step ${Lab.format(whole)} of ${Lab.format(data.steps)}`;
    plane.step = whole;
    values.marker = whole;
    redraw();
  };
  const setPlaying = plays => {
    isPlaying = plays;
    // The time of the frame before, once there is one.
    previous = null;
    play.textContent = isPlaying ? "Pause" : "Play";
    if (isPlaying && position >= data.steps) position = 0;
    if (isPlaying) requestAnimationFrame(advance);
  };
  // At speed 1 a trace takes ten seconds, however many steps it has.
  const advance = now => {
    if (!isPlaying) return;
    if (previous !== null) show(position + (now - previous) / 10000 * data.steps * Number(speed.value));
    previous = now;
    position >= data.steps ? setPlaying(false) : requestAnimationFrame(advance);
  };
  play.onclick = () => setPlaying(!isPlaying);
  reset.onclick = () => { setPlaying(false); show(0); };
  slider.oninput = () => { setPlaying(false); show(Number(slider.value)); };
  document.addEventListener("keydown", event => {
    if (event.target !== document.body) return;
    if (event.key === " ") { event.preventDefault(); play.onclick(); }
    if (event.key === "ArrowRight") { setPlaying(false); show(position + 1); }
    if (event.key === "ArrowLeft") { setPlaying(false); show(position - 1); }
  });
  show(data.steps);
}
