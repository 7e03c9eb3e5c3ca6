// A strip over each axis of the chart takes the pointer and the keys. Heights are those of the chart's y axis: 0 is the
// lowest value, 1 the highest, and missing values are below 0.

const STEP = 0.05;
const SMALLEST = 4; // pixels: a shorter drag is a click, which removes the brush
const KEYS = "Drag along the axis, or use the arrow keys to move the brush and Shift with them to resize it; Escape removes it.";

const inside = (value, [low, high]) => value >= low && value <= high;

function chartOf(state) {
  return [...document.querySelectorAll(".fitboard-chart")].find((cell) => cell.dataset.id === state.chart && cell._fullLayout?.xaxis);
}

function ends(cell) {
  const [low, high] = cell._fullLayout.yaxis.range;
  return [Math.min(low, high), Math.max(low, high)];
}

// Each line passes, or fades with its run in the legend and in the other charts.
function fade(state) {
  const cell = chartOf(state);
  if (!cell) return;
  const parts = state.axes.map((axis, place) => [place, state.brushes[axis]]).filter(([, part]) => part);
  const passing = new Set();
  const known = new Set();
  for (const curve of cell.querySelectorAll(".scatterlayer .trace")) {
    const trace = curve.__data__?.[0]?.trace;
    if (!trace?.meta) continue;
    const passes = parts.every(([place, part]) => inside(trace.y[place], part));
    curve.classList.toggle("fitboard-unbrushed", !passes);
    known.add(trace.meta);
    if (passes) passing.add(trace.meta);
  }
  const out = (run) => parts.length > 0 && known.has(run) && !passing.has(run);
  for (const curve of document.querySelectorAll(".fitboard-charts .scatterlayer .trace")) {
    if (cell.contains(curve)) continue;
    curve.classList.toggle("fitboard-unbrushed", out(curve.__data__?.[0]?.trace?.meta));
  }
  for (const entry of document.querySelectorAll(".fitboard-legend > li")) {
    entry.classList.toggle("fitboard-unbrushed", out(entry.dataset.run));
  }
  state.button.hidden = !parts.length;
}

function show(state, strip) {
  const part = state.brushes[strip.dataset.axis];
  const words = part ? part.map((end) => `${Math.round(100 * Math.min(1, Math.max(0, end)))} %`).join(" to ") : "all values";
  strip.setAttribute("aria-valuetext", words);
  strip.setAttribute("aria-valuenow", String(part ? (part[0] + part[1]) / 2 : 0.5));
  strip.firstChild.hidden = !part;
  if (!part) return;
  const [low, high] = ends(chartOf(state));
  const top = (value) => `${(100 * (high - value)) / (high - low)}%`;
  Object.assign(strip.firstChild.style, { top: top(part[1]), height: `calc(${top(part[0])} - ${top(part[1])})` });
}

function change(state, strip, part, isFinal) {
  const axis = strip.dataset.axis;
  const [low, high] = ends(chartOf(state));
  if (part) state.brushes[axis] = [Math.max(low, part[0]), Math.min(high, part[1])];
  else delete state.brushes[axis];
  show(state, strip);
  fade(state);
  if (isFinal) state.send({ ...state.brushes });
}

function drag(state, strip, event) {
  if (event.button) return;
  event.preventDefault();
  strip.focus();
  strip.setPointerCapture(event.pointerId);
  const box = strip.getBoundingClientRect();
  const height = ({ clientY }) => {
    const [low, high] = ends(chartOf(state));
    return high - ((high - low) * Math.min(box.height, Math.max(0, clientY - box.top))) / box.height;
  };
  const before = state.brushes[strip.dataset.axis];
  const start = height(event);
  const isMove = before && inside(start, before);
  const partAt = (now) => {
    const away = height(now) - start;
    return isMove ? before.map((end) => end + away) : [start, start + away].sort((one, other) => one - other);
  };
  const moved = (now) => change(state, strip, partAt(now), false);
  const done = (now) => {
    strip.removeEventListener("pointermove", moved);
    strip.removeEventListener("pointerup", done);
    strip.removeEventListener("pointercancel", done);
    change(state, strip, Math.abs(now.clientY - event.clientY) < SMALLEST ? null : partAt(now), true);
  };
  strip.addEventListener("pointermove", moved);
  strip.addEventListener("pointerup", done);
  strip.addEventListener("pointercancel", done);
}

function press(state, strip, event) {
  const part = state.brushes[strip.dataset.axis];
  const way = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
  if (event.key === "Escape" || event.key === "Delete") change(state, strip, null, true);
  else if (!way) return;
  else if (!part) change(state, strip, way > 0 ? [0.5, 1] : [0, 0.5], true);
  else if (event.shiftKey) change(state, strip, [part[0], Math.max(part[0], part[1] + way)], true);
  else change(state, strip, part.map((end) => end + way), true);
  event.preventDefault();
}

function stripOf(state, axis) {
  const strip = document.createElement("div");
  strip.className = "fitboard-brush-axis";
  strip.dataset.axis = axis;
  strip.tabIndex = 0;
  strip.title = KEYS;
  strip.setAttribute("role", "slider");
  strip.setAttribute("aria-orientation", "vertical");
  strip.setAttribute("aria-valuemin", "0");
  strip.setAttribute("aria-valuemax", "1");
  strip.setAttribute("aria-label", `Select runs by ${axis}`);
  const part = document.createElement("div");
  part.className = "fitboard-brush-part";
  strip.append(part);
  strip.addEventListener("pointerdown", (event) => drag(state, strip, event));
  strip.addEventListener("keydown", (event) => press(state, strip, event));
  return strip;
}

function arrange(state) {
  const cell = chartOf(state);
  if (!cell) return;
  const { xaxis, yaxis } = cell._fullLayout;
  const found = new Map([...cell.querySelectorAll(".fitboard-brush-axis")].map((strip) => [strip.dataset.axis, strip]));
  for (const [axis, strip] of found) if (!state.axes.includes(axis) || strip.fitboardState !== state) strip.remove();
  for (const [place, axis] of state.axes.entries()) {
    let strip = found.get(axis);
    if (strip?.fitboardState !== state) {
      strip = stripOf(state, axis);
      strip.fitboardState = state;
    }
    if (strip.parentElement !== cell) cell.append(strip);
    const left = `${xaxis._offset + xaxis.d2p(place)}px`;
    Object.assign(strip.style, { left, top: `${yaxis._offset}px`, height: `${yaxis._length}px` });
    show(state, strip);
  }
  fade(state);
}

export default function ({ parentElement, data, setStateValue }) {
  const place = parentElement.querySelector(".fitboard-brushes");
  const state = (place.fitboardState ??= { brushes: { ...data.brushes }, button: place.querySelector("button") });
  Object.assign(state, { chart: data.chart, axes: data.axes, send: (brushes) => setStateValue("brushes", brushes) });
  if (!state.listens) {
    state.listens = () => arrange(state);
    document.addEventListener("fitboard-drawn", state.listens);
    state.button.addEventListener("click", () => {
      state.brushes = {};
      arrange(state);
      state.send({});
    });
  }
  // A brush of an axis that is no longer drawn would select runs without being seen.
  const gone = Object.keys(state.brushes).filter((axis) => !state.axes.includes(axis));
  for (const axis of gone) delete state.brushes[axis];
  if (gone.length) state.send({ ...state.brushes });
  arrange(state);
  return () => {
    if (place.isConnected) return;
    document.removeEventListener("fitboard-drawn", state.listens);
    for (const curve of document.querySelectorAll(".fitboard-unbrushed")) curve.classList.remove("fitboard-unbrushed");
  };
}
