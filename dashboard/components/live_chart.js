// Each update is handed to Plotly.react, which keeps the node.

const CONFIG = { displaylogo: false, doubleClick: "reset", modeBarButtons: [["resetScale2d"]] };

const NEAR = "50%"; // of the window's height

const BORDERS = 2; // above and below a chart, in pixels

const drawn = new Map(); // grid → { latest, busy, observer }

// On `window`, since Streamlit compiles this text once per component, but the script is loaded once per page.
function library(address) {
  window.fitboardPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.fitboardPlotly = null; // the next update tries again
      script.remove();
      reject(new Error(`${script.src} cannot be loaded`));
    };
    document.head.append(script);
  });
  return window.fitboardPlotly;
}

function cellFor(grid, id) {
  const found = [...grid.children].find((cell) => cell.dataset.id === id);
  if (found) return found;
  const cell = document.createElement("div");
  cell.className = "fitboard-chart";
  cell.dataset.id = id;
  cell.setAttribute("role", "figure"); // not "img", which may hold no buttons
  grid.append(cell);
  return cell;
}

// Plotly keeps a zoom by `uirevision` only where the figure's own range stays; that of a growing curve does not.
function keepZoom(cell, layout) {
  for (const axis of cell.fitboardZoom ?? []) {
    const range = cell._fullLayout?.[axis]?.range;
    // Ticks at the first and the last epoch are those of the whole curve; within a zoom Plotly chooses its own.
    if (range) layout[axis] = { ...layout[axis], range: [...range], autorange: false, tickmode: "auto" };
  }
}

// A square figure, such as a matrix, is no taller than it is wide.
function heightOf(cell, height, square) {
  return square && cell.clientWidth ? Math.min(height, cell.clientWidth) : height;
}

function listen(plotly, cell) {
  if (cell.fitboardZoom) return;
  cell.fitboardZoom = new Set();
  cell.on("plotly_hover", (event) => (cell.fitboardHover = { xval: event.xvals?.[0], yval: event.yvals?.[0] }));
  cell.on("plotly_unhover", () => (cell.fitboardHover = null));
  cell.on("plotly_relayout", (changes) => {
    const zoomed = cell.fitboardZoom;
    const before = zoomed.size;
    for (const key of Object.keys(changes)) {
      const [, axis, what] = /^([xy]axis\d*)\.(range|autorange)/.exec(key) ?? [];
      if (axis) zoomed[what === "range" && !isWhole(cell, axis) ? "add" : "delete"](axis);
    }
    if (zoomed.has("xaxis") && cell._fullLayout.xaxis.tickmode === "array") {
      plotly.relayout(cell, { "xaxis.tickmode": "auto" });
    }
    report(cell);
    if (before && !zoomed.size) {
      const text = cell.fitboardText;
      cell.fitboardText = null;
      drawOne(plotly, cell, text, cell.fitboardBar);
    }
  });
}

// A zoom of a chart that leaves out points asks for those that it shows.
function report(cell) {
  const axis = cell._fullLayout.xaxis;
  // A logarithmic axis has exponents of ten for its range, an axis of dates has text.
  const place = (end) => (axis.type === "log" ? 10 ** end : axis.r2l(end));
  const shown = cell.fitboardThinned && cell.fitboardZoom.has("xaxis") ? axis.range.map(place) : null;
  if (JSON.stringify(shown) === JSON.stringify(cell.fitboardWindow ?? null)) return;
  cell.fitboardWindow = shown;
  const grid = cell.parentElement;
  const windows = [...grid.children].filter((each) => each.fitboardWindow).map((each) => [each.dataset.id, each.fitboardWindow]);
  drawn.get(grid)?.zoom(Object.fromEntries(windows));
}

// A double click and the reset button restore the ranges of the first drawing; a growing curve needs the latest ones.
function letResetShowAll(cell, axes) {
  for (const [axis, range] of axes) {
    Object.assign(cell._fullLayout[axis], { _rangeInitial0: range[0], _rangeInitial1: range[1] });
  }
}

function isWhole(cell, axis) {
  const shown = cell._fullLayout[axis];
  // Of dates, the range is text and the first one numbers.
  const place = (end) => shown.r2l(end);
  return place(shown.range[0]) === place(shown._rangeInitial0) && place(shown.range[1]) === place(shown._rangeInitial1);
}

// The legend of Compare names the run, or group, whose curves are drawn alone.
function isolated({ data, layout }) {
  const run = document.fitboardIsolated;
  if (!run || layout.meta?.least || !data.some((trace) => trace.meta === run)) return data;
  return data.filter((trace) => !trace.meta || trace.meta === run || !(trace.mode ?? "lines").includes("lines"));
}

function drawAgain(grid, state) {
  for (const cell of grid.children) cell.fitboardText = null;
  state.latest = state.last;
  draw(grid, state);
}

async function drawOne(plotly, cell, text, bar) {
  if (cell.fitboardText === text) return;
  cell.fitboardText = text;
  const figure = JSON.parse(text);
  const font = { ...figure.layout.font, family: getComputedStyle(cell).fontFamily };
  const layout = { ...figure.layout, font, width: cell.clientWidth || undefined };
  layout.height = heightOf(cell, layout.height, layout.meta?.square);
  cell.fitboardBar = bar;
  const data = isolated(figure);
  // The range of all groups may be far from that of one.
  const own = data !== figure.data && layout.meta?.ranges?.[document.fitboardIsolated];
  if (own) layout.yaxis = { ...layout.yaxis, range: own };
  const ranges = Object.keys(layout).filter((key) => Array.isArray(layout[key]?.range)).map((key) => [key, layout[key].range]);
  keepZoom(cell, layout);
  const hovered = cell.fitboardHover;
  await plotly.react(cell, data, layout, { ...CONFIG, displayModeBar: bar && "hover" });
  // The label describes the curves; without this, screen readers read the loose numbers of the axes first.
  for (const picture of cell.querySelectorAll("svg.main-svg")) picture.setAttribute("aria-hidden", "true");
  letResetShowAll(cell, ranges);
  listen(plotly, cell);
  if (hovered) plotly.Fx.hover(cell, hovered, "xy");
  tellDrawn(cell);
}

// Other components mark curves, which a drawing creates again.
function tellDrawn(cell) {
  cell.dispatchEvent(new CustomEvent("fitboard-drawn", { bubbles: true }));
}

// Cells take their place before the library has loaded, so that the page below does not jump.
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
    cell.setAttribute("aria-label", chart.label);
    cell.fitboardThinned = chart.thinned || cell.fitboardWindow;
    cell.fitboardSize = { height: chart.height, square: chart.square };
    showMenu(cell, chart, (...chosen) => save(grid, ...chosen));
    cell.style.minWidth = chart.least ? `${chart.least}px` : "";
    keepPlace(cell);
  }
}

function keepPlace(cell) {
  const { height, square } = cell.fitboardSize;
  cell.style.minHeight = `${heightOf(cell, height, square) + BORDERS}px`;
}

// The colours of a heat map are in its picture, where no style sheet reaches them.
function figureFor(grid, chart) {
  return chart.dark && getComputedStyle(grid).colorScheme === "dark" ? chart.dark : chart.figure;
}

// A wide chart has a line for each run of the page and stands below its curves, which come first.
function isNear(cell, grid, state) {
  if (cell.fitboardNear !== undefined) return cell.fitboardNear;
  cell.fitboardNear = false;
  const observer = new IntersectionObserver(
    (seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      observer.disconnect();
      cell.fitboardNear = true;
      state.latest ??= state.last;
      draw(grid, state);
    },
    { rootMargin: NEAR },
  );
  observer.observe(cell);
  return false;
}

function save(grid, cell, format) {
  if (format === "csv") drawn.get(grid)?.ask(cell.dataset.id);
  else if (cell._fullLayout) savePicture(window.Plotly, cell, format);
}

async function draw(grid, state) {
  arrange(grid, state.latest.charts);
  if (state.busy) return;
  state.busy = true;
  try {
    const plotly = await library(state.latest.library);
    while (state.latest) {
      const { charts, bar } = state.latest;
      state.latest = null;
      for (const chart of charts) {
        const cell = cellFor(grid, chart.id);
        if (!chart.least || isNear(cell, grid, state)) await drawOne(plotly, cell, figureFor(grid, chart), bar);
      }
    }
  } finally {
    state.busy = false;
  }
}

function fit(grid) {
  for (const cell of grid.children) {
    if (cell.clientWidth && cell._fullLayout && cell._fullLayout.width !== cell.clientWidth) {
      const { height, square } = cell.fitboardSize;
      keepPlace(cell);
      window.Plotly.relayout(cell, { width: cell.clientWidth, height: heightOf(cell, height, square) }).then(() => tellDrawn(cell));
    }
  }
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const grid = parentElement.querySelector(".fitboard-charts");
  if (!drawn.has(grid)) {
    const observer = new ResizeObserver(() => fit(grid));
    observer.observe(grid);
    const state = { latest: null, busy: false, observer };
    state.isolate = () => drawAgain(grid, state);
    document.addEventListener("fitboard-isolate", state.isolate);
    drawn.set(grid, state);
  }
  grid.classList.toggle("fitboard-wide", data.wide);
  const state = drawn.get(grid);
  state.zoom = (windows) => setStateValue("zoom", windows);
  state.ask = (id) => setTriggerValue("csv", id);
  state.latest = state.last = data;
  draw(grid, state);
  // The same message may arrive again.
  if (data.csv && state.saved !== data.csv.number) saveTable(data.csv);
  state.saved = data.csv?.number ?? state.saved;
  return () => {
    if (grid.isConnected) return;
    state.observer.disconnect();
    document.removeEventListener("fitboard-isolate", state.isolate);
    if (window.Plotly) for (const cell of grid.children) window.Plotly.purge(cell);
    drawn.delete(grid);
  };
}
