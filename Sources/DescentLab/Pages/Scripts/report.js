{
  const data = Lab.data();
  const byId = id => document.getElementById(id);
  // Charts with a legend and a slider for all of them.
  const section = (host, legend, slider, names, descriptions) => {
    const hidden = new Set();
    host.replaceChildren(...descriptions.map(() => Lab.element("div")));
    const charts = descriptions.map((d, i) => new Chart(host.children[i], { ...d, hidden }));
    const redraw = () => charts.forEach((chart, i) => {
      chart.smoothing = descriptions[i].isRough ? Number(slider.value) : 0;
      chart.draw();
    });
    Lab.legend(legend, names, hidden, redraw);
    slider.oninput = redraw;
    redraw();
    return charts;
  };
  section(byId("charts"), byId("legend"), byId("smoothing"), data.groups, data.charts);
  const select = byId("diagnosed");
  if (select) {
    const show = () => {
      const { blocks, charts } = data.diagnoses[select.value];
      section(byId("diagnoses"), byId("blocks"), byId("blockSmoothing"), blocks, charts);
    };
    select.onchange = show;
    show();
  }
}
