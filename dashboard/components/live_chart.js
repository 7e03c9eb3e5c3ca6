// Each update is handed to Plotly.react, which keeps the node and, by `uirevision`, the zoom.

const CONFIG = {
  displaylogo: false,
  displayModeBar: "hover",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};

const BORDERS = 2; // above and below a chart, in pixels

const drawn = new Map(); // grid → { latest, busy, observer }

function whenLibraryIsThere() {
  return new Promise((resolve) => {
    const look = () => (window.Plotly ? resolve(window.Plotly) : setTimeout(look, 20));
    look();
  });
}

function cellFor(grid, id) {
  const found = [...grid.children].find((cell) => cell.dataset.id === id);
  if (found) return found;
  const cell = document.createElement("div");
  cell.className = "fitboard-chart";
  cell.dataset.id = id;
  grid.append(cell);
  return cell;
}

async function drawOne(plotly, cell, figure) {
  const text = JSON.stringify(figure);
  if (cell.fitboardText === text) return;
  cell.fitboardText = text;
  const font = { ...figure.layout.font, family: getComputedStyle(cell).fontFamily };
  const layout = { ...figure.layout, font, width: cell.clientWidth || undefined };
  const hovered = cell.fitboardHover;
  await plotly.react(cell, figure.data, layout, CONFIG);
  if (!cell.fitboardListens) {
    cell.fitboardListens = true;
    cell.on("plotly_hover", (event) => (cell.fitboardHover = { xval: event.xvals[0], yval: event.yvals[0] }));
    cell.on("plotly_unhover", () => (cell.fitboardHover = null));
  }
  if (hovered) plotly.Fx.hover(cell, hovered, "xy");
}

// Cells take their place before the library is there, so that the page below does not jump.
function arrange(grid, charts) {
  const wanted = new Set(charts.map((chart) => chart.id));
  for (const cell of [...grid.children]) {
    if (wanted.has(cell.dataset.id)) continue;
    if (window.Plotly) window.Plotly.purge(cell);
    cell.remove();
  }
  for (const [place, chart] of charts.entries()) {
    const cell = cellFor(grid, chart.id);
    if (grid.children[place] !== cell) grid.insertBefore(cell, grid.children[place]);
    cell.style.minHeight = `${chart.figure.layout.height + BORDERS}px`;
  }
}

async function draw(grid, state) {
  arrange(grid, state.latest);
  if (state.busy) return;
  state.busy = true;
  const plotly = await whenLibraryIsThere();
  while (state.latest) {
    const charts = state.latest;
    state.latest = null;
    for (const chart of charts) await drawOne(plotly, cellFor(grid, chart.id), chart.figure);
  }
  state.busy = false;
}

function fit(grid) {
  for (const cell of grid.children) {
    if (cell.clientWidth && cell._fullLayout && cell._fullLayout.width !== cell.clientWidth) {
      window.Plotly.relayout(cell, { width: cell.clientWidth });
    }
  }
}

export default function ({ parentElement, data }) {
  const grid = parentElement.querySelector(".fitboard-charts");
  if (!drawn.has(grid)) {
    const observer = new ResizeObserver(() => fit(grid));
    observer.observe(grid);
    drawn.set(grid, { latest: null, busy: false, observer });
  }
  const state = drawn.get(grid);
  state.latest = data.charts;
  draw(grid, state);
  return () => {
    if (grid.isConnected) return;
    state.observer.disconnect();
    if (window.Plotly) for (const cell of grid.children) window.Plotly.purge(cell);
    drawn.delete(grid);
  };
}
