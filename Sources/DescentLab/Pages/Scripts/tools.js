"use strict";
const Lab = {
  data: () => JSON.parse(document.getElementById("data").textContent),
  style: name => getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
  colour: i => Lab.style(`--curve-${i % 8}`),
  dash: i => [[], [7, 4], [2, 3], [9, 3, 2, 3]][Math.floor(i / 8) % 4],
  element(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  },
  format(value, digits = 5) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e9) return value.toLocaleString("en-US");
    return size >= 1e6 || size < 1e-4 ? value.toExponential(Math.max(0, digits - 2)) : String(+value.toPrecision(digits));
  },
  // A number on an axis: short.
  tick(value) {
    const size = Math.abs(value);
    if (value !== 0 && (size >= 1e5 || size < 1e-3)) {
      return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
    }
    return String(+value.toPrecision(6));
  },
  ticks(low, high, count) {
    const rough = (high - low) / Math.max(1, count);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough * 0.999);
    const marks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) marks.push(i * step);
    return marks;
  },
  logTicks(low, high, count) {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const within = marks => marks.filter(m => m >= low * 0.999999 && m <= high * 1.000001);
    const decades = every => {
      const marks = [];
      for (let e = first; e <= last; e += every) marks.push(10 ** e);
      return within(marks);
    };
    const whole = decades(Math.max(1, Math.ceil((last - first) / count)));
    if (whole.length >= 3) return whole;
    const fine = [];
    for (let e = first; e <= last; e++) for (const m of [1, 2, 5]) fine.push(m * 10 ** e);
    return within(fine).length >= 2 ? within(fine) : Lab.ticks(low, high, count).filter(m => m > 0);
  },
  // The index of the number of the ascending `list` that is nearest to `x`.
  nearest(list, x) {
    let [low, high] = [0, list.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (list[middle] <= x) low = middle; else high = middle;
    }
    return Math.abs(list[high] - x) < Math.abs(list[low] - x) ? high : low;
  },
  // A canvas's context with `width` × `height` CSS pixels, sharp on any screen.
  context(canvas, width, height) {
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.style.height = height + "px";
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  },
  swatch(i) {
    const canvas = Lab.element("canvas");
    const context = Lab.context(canvas, 26, 10);
    context.strokeStyle = Lab.colour(i);
    context.lineWidth = 3;
    context.setLineDash(Lab.dash(i));
    context.beginPath();
    context.moveTo(0, 5);
    context.lineTo(26, 5);
    context.stroke();
    return canvas;
  },
  // Buttons that show and hide; `hidden` is the set of indices that are not shown.
  legend(host, names, hidden, changed) {
    const fill = () => {
      host.replaceChildren(...names.map((name, i) => {
        const button = Lab.element("button", {
          type: "button", title: "Show or hide; double-click for this one alone",
          onclick: () => { hidden.has(i) ? hidden.delete(i) : hidden.add(i); update(); },
          ondblclick: () => {
            hidden.clear();
            names.forEach((_, other) => { if (other !== i) hidden.add(other); });
            update();
          },
        }, Lab.swatch(i), name);
        button.setAttribute("aria-pressed", String(!hidden.has(i)));
        return button;
      }));
    };
    const update = () => {
      [...host.children].forEach((button, i) => button.setAttribute("aria-pressed", String(!hidden.has(i))));
      changed();
    };
    fill();
    Lab.onTheme(fill);
  },
  onTheme(body) { matchMedia("(prefers-color-scheme: dark)").addEventListener("change", body); },
  // A tip at a point of `host`, on the side with more room.
  showTip(tip, host, x, y, ...children) {
    tip.replaceChildren(...children);
    tip.style.display = "block";
    const left = x + 16 + tip.offsetWidth > host.clientWidth ? x - tip.offsetWidth - 16 : x + 16;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.max(4, Math.min(y, host.clientHeight - tip.offsetHeight - 4)) + "px";
  },
  tipRow: (i, name, value) => Lab.element("div", {}, Lab.swatch(i), Lab.element("span", {}, name), Lab.element("b", {}, value)),
};
