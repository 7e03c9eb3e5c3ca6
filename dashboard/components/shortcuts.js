// Shortcuts of single keys. They do nothing while something is typed or chosen, in a dialog, and when they are turned off,
// which speech input needs (WCAG 2.1.4). Browsers remember that they are off.

const OFF = "fitboard.shortcuts.off";
const TYPING = 'input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select, [contenteditable="true"], [role=listbox], [role=menu]';
const DIALOG = 'dialog[open], [role=dialog][aria-modal=true], [data-testid="stDialog"]';
const NOTE_MS = 4000;

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // browsers may forbid storage
  }
};

function turn(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Then they stay on.
  }
}

const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
};

// Streamlit draws some buttons twice, one of them hidden.
const shown = (selector) =>
  [...document.querySelectorAll(selector)].find((node) => node.getClientRects().length && !node.disabled);

function say(root, words) {
  const note = root.querySelector(".fitboard-keys-note");
  note.textContent = words;
  clearTimeout(note.fitboardWaiting);
  note.fitboardWaiting = setTimeout(() => { note.textContent = ""; }, NOTE_MS);
}

function press(root, shortcut) {
  const target = shown(shortcut.target);
  if (!target) return say(root, shortcut.missing);
  say(root, "");
  if (target.matches("input:not([type=checkbox])")) {
    target.focus();
    target.select();
    return;
  }
  target.focus();
  target.click();
}

function open(root, keys) {
  const dialog = root.querySelector("dialog");
  const list = make("dl");
  for (const { key, words } of [...keys, { key: "?", words: "Show these shortcuts" }]) {
    const term = make("dt");
    for (const part of key.split(" ")) term.append(make("kbd", "", part));
    list.append(term, make("dd", "", words));
  }
  const off = make("input");
  off.type = "checkbox";
  off.checked = !isOff();
  off.addEventListener("change", () => turn(!off.checked));
  const label = make("label");
  label.append(off, "Use shortcuts of single keys in this browser");
  const close = make("button", "", "Close");
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(make("h2", "", "Keyboard shortcuts"), list, label, close);
  // A click on the backdrop is one on the dialog itself, whose content fills it.
  dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };
  dialog.showModal();
}

function onKey(root, event) {
  const from = event.composedPath()[0];
  const busy = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing;
  if (busy || isOff() || (from instanceof Element && from.closest(TYPING)) || document.querySelector(DIALOG)) return;
  const found = root.fitboardKeys.find((each) => each.target && each.key === event.key);
  if (!found && event.key !== "?") return;
  event.preventDefault();
  event.stopPropagation();
  if (found) press(root, found);
  else open(root, root.fitboardKeys);
}

export default function ({ parentElement, data }) {
  const root = parentElement;
  root.fitboardKeys = data.keys;
  if (!root.fitboardStop) {
    const listen = (event) => root.isConnected && onKey(root, event);
    // Before Streamlit, which has shortcuts of its own.
    window.addEventListener("keydown", listen, { capture: true });
    root.fitboardStop = () => window.removeEventListener("keydown", listen, { capture: true });
    const button = root.querySelector("button.fitboard-keys");
    button.textContent = "⌨";
    button.title = "Keyboard shortcuts (?)";
    button.addEventListener("click", () => open(root, root.fitboardKeys));
  }
  return () => {
    if (root.isConnected) return;
    root.fitboardStop?.();
    root.fitboardStop = null;
  };
}
