// Columns are moved by dragging their headers and resized by dragging the edges of these. On a focused header, Alt with an
// arrow key moves the column, and with Shift too it changes the width. A double click on an edge resets the width.

const LEAST_WIDTH = 40, MOST_WIDTH = 1200, KEY_STEP = 16;
const DRAGS_FROM = 6; // pixels; less is a click
const FIXED = new Set(["color", "name"]);

function size(cell, width) {
  const text = width ? `${width}px` : "";
  cell.classList.toggle("fitboard-sized", Boolean(width));
  for (const side of ["width", "minWidth", "maxWidth"]) if (cell.style[side] !== text) cell.style[side] = text;
}

function sizeColumns(table, columns) {
  const widths = columns.map((column) =>
    table.fitboardSizing?.name === column.name ? table.fitboardSizing.width : column.width);
  for (const row of table.rows) widths.forEach((width, place) => size(row.cells[place + 1], width));
}

const clamp = (width) => Math.round(Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH));

// Listens on the document, since a live page may draw the heads anew meanwhile.
function follow({ move, end }) {
  const stop = (event) => {
    document.removeEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, stop);
    end(event.type === "pointerup");
  };
  document.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, stop);
}

function edge(table, cell, column, send) {
  const grip = document.createElement("span");
  grip.className = "fitboard-edge";
  grip.title = "Drag to resize, double-click to reset";
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const from = event.clientX, begin = cell.getBoundingClientRect().width;
    let width = 0;
    follow({
      move: (now) => {
        width = clamp(begin + now.clientX - from);
        table.fitboardSizing = { name: column.name, width };
        sizeColumns(table, table.fitboardColumns);
      },
      end: (done) => {
        if (done && width) send("resized", [column.name, width]);
        else table.fitboardSizing = null;
      },
    });
  });
  grip.addEventListener("dblclick", () => send("resized", [column.name, 0]));
  grip.addEventListener("click", (event) => event.stopPropagation());
  return grip;
}

function headAt(table, x) {
  const heads = [...table.tHead.rows[0].cells].filter((cell) => cell.dataset.name && !FIXED.has(cell.dataset.name));
  return heads.find((cell) => {
    const { left, right } = cell.getBoundingClientRect();
    return x < (left + right) / 2;
  });
}

function drag(table, cell, column, send) {
  cell.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const from = event.clientX;
    let dragged = false, before;
    const unmark = () => {
      for (const head of table.tHead.rows[0].cells) head.classList.remove("fitboard-drop", "fitboard-dragged");
      table.classList.remove("fitboard-drop-last");
    };
    follow({
      move: (now) => {
        dragged ||= Math.abs(now.clientX - from) > DRAGS_FROM;
        if (!dragged) return;
        document.getSelection()?.removeAllRanges();
        before = headAt(table, now.clientX);
        unmark();
        cell.classList.add("fitboard-dragged");
        if (before) before.classList.add("fitboard-drop");
        else table.classList.add("fitboard-drop-last");
      },
      end: (done) => {
        unmark();
        if (!dragged) return;
        // The click that follows would sort.
        const swallow = (click) => click.stopPropagation();
        cell.addEventListener("click", swallow, { capture: true, once: true });
        setTimeout(() => cell.removeEventListener("click", swallow, { capture: true }));
        if (done && before?.dataset.name !== column.name) send("moved", [column.name, before?.dataset.name ?? ""]);
      },
    });
  });
}

function byKey(table, cell, column, send) {
  cell.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !event.altKey) return;
    event.preventDefault(); // Alt with an arrow key goes back in the browser's history
    event.stopPropagation();
    if (event.shiftKey) {
      const width = clamp((column.width || cell.getBoundingClientRect().width) + by * KEY_STEP);
      send("resized", [column.name, width]);
      return;
    }
    const names = [...table.tHead.rows[0].cells].map((each) => each.dataset.name).filter((name) => name && !FIXED.has(name));
    const place = names.indexOf(column.name), target = place + by;
    if (FIXED.has(column.name) || target < 0 || target >= names.length) return;
    send("moved", [column.name, names[by < 0 ? target : target + 1] ?? ""]);
  });
}

function arrange(table, cell, column, send) {
  cell.dataset.name = column.name;
  if (!column.label) return;
  cell.append(edge(table, cell, column, send));
  if (!FIXED.has(column.name)) drag(table, cell, column, send);
  byKey(table, cell, column, send);
}
