const figures = JSON.parse(document.getElementById("fitboard-figures").textContent);
// An arrow that points down, onto a line.
const ARROW = { width: 24, height: 24, path: "M5 20h14v-2H5v2zM19 9h-4V3H9v6H5l7 7 7-7z" };
const SVG = {
  name: "toSvg",
  title: "Download as SVG",
  icon: ARROW,
  click: (chart) => Plotly.downloadImage(chart, { format: "svg", width: chart.clientWidth, height: chart.clientHeight, filename: "chart" }),
};
const CONFIG = { displaylogo: false, responsive: true, modeBarButtons: [[SVG, "toImage", "resetScale2d"]] };
for (const [place, cell] of document.querySelectorAll(".fitboard-chart").entries()) {
  const { data, layout } = figures[place];
  const font = { ...layout.font, family: getComputedStyle(cell).fontFamily };
  Plotly.newPlot(cell, data, { ...layout, font, autosize: true }, CONFIG);
}
