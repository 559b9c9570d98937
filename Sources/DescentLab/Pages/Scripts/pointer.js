Object.assign(Chart.prototype, {
  // The values at the x nearest to the cursor: one row for each group, the mean and the range of its curves.
  drawCursor(c) {
    const shown = this.shown;
    if (!shown.length) return;
    const at = this.xOf(this.cursor.x);
    const nearest = shown.map(s => s.x[Lab.nearest(s.x, at)]);
    const x = nearest.reduce((best, v) => Math.abs(v - at) < Math.abs(best - at) ? v : best);
    this.drawRule(c, this.px(x), Lab.style("--soft"));
    const groups = new Map();
    for (const s of shown) {
      const i = Lab.nearest(s.x, x);
      // A curve that ended long before has no value here.
      if (x > s.x[s.x.length - 1] + (s.x[1] - s.x[0] || 0) || x < s.x[0] - (s.x[1] - s.x[0] || 0)) continue;
      const y = this.values(s)[i];
      if (!groups.has(s.group)) groups.set(s.group, { name: s.name, values: [] });
      if (y !== null) groups.get(s.group).values.push(y);
      if (!this.usable(y)) continue;
      c.fillStyle = Lab.colour(s.group);
      c.beginPath(); c.arc(this.px(s.x[i]), this.py(y), 4, 0, 7); c.fill();
    }
    const rows = [...groups].slice(0, 14).map(([group, { name, values }]) => {
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      const range = values.length > 1 ? ` (${Lab.format(Math.min(...values), 4)} – ${Lab.format(Math.max(...values), 4)})` : "";
      return Lab.tipRow(group, name, values.length ? Lab.format(mean) + range : "–");
    });
    const head = Lab.element("div", {}, `${this.xLabel} ${Lab.format(x)}`);
    Lab.showTip(this.tip, this.host, this.px(x) + this.canvas.offsetLeft, this.cursor.y + this.canvas.offsetTop, head, ...rows);
  },

  // The rectangle dragged over; all of the height where the pointer hardly rose.
  dragged() {
    const [a, d] = [this.area, this.drag];
    const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
    const isWide = Math.abs(d.toY - d.y) < 24;
    return {
      left: clamp(Math.min(d.x, d.toX), a.left, a.right), right: clamp(Math.max(d.x, d.toX), a.left, a.right),
      top: isWide ? a.top : clamp(Math.min(d.y, d.toY), a.top, a.bottom),
      bottom: isWide ? a.bottom : clamp(Math.max(d.y, d.toY), a.top, a.bottom), isWide,
    };
  },

  listen() {
    const place = event => {
      const box = this.canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const leave = () => { this.cursor = null; this.tip.style.display = "none"; this.draw(); };
    this.canvas.addEventListener("pointerdown", event => {
      if (event.button !== 0) return;
      const { x, y } = place(event);
      this.drag = { x, y, toX: x, toY: y };
      this.canvas.setPointerCapture(event.pointerId);
      this.tip.style.display = "none";
    });
    this.canvas.addEventListener("pointermove", event => {
      const { x, y } = place(event);
      if (this.drag) Object.assign(this.drag, { toX: x, toY: y });
      this.cursor = { x, y };
      this.draw();
    });
    this.canvas.addEventListener("pointerup", () => {
      if (!this.drag) return;
      const r = this.dragged();
      if (r.right - r.left > 8) {
        this.view = { x0: this.xOf(r.left), x1: this.xOf(r.right) };
        if (!r.isWide) Object.assign(this.view, { y0: this.yOf(r.bottom), y1: this.yOf(r.top) });
      }
      this.drag = null;
      this.draw();
    });
    this.canvas.addEventListener("pointercancel", () => { this.drag = null; leave(); });
    this.canvas.addEventListener("pointerleave", () => { if (!this.drag) leave(); });
    this.canvas.addEventListener("dblclick", () => { this.view = null; this.draw(); });
  },
});
