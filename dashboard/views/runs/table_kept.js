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

// Returns the ids of the rows to tick: those of the server or, until it knows them, those of the tab.
function keepInTab(table, data, send) {
  const { fresh, ...kept } = data.kept;
  if (fresh) {
    const before = remembered();
    if (before && !table.fitboardSentBack) {
      table.fitboardSentBack = true;
      send("restored", before);
    }
    return Array.isArray(before?.selected) ? before.selected : data.selected;
  }
  const text = JSON.stringify(kept);
  if (table.fitboardKept !== text) {
    table.fitboardKept = text;
    try {
      sessionStorage.setItem(KEPT, text);
    } catch {
      // Without room or leave to store it, a reload starts afresh.
    }
  }
  return data.selected;
}
