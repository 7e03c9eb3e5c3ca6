// The legend, and the highlight that it shares with the charts: the hovered or focused run stays, the others fade.
// Everything that a user typed is set as text.

const SVG = "http://www.w3.org/2000/svg";
const FADED = 0.12;
const CLOSE = 20; // pixels from the pointer to a curve that a click on it may be away
const DOUBLE = 400; // milliseconds

function highlight(list, hovered) {
  const run = hovered ?? list.fitboardIsolated;
  for (const entry of list.children) entry.classList.toggle("fitboard-faded", !!run && entry.dataset.run !== run);
  // Plotly binds each curve's data to its group; styling the group is far cheaper than drawing the curves again.
  for (const curve of document.querySelectorAll(".fitboard-charts .scatterlayer .trace")) {
    const of = curve.__data__?.[0]?.trace?.meta;
    curve.style.opacity = run && of && of !== run ? FADED : "";
  }
}

// The charts of curves draw this run alone, on axes that fit it; null draws all again.
function isolate(list, run) {
  if (run === (list.fitboardIsolated ?? null)) return;
  list.fitboardIsolated = document.fitboardIsolated = run;
  for (const entry of list.children) entry.querySelector(".fitboard-mark")?.setAttribute("aria-pressed", String(entry.dataset.run === run));
  list.fitboardAll.hidden = !run;
  document.dispatchEvent(new CustomEvent("fitboard-isolate"));
  highlight(list, null);
}

// In unified mode Plotly reports every curve at this x; the nearest one is meant.
function pointed({ points, yvals }) {
  const away = (point) => Math.abs(point.yaxis.c2p(point.y) - point.yaxis.c2p(yvals?.[0] ?? point.y));
  const [near] = points.filter((point) => point.yaxis).sort((one, other) => away(one) - away(other));
  return { run: near?.data?.meta ?? null, isClose: !!near && away(near) <= CLOSE };
}

// Charts are created after the legend, so they are found when the pointer first reaches them.
function listen(list) {
  const found = (event) => {
    const chart = event.target.closest?.(".fitboard-chart");
    if (!chart?.on || chart.fitboardLegend === list) return;
    chart.fitboardLegend = list;
    const when = (act) => (event) => chart.fitboardLegend === list && act(event);
    let under = null;
    let restored = 0;
    chart.on("plotly_hover", when((hover) => {
      const { run, isClose } = pointed(hover);
      under = isClose ? run : null;
      highlight(list, run);
    }));
    chart.on("plotly_unhover", when(() => {
      under = null;
      highlight(list, null);
    }));
    chart.on("plotly_doubleclick", when(() => {
      restored = performance.now();
      isolate(list, null);
    }));
    // The second click of a double click is reported after it.
    chart.on("plotly_click", when(() => under && performance.now() - restored > DOUBLE && isolate(list, under)));
  };
  const drawn = () => list.fitboardIsolated && highlight(list, null);
  document.addEventListener("mouseover", found);
  document.addEventListener("fitboard-drawn", drawn);
  return () => {
    document.removeEventListener("mouseover", found);
    document.removeEventListener("fitboard-drawn", drawn);
  };
}

function mark({ color, dash }) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 28 10");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "line");
  const shape = { x1: 0, y1: 5, x2: 28, y2: 5, stroke: color, "stroke-dasharray": dash };
  for (const [name, value] of Object.entries(shape)) line.setAttribute(name, value);
  picture.append(line);
  return picture;
}

function statusOf({ word, icon, color }) {
  const glyph = document.createElement("i");
  glyph.textContent = icon;
  glyph.title = word;
  glyph.setAttribute("role", "img");
  glyph.setAttribute("aria-label", word);
  glyph.style.color = `var(--st-${color}-text-color)`;
  return glyph;
}

function markOf(entry, list) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fitboard-mark";
  button.title = "Show only this curve, or all again";
  button.setAttribute("aria-label", `Show only ${entry.label}`);
  button.setAttribute("aria-pressed", String(list.fitboardIsolated === entry.id));
  button.append(mark(entry));
  button.addEventListener("click", () => isolate(list, list.fitboardIsolated === entry.id ? null : entry.id));
  return button;
}

function entryOf(entry, list, send) {
  const item = document.createElement("li");
  item.dataset.run = entry.id;
  const link = document.createElement("a");
  link.href = entry.href;
  link.title = entry.label;
  const label = document.createElement("span");
  label.textContent = entry.label;
  link.append(label);
  item.append(markOf(entry, list), link);
  if (entry.status) item.append(statusOf(entry.status));
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "×";
  remove.title = "Remove from the comparison";
  remove.setAttribute("aria-label", `Remove ${entry.label} from the comparison`);
  remove.addEventListener("click", () => send(entry.id));
  item.append(remove);
  for (const on of ["mouseenter", "focusin"]) item.addEventListener(on, () => highlight(list, entry.id));
  for (const off of ["mouseleave", "focusout"]) item.addEventListener(off, () => highlight(list, null));
  return item;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul.fitboard-legend");
  const text = JSON.stringify(data.entries);
  if (!list.fitboardAll) {
    list.fitboardAll = parentElement.querySelector(".fitboard-legend-all");
    list.fitboardAll.addEventListener("click", () => isolate(list, null));
  }
  list.fitboardSend = (run) => setTriggerValue("removed", run);
  // Entries are created again only when they change, so that the focus stays while a live page updates.
  if (list.fitboardText !== text) {
    list.fitboardText = text;
    list.replaceChildren(...data.entries.map((entry) => entryOf(entry, list, (run) => list.fitboardSend(run))));
    // What is faded is a class of the entries.
    list.dispatchEvent(new CustomEvent("fitboard-drawn", { bubbles: true }));
  }
  list.fitboardStop ??= listen(list);
  if (list.fitboardIsolated && !data.entries.some((entry) => entry.id === list.fitboardIsolated)) isolate(list, null);
  return () => {
    if (list.isConnected) return;
    list.fitboardStop();
    isolate(list, null);
  };
}
