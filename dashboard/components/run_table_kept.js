// The selection, the open groups and the folded parents outlive a reload in this tab. The server forgets them, since
// it gives the reloaded page a new state.

const KEPT = "fitboard.runs";

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null; // the browser stores nothing, or another program wrote there
  }
}

function store(table, kept) {
  const text = JSON.stringify(kept);
  if (table.fitboardKept === text) return;
  table.fitboardKept = text;
  try {
    sessionStorage.setItem(KEPT, text);
  } catch {
    // Without room or leave to store it, a reload starts afresh.
  }
}

// Returns the ids of the rows to tick: those of the server or, until it knows them, those of the tab.
function keepInTab(table, data, send) {
  const { fresh, deleted, ...kept } = data.kept;
  if (fresh) {
    const before = remembered();
    if (before && !table.fitboardSentBack) {
      table.fitboardSentBack = true;
      send("restored", before);
    }
    // A tick that the server will not confirm would make a click on its row deselect it.
    return Array.isArray(before?.selected) ? before.selected.filter((id) => !deleted.includes(id)) : data.selected;
  }
  const ticked = table.fitboardTicked;
  const isOfTheseRows = ticked?.shown === data.rows.map((run) => run.id).join();
  // An answer to an earlier tick knows nothing of the last one.
  if (isOfTheseRows && ticked.ids !== [...data.selected].sort().join()) return data.selected;
  table.fitboardTicked = null;
  store(table, kept);
  return data.selected;
}

// Keeps ticks before the server has answered, since a reload may come first. Only the server knows the runs of a group.
function keepTicks(table, ids) {
  const all = [...table.tBodies[0].rows];
  if (all.some((row) => row.classList.contains("fitboard-group"))) return;
  const shown = all.map((row) => row.dataset.run), before = remembered();
  const elsewhere = (Array.isArray(before?.selected) ? before.selected : []).filter((id) => !shown.includes(id));
  table.fitboardTicked = { shown: shown.join(), ids: [...ids].sort().join() };
  store(table, { ...before, selected: [...elsewhere, ...ids] });
}
