// The table of runs. Rows are kept by run id and cells are written only when they change, so that focus, hover and
// scrolling survive updates. Everything that a user typed is set as text.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 100, HEIGHT = 22;

const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
};

function fold(name, row, send) {
  const button = make("button", "fitboard-branch", row.open ? "▾" : "▸");
  button.type = "button";
  button.title = row.open ? "Hide the child runs" : "Show the child runs";
  button.setAttribute("aria-label", `Child runs of ${name}`);
  button.setAttribute("aria-expanded", String(row.open));
  button.addEventListener("click", () => send("toggled", row.id));
  return button;
}

const DRAW = {
  color: (cell, value) => {
    const dot = make("span", "fitboard-dot");
    dot.style.background = value;
    cell.append(dot);
  },
  name: (cell, value, row, send) => {
    cell.style.setProperty("--depth", row.depth ?? 0);
    if (row.open !== undefined && row.href) cell.append(fold(value, row, send));
    if (row.open !== undefined && !row.href) {
      const button = make("button", "fitboard-fold", `${row.open ? "▾" : "▸"} ${value}`);
      button.type = "button";
      button.title = value;
      button.setAttribute("aria-expanded", String(row.open));
      button.addEventListener("click", () => send("toggled", row.id));
      cell.append(button);
      return;
    }
    if (!row.href) {
      cell.append(make("span", "", value));
      return;
    }
    const link = make("a", row.depth && row.open === undefined ? "fitboard-leaf" : "", value);
    link.href = row.href;
    link.title = row.unlisted ? `${value}: not on this page; shown because its child runs are.` : value;
    cell.append(link);
  },
  chip: (cell, value) => {
    const chip = make("span", "fitboard-chip", value.word);
    chip.style.background = value.color;
    cell.append(chip);
  },
  progress: (cell, value) => {
    if (value === null) return;
    const bar = make("progress");
    bar.value = value;
    cell.append(bar, make("span", "fitboard-share", `${Math.round(value * 100)} %`));
  },
  curve: (cell, values) => {
    if (values.length < 2) return;
    const low = Math.min(...values), span = Math.max(...values) - low || 1;
    const at = (value, place) =>
      `${((place / (values.length - 1)) * WIDTH).toFixed(1)},${(HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4)).toFixed(1)}`;
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    picture.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", values.map(at).join(" "));
    picture.append(line);
    cell.append(picture);
  },
  number: (cell, value) => {
    cell.title = value.best;
    if (value.best) {
      const star = make("span", "fitboard-star", "★");
      star.setAttribute("role", "img");
      star.setAttribute("aria-label", "best");
      cell.append(star);
    }
    cell.append(make("span", value.best ? "fitboard-best" : "", value.text));
  },
  text: (cell, value) => {
    cell.textContent = value;
    cell.title = value;
  },
};

function write(cell, column, value, row, send) {
  const text = JSON.stringify([column.kind, value, row.href, row.open, row.depth, row.unlisted]);
  if (cell.fitboardText === text) return;
  cell.fitboardText = text;
  cell.className = `fitboard-${column.kind}`;
  const held = cell.contains(document.activeElement);
  cell.replaceChildren();
  DRAW[column.kind](cell, value, row, send);
  if (held) cell.querySelector("a, button")?.focus();
}

function heads(table, data, send) {
  const text = JSON.stringify([data.columns, data.order]);
  if (table.fitboardHeads === text) return;
  const focused = document.activeElement?.dataset?.column;
  table.fitboardHeads = text;
  const row = make("tr");
  const box = tick("Select all runs on this page");
  box.addEventListener("change", () => mark(table, listed(table), box.checked, send));
  const first = make("td", "fitboard-tick");
  first.append(box);
  row.append(first);
  for (const column of data.columns) {
    const cell = head(column, data.order, send);
    if (data.arranged !== false) arrange(table, cell, column, send);
    row.append(cell);
  }
  table.tHead.replaceChildren(row);
  if (focused) table.tHead.querySelector(`[data-column="${CSS.escape(focused)}"]`)?.focus();
}

function head(column, [sorted, ascending], send) {
  // Not a `th` without text: screen readers would announce an empty header.
  const cell = make(column.label ? "th" : "td", `fitboard-${column.kind}`);
  if (column.label) cell.scope = "col";
  cell.title = column.help;
  if (!column.sort) {
    cell.textContent = column.label;
    return cell;
  }
  const button = make("button", "", column.label);
  button.type = "button";
  button.dataset.column = column.name;
  button.addEventListener("click", () => send("sorted", column.name));
  cell.append(button);
  if (column.sort === sorted) {
    cell.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    button.append(make("span", "fitboard-arrow", ascending ? " ↑" : " ↓"));
  }
  return cell;
}

function tick(label) {
  const box = make("input");
  box.type = "checkbox";
  box.setAttribute("aria-label", label);
  return box;
}

// Parents that are shown only for their child runs are not part of the page's list.
const listed = (table) => [...table.tBodies[0].rows].filter((row) => !row.classList.contains("fitboard-unlisted"));

// A live page may be drawn once more before it knows of a tick; a click on the next row would then take it back.
const HELD_MS = 3000;

function selectedOf(table, data) {
  const held = table.fitboardHeld;
  const isAnswer = held && [...held.ids].sort().join() === [...data.selected].sort().join();
  if (held && !isAnswer && Date.now() < held.until) return held.ids;
  table.fitboardHeld = null;
  return data.selected;
}

const boxOf = (row) => row.cells[0].firstChild;

function mark(table, rows, on, send) {
  for (const row of rows) boxOf(row).checked = on;
  const all = [...table.tBodies[0].rows];
  for (const row of all) row.classList.toggle("fitboard-chosen", boxOf(row).checked);
  const ids = all.filter((row) => boxOf(row).checked).map((row) => row.dataset.run);
  if (table.fitboardKeeps) keepTicks(table, ids);
  else table.fitboardHeld = { ids, until: Date.now() + HELD_MS };
  send("ticked", ids);
}

function addRow(table, run, send) {
  const row = make("tr");
  row.dataset.run = run.id;
  const cell = make("td", "fitboard-tick");
  const box = tick(`Select ${run.name}`);
  box.addEventListener("click", (event) => {
    const all = [...table.tBodies[0].rows];
    const place = all.indexOf(row), last = all.findIndex((each) => each.dataset.run === table.fitboardLast);
    const reach = event.shiftKey && last >= 0 ? all.slice(Math.min(place, last), Math.max(place, last) + 1) : [row];
    table.fitboardLast = run.id;
    mark(table, reach, box.checked, send);
  });
  cell.append(box);
  row.append(cell);
  return row;
}

function rows(table, data, ticked, send) {
  const body = table.tBodies[0];
  const known = new Map([...body.rows].map((row) => [row.dataset.run, row]));
  const selected = new Set(ticked);
  const wanted = data.rows.map((run) => {
    const row = known.get(run.id) ?? addRow(table, run, send);
    while (row.cells.length > data.columns.length + 1) row.lastChild.remove();
    while (row.cells.length < data.columns.length + 1) row.append(make("td"));
    data.columns.forEach((column, place) => write(row.cells[place + 1], column, run.cells[place], run, send));
    row.classList.toggle("fitboard-group", run.open !== undefined && !run.href);
    row.classList.toggle("fitboard-unlisted", Boolean(run.unlisted));
    row.classList.toggle("fitboard-within", Boolean(run.within));
    row.classList.toggle("fitboard-muted", Boolean(run.muted));
    boxOf(row).checked = selected.has(run.id);
    row.classList.toggle("fitboard-chosen", selected.has(run.id));
    return row;
  });
  const kept = new Set(wanted);
  for (const row of known.values()) if (!kept.has(row)) row.remove();
  wanted.forEach((row, place) => {
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
  });
  table.tHead.rows[0].cells[0].firstChild.checked = wanted.length > 0 && listed(table).every((row) => boxOf(row).checked);
}

const FOOT = 64, FOOT_OF_PHONES = 112; // below the table: the number of runs, and the pages of the list
const LEAST = 280;

// The table ends at the bottom of the window. The height of the filters above it depends on the width.
function fit(scroll) {
  if (scroll.fitboardMost) {
    scroll.style.maxHeight = `${scroll.fitboardMost}px`;
    return;
  }
  const main = scroll.closest('[data-testid="stMain"]');
  const top = scroll.getBoundingClientRect().top + (main?.scrollTop ?? 0);
  const height = `${Math.max(LEAST, window.innerHeight - top - (window.innerWidth > 640 ? FOOT : FOOT_OF_PHONES))}px`;
  if (scroll.style.maxHeight !== height) scroll.style.maxHeight = height;
}

function keepFit(scroll) {
  const now = () => scroll.isConnected && fit(scroll);
  const observer = new ResizeObserver(now);
  observer.observe(document.body);
  const block = scroll.closest('[data-testid="stMainBlockContainer"]');
  if (block) observer.observe(block);
  window.addEventListener("resize", now);
  now();
  return () => {
    observer.disconnect();
    window.removeEventListener("resize", now);
  };
}

// The up and down arrow keys move to the same control in the next row; Enter opens a link, Space ticks a box.
function onKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest("tbody tr");
  if (!by || !row) return;
  event.preventDefault();
  const next = by > 0 ? row.nextElementSibling : row.previousElementSibling;
  next?.querySelector(event.target.matches("a") ? "a" : "input")?.focus();
}

export default function ({ parentElement, data, setTriggerValue }) {
  const table = parentElement.querySelector("table.fitboard-runs");
  if (!table.fitboardReady) {
    table.fitboardReady = true;
    table.addEventListener("keydown", onKey);
  }
  table.fitboardSend = setTriggerValue;
  table.setAttribute("aria-label", data.label ?? "Runs");
  table.classList.toggle("fitboard-plain", data.ticks === false);
  table.fitboardKeeps = Boolean(data.kept);
  const send = (name, value) => table.fitboardSend(name, value);
  heads(table, data, send);
  rows(table, data, data.kept ? keepInTab(table, data, send) : selectedOf(table, data), send);
  table.fitboardColumns = data.columns;
  const sizing = data.columns.find((column) => column.name === table.fitboardSizing?.name);
  if (sizing?.width === table.fitboardSizing?.width) table.fitboardSizing = null;
  sizeColumns(table, data.columns);
  const scroll = table.parentElement;
  scroll.fitboardMost = data.most;
  scroll.fitboardStop ??= keepFit(scroll);
  fit(scroll);
  return () => {
    if (scroll.isConnected) return;
    scroll.fitboardStop();
  };
}
