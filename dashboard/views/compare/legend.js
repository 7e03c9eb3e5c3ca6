// The legend, and the highlight that it shares with the charts: the hovered or focused run stays, the others fade.
// Everything that a user typed is set as text.

const SVG = "http://www.w3.org/2000/svg";
const FADED = 0.12;

function highlight(list, run) {
  for (const entry of list.children) entry.classList.toggle("fitboard-faded", !!run && entry.dataset.run !== run);
  // Plotly binds each curve's data to its group; styling the group is far cheaper than drawing the curves again.
  for (const curve of document.querySelectorAll(".fitboard-charts .scatterlayer .trace")) {
    const of = curve.__data__?.[0]?.trace?.meta;
    curve.style.opacity = run && of !== run ? FADED : "";
  }
}

// In unified mode Plotly reports every curve at this x; the nearest one is meant.
function pointed({ points, yvals }) {
  const away = (point) => Math.abs(point.yaxis.c2p(point.y) - point.yaxis.c2p(yvals?.[0] ?? point.y));
  const near = points.filter((point) => point.yaxis).sort((one, other) => away(one) - away(other));
  return near[0]?.data?.meta ?? null;
}

// Charts are created after the legend, so they are found when the pointer first reaches them.
function listen(list) {
  const found = (event) => {
    const chart = event.target.closest?.(".fitboard-chart");
    if (!chart?.on || chart.fitboardLegend === list) return;
    chart.fitboardLegend = list;
    chart.on("plotly_hover", (hover) => chart.fitboardLegend === list && highlight(list, pointed(hover)));
    chart.on("plotly_unhover", () => chart.fitboardLegend === list && highlight(list, null));
  };
  document.addEventListener("mouseover", found);
  return () => document.removeEventListener("mouseover", found);
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

function entryOf(entry, list, send) {
  const item = document.createElement("li");
  item.dataset.run = entry.id;
  const link = document.createElement("a");
  link.href = entry.href;
  link.title = entry.label;
  const label = document.createElement("span");
  label.textContent = entry.label;
  link.append(mark(entry), label);
  item.append(link);
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
  list.fitboardSend = (run) => setTriggerValue("removed", run);
  // Entries are created again only when they change, so that the focus stays while a live page updates.
  if (list.fitboardText !== text) {
    list.fitboardText = text;
    list.replaceChildren(...data.entries.map((entry) => entryOf(entry, list, (run) => list.fitboardSend(run))));
  }
  list.fitboardStop ??= listen(list);
  return () => {
    if (list.isConnected) return;
    list.fitboardStop();
  };
}
