const figures = JSON.parse(document.getElementById("fitboard-figures").textContent);
for (const [place, cell] of document.querySelectorAll(".fitboard-chart").entries()) {
  const { data, layout } = figures[place];
  const font = { ...layout.font, family: getComputedStyle(cell).fontFamily };
  Plotly.newPlot(cell, data, { ...layout, font, autosize: true }, { displaylogo: false, responsive: true, modeBarButtons: [["toImage", "resetScale2d"]] });
}
