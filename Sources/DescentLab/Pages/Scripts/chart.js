class Chart {
  constructor(host, { title, xLabel = "step", yLabel = "", log = false, series, height = 260, hidden = new Set(), marker = null }) {
    Object.assign(this, { host, xLabel, yLabel, log, series, height, hidden, marker });
    this.view = null;
    this.cursor = null;
    this.drag = null;
    this.smoothing = 0;
    host.classList.add("chart");
    const button = Lab.element("button", {
      type: "button", textContent: "log", title: "Logarithmic or linear axis",
      onclick: () => {
        this.log = !this.log;
        this.view = null;
        button.setAttribute("aria-pressed", String(this.log));
        this.draw();
      },
    });
    button.setAttribute("aria-pressed", String(log));
    this.canvas = Lab.element("canvas", { title: "Drag to zoom; double-click for all" });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", title);
    this.tip = Lab.element("div", { className: "tip" });
    host.replaceChildren(Lab.element("header", {}, Lab.element("h3", {}, title), button), this.canvas, this.tip);
    this.listen();
    Lab.onTheme(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(host);
  }

  // What is shown of a series: its values, smoothed as Adam's first moment is, bias correction included.
  values(series) {
    if (!this.smoothing) return series.y;
    let [mean, weight] = [0, 0];
    const decay = this.smoothing;
    return series.y.map(y => {
      if (y === null) return null;
      mean = decay * mean + (1 - decay) * y;
      weight = decay * weight + (1 - decay);
      return mean / weight;
    });
  }
  get shown() { return this.series.filter(s => !this.hidden.has(s.group) && s.x.length); }
  usable(y) { return y !== null && (!this.log || y > 0); }

  // The ranges of the axes: those zoomed to, else all of the data.
  bounds() {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const s of this.shown) {
      const values = this.values(s);
      s.x.forEach((x, i) => {
        if (this.view && (x < this.view.x0 || x > this.view.x1)) return;
        const ends = this.smoothing ? [values[i], s.y[i]] : [values[i], s.low ? s.low[i] : null, s.high ? s.high[i] : null];
        for (const y of ends) {
          if (!this.usable(y)) continue;
          x0 = Math.min(x0, x); x1 = Math.max(x1, x); y0 = Math.min(y0, y); y1 = Math.max(y1, y);
        }
      });
    }
    if (!(x1 >= x0)) [x0, x1] = [0, 1];
    if (!(y1 >= y0)) [y0, y1] = this.log ? [0.1, 1] : [0, 1];
    if (x0 === x1) [x0, x1] = [x0 - 0.5, x1 + 0.5];
    if (this.log) {
      const pad = Math.max(0.04 * Math.log(y1 / y0), y0 === y1 ? 0.1 : 0);
      [y0, y1] = [y0 * Math.exp(-pad), y1 * Math.exp(pad)];
    } else {
      const pad = Math.max(0.05 * (y1 - y0), y0 === y1 ? Math.abs(y0) * 0.1 || 1 : 0);
      [y0, y1] = [y0 - pad, y1 + pad];
    }
    const view = this.view || {};
    return { x0: view.x0 ?? x0, x1: view.x1 ?? x1, y0: view.y0 ?? y0, y1: view.y1 ?? y1 };
  }

  draw() {
    const width = this.canvas.clientWidth;
    if (!width) return;
    const c = Lab.context(this.canvas, width, this.height);
    const b = this.bounds();
    const area = this.area = { left: 66, right: width - 14, top: 8, bottom: this.height - 40 };
    const scale = this.log ? Math.log : v => v;
    const [low, high] = [scale(b.y0), scale(b.y1)];
    this.px = x => area.left + (x - b.x0) / (b.x1 - b.x0) * (area.right - area.left);
    this.py = y => area.bottom - (scale(y) - low) / (high - low) * (area.bottom - area.top);
    this.xOf = px => b.x0 + (px - area.left) / (area.right - area.left) * (b.x1 - b.x0);
    this.yOf = py => {
      const v = low + (area.bottom - py) / (area.bottom - area.top) * (high - low);
      return this.log ? Math.exp(v) : v;
    };
    c.clearRect(0, 0, width, this.height);
    this.drawAxes(c, b);
    c.save();
    c.beginPath();
    c.rect(area.left, area.top - 2, area.right - area.left, area.bottom - area.top + 4);
    c.clip();
    for (const s of this.shown) this.drawBand(c, s);
    for (const s of this.shown) {
      if (this.smoothing) this.drawLine(c, s, s.y, 0.25, 1);
      this.drawLine(c, s, this.values(s), 1, 2);
    }
    c.restore();
    if (this.marker !== null) this.drawRule(c, this.px(this.marker), Lab.style("--accent"));
    if (this.drag) {
      c.fillStyle = Lab.style("--accent");
      c.globalAlpha = 0.15;
      const r = this.dragged();
      c.fillRect(r.left, r.top, r.right - r.left, r.bottom - r.top);
      c.globalAlpha = 1;
    } else if (this.cursor) {
      this.drawCursor(c);
    }
  }

  drawAxes(c, b) {
    const a = this.area;
    c.font = "12px system-ui, sans-serif";
    c.lineWidth = 1;
    c.textBaseline = "middle";
    c.textAlign = "right";
    const ys = this.log ? Lab.logTicks(b.y0, b.y1, 6) : Lab.ticks(b.y0, b.y1, 5);
    for (const y of ys) {
      c.strokeStyle = Lab.style("--grid");
      c.beginPath(); c.moveTo(a.left, this.py(y)); c.lineTo(a.right, this.py(y)); c.stroke();
      c.fillStyle = Lab.style("--soft");
      c.fillText(Lab.tick(y), a.left - 7, this.py(y));
    }
    c.textAlign = "center";
    c.textBaseline = "top";
    // Nobody counts in half steps or half epochs.
    const xs = Lab.ticks(b.x0, b.x1, Math.max(2, Math.floor((a.right - a.left) / 90)));
    for (const x of xs.every(Number.isInteger) ? xs : [...new Set(xs.map(Math.round))].filter(x => x >= b.x0 && x <= b.x1)) {
      c.strokeStyle = Lab.style("--grid");
      c.beginPath(); c.moveTo(this.px(x), a.top); c.lineTo(this.px(x), a.bottom); c.stroke();
      c.fillStyle = Lab.style("--soft");
      c.fillText(Lab.tick(x), this.px(x), a.bottom + 6);
    }
    c.strokeStyle = Lab.style("--line");
    c.beginPath(); c.moveTo(a.left, a.top); c.lineTo(a.left, a.bottom); c.lineTo(a.right, a.bottom); c.stroke();
    c.fillStyle = Lab.style("--soft");
    c.fillText(this.xLabel, (a.left + a.right) / 2, a.bottom + 23);
    c.save();
    c.translate(9, (a.top + a.bottom) / 2);
    c.rotate(-Math.PI / 2);
    c.textBaseline = "middle";
    c.fillText(this.yLabel, 0, 0);
    c.restore();
  }

  drawBand(c, s) {
    if (!s.low || this.smoothing) return;
    c.beginPath();
    s.x.forEach((x, i) => { if (this.usable(s.high[i])) c.lineTo(this.px(x), this.py(s.high[i])); });
    for (let i = s.x.length - 1; i >= 0; i--) if (this.usable(s.low[i])) c.lineTo(this.px(s.x[i]), this.py(s.low[i]));
    c.closePath();
    c.globalAlpha = 0.18;
    c.fillStyle = Lab.colour(s.group);
    c.fill();
    c.globalAlpha = 1;
  }

  drawLine(c, s, values, alpha, width) {
    c.globalAlpha = alpha;
    c.strokeStyle = c.fillStyle = Lab.colour(s.group);
    c.lineWidth = width;
    c.lineJoin = "round";
    c.setLineDash(Lab.dash(s.group));
    c.beginPath();
    let isDrawn = false;
    let count = 0;
    s.x.forEach((x, i) => {
      if (!this.usable(values[i])) { isDrawn = false; return; }
      isDrawn ? c.lineTo(this.px(x), this.py(values[i])) : c.moveTo(this.px(x), this.py(values[i]));
      isDrawn = true;
      count += 1;
    });
    c.stroke();
    c.setLineDash([]);
    if (count <= 40 && alpha === 1) {
      s.x.forEach((x, i) => {
        if (!this.usable(values[i])) return;
        c.beginPath(); c.arc(this.px(x), this.py(values[i]), 2.6, 0, 7); c.fill();
      });
    }
    c.globalAlpha = 1;
  }

  drawRule(c, x, colour) {
    if (x < this.area.left || x > this.area.right) return;
    c.strokeStyle = colour;
    c.lineWidth = 1;
    c.beginPath(); c.moveTo(x, this.area.top); c.lineTo(x, this.area.bottom); c.stroke();
  }
}
