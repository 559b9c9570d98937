// f over the plane: a shade by height, contours, start, minimizers, and the paths up to a step.
class Plane {
  constructor(host, data, hidden) {
    Object.assign(this, { host, data, hidden, step: data.steps, cursor: null });
    host.classList.add("chart");
    this.canvas = Lab.element("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Paths over the contours of ${data.problem}`);
    this.tip = Lab.element("div", { className: "tip" });
    host.replaceChildren(this.canvas, this.tip);
    this.canvas.addEventListener("pointermove", event => {
      const box = this.canvas.getBoundingClientRect();
      this.cursor = { x: event.clientX - box.left, y: event.clientY - box.top };
      this.draw();
    });
    this.canvas.addEventListener("pointerleave", () => { this.cursor = null; this.draw(); });
    Lab.onTheme(() => { this.ground = null; this.draw(); });
    new ResizeObserver(() => { this.ground = null; this.draw(); }).observe(host);
  }

  // The index of the last kept point of a path that is not after the present step.
  last(path) {
    let i = Lab.nearest(path.step, this.step);
    if (path.step[i] > this.step) i -= 1;
    return Math.max(0, i);
  }

  draw() {
    const width = this.canvas.clientWidth;
    if (!width) return;
    const height = this.height = Math.round(Math.min(width * 0.86, 680));
    const c = Lab.context(this.canvas, width, height);
    const d = this.data;
    const a = this.area = { left: 52, right: width - 12, top: 10, bottom: height - 38 };
    this.px = x => a.left + (x - d.x[0]) / (d.x[1] - d.x[0]) * (a.right - a.left);
    this.py = y => a.bottom - (y - d.y[0]) / (d.y[1] - d.y[0]) * (a.bottom - a.top);
    if (!this.ground) this.ground = this.drawGround(width, height);
    c.drawImage(this.ground, 0, 0, width, height);
    c.save();
    c.beginPath(); c.rect(a.left, a.top, a.right - a.left, a.bottom - a.top); c.clip();
    d.paths.forEach((path, i) => { if (!this.hidden.has(i)) this.drawPath(c, path, i); });
    this.drawStart(c);
    d.minimizers.forEach(m => this.drawStar(c, m));
    c.restore();
    this.drawTip(c);
    this.drawn?.();
  }

  drawPath(c, path, i) {
    const last = this.last(path);
    c.strokeStyle = c.fillStyle = Lab.colour(i);
    c.lineWidth = 2;
    c.lineJoin = "round";
    c.setLineDash(Lab.dash(i));
    c.beginPath();
    for (let k = 0; k <= last; k++) c.lineTo(this.px(path.x[k]), this.py(path.y[k]));
    c.stroke();
    c.setLineDash([]);
    for (let k = 0; k < last; k++) {
      c.beginPath(); c.arc(this.px(path.x[k]), this.py(path.y[k]), 1.6, 0, 7); c.fill();
    }
    c.beginPath(); c.arc(this.px(path.x[last]), this.py(path.y[last]), 5.5, 0, 7); c.fill();
    c.strokeStyle = Lab.style("--paper");
    c.lineWidth = 1.5;
    c.stroke();
  }

  drawStart(c) {
    const path = this.data.paths[0];
    c.strokeStyle = Lab.style("--ink");
    c.lineWidth = 2;
    c.beginPath(); c.arc(this.px(path.x[0]), this.py(path.y[0]), 7, 0, 7); c.stroke();
  }

  drawStar(c, [x, y]) {
    c.fillStyle = Lab.style("--ink");
    c.beginPath();
    for (let k = 0; k < 10; k++) {
      const [r, φ] = [k % 2 ? 3.4 : 8.5, Math.PI * (k / 5 - 0.5)];
      c.lineTo(this.px(x) + r * Math.cos(φ), this.py(y) + r * Math.sin(φ));
    }
    c.closePath();
    c.fill();
    c.strokeStyle = Lab.style("--paper");
    c.lineWidth = 1;
    c.stroke();
  }

  // The nearest kept point of a path, if one is near.
  drawTip(c) {
    let best = null;
    if (this.cursor) {
      this.data.paths.forEach((path, i) => {
        if (this.hidden.has(i)) return;
        for (let k = 0; k <= this.last(path); k++) {
          const far = Math.hypot(this.px(path.x[k]) - this.cursor.x, this.py(path.y[k]) - this.cursor.y);
          if (far < 28 && (!best || far < best.far)) best = { far, path, i, k };
        }
      });
    }
    if (!best) { this.tip.style.display = "none"; return; }
    const { path, i, k } = best;
    c.strokeStyle = Lab.style("--ink");
    c.lineWidth = 2;
    c.beginPath(); c.arc(this.px(path.x[k]), this.py(path.y[k]), 6, 0, 7); c.stroke();
    Lab.showTip(
      this.tip, this.host, this.px(path.x[k]) + this.canvas.offsetLeft, this.py(path.y[k]) + this.canvas.offsetTop,
      Lab.tipRow(i, path.name, `step ${Lab.format(path.step[k])}`),
      Lab.element("div", {}, "f(x)", Lab.element("b", {}, Lab.format(path.f[k], 7))),
      Lab.element("div", {}, "x", Lab.element("b", {}, `(${Lab.format(path.x[k], 6)}, ${Lab.format(path.y[k], 6)})`)));
  }
}
