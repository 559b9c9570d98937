Object.assign(Plane.prototype, {
  drawGround(width, height) {
    const canvas = Lab.element("canvas");
    const c = Lab.context(canvas, width, height);
    const [d, a] = [this.data, this.area];
    c.imageSmoothingEnabled = true;
    c.drawImage(this.shade(), a.left, a.top, a.right - a.left, a.bottom - a.top);
    c.strokeStyle = Lab.style("--contour");
    c.lineWidth = 0.8;
    c.beginPath();
    for (const level of d.levels) this.contour(c, level);
    c.stroke();
    c.font = "12px system-ui, sans-serif";
    c.fillStyle = Lab.style("--soft");
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const x of Lab.ticks(d.x[0], d.x[1], 7)) c.fillText(Lab.tick(x), this.px(x), a.bottom + 6);
    c.fillText("x₁", (a.left + a.right) / 2, a.bottom + 21);
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const y of Lab.ticks(d.y[0], d.y[1], 7)) c.fillText(Lab.tick(y), a.left - 6, this.py(y));
    c.fillText("x₂", 18, (a.top + a.bottom) / 2 - 12);
    c.strokeStyle = Lab.style("--line");
    c.lineWidth = 1;
    c.strokeRect(a.left, a.top, a.right - a.left, a.bottom - a.top);
    return canvas;
  },

  // A pixel for each number of the grid, from the colour of low ground to that of high.
  shade() {
    const [grid, levels] = [this.data.heights, this.data.levels];
    const n = grid.length;
    const canvas = Lab.element("canvas", { width: n, height: n });
    const c = canvas.getContext("2d");
    const image = c.createImageData(n, n);
    const part = (hex, k) => parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16);
    const [low, high] = [Lab.style("--low"), Lab.style("--high")];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const height = grid[i][j];
        let k = 0;
        while (k < levels.length && height !== null && height > levels[k]) k++;
        const below = k ? levels[k - 1] : 0;
        const within = height === null || k === levels.length ? 0 : (height - below) / (levels[k] - below);
        const share = height === null ? 1 : Math.min(1, (k + within) / levels.length);
        const at = 4 * ((n - 1 - j) * n + i);
        for (let p = 0; p < 3; p++) image.data[at + p] = part(low, p) + share * (part(high, p) - part(low, p));
        image.data[at + 3] = 255;
      }
    }
    c.putImageData(image, 0, 0);
    return canvas;
  },

  // The lines on which the height is `level`: in each cell between the edges that it crosses.
  contour(c, level) {
    const [d, grid] = [this.data, this.data.heights];
    const n = grid.length - 1;
    const x = i => this.px(d.x[0] + (d.x[1] - d.x[0]) * i / n);
    const y = j => this.py(d.y[0] + (d.y[1] - d.y[0]) * j / n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const heights = corners.map(([p, q]) => grid[p][q]);
        if (heights.includes(null)) continue;
        const crossings = [];
        for (let k = 0; k < 4; k++) {
          const [h, g] = [heights[k], heights[(k + 1) % 4]];
          if ((h < level) === (g < level)) continue;
          const t = (level - h) / (g - h);
          const [[p, q], [r, s]] = [corners[k], corners[(k + 1) % 4]];
          crossings.push([x(p + t * (r - p)), y(q + t * (s - q))]);
        }
        for (let k = 0; k + 1 < crossings.length; k += 2) {
          c.moveTo(...crossings[k]);
          c.lineTo(...crossings[k + 1]);
        }
      }
    }
  },
});
