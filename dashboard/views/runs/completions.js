// Keys that complete what is typed before the caret of the search box. Arrow keys choose one, Enter, Tab or a click takes it;
// without a choice Enter searches and Tab goes on as always.

const MOST = 8;
// What begins a key: a word, or a word with a dot and a name that may be quoted, which may hold spaces.
const BEGUN = /(?:[A-Za-z]+\.(?:`[^`]*|"[^"]*)|[^\s=!<>,()'"`]+)$/;

function begun(box) {
  const before = box.value.slice(0, box.selectionStart ?? box.value.length);
  // Within a quoted value there is no key; the quotes of names come in pairs or are the one that is open.
  if ((before.match(/'/g)?.length ?? 0) % 2) return "";
  return box.selectionStart === box.selectionEnd ? BEGUN.exec(before)?.[0] ?? "" : "";
}

const plain = (text) => text.toLowerCase().replace(/[`"]/g, "");

function matching(keys, word) {
  const typed = plain(word);
  if (!typed) return [];
  const rank = (key) => {
    const whole = plain(key), name = whole.slice(whole.indexOf(".") + 1);
    if (whole.startsWith(typed)) return 0;
    if (name.startsWith(typed)) return 1;
    return typed.length > 1 && whole.includes(typed) ? 2 : 3;
  };
  const found = [[], [], []];
  for (const key of keys) found[rank(key)]?.push(key);
  const best = found.flat().slice(0, MOST);
  return best.length === 1 && best[0] === word ? [] : best;
}

function close(list) {
  list.hidden = true;
  list.fitboardAt = -1;
  list.fitboardBox?.setAttribute("aria-expanded", "false");
  list.fitboardBox?.removeAttribute("aria-activedescendant");
}

function place(list, box) {
  const { left, bottom, width } = (box.closest('[data-baseweb="input"], .stTextInput') ?? box).getBoundingClientRect();
  Object.assign(list.style, { left: `${left}px`, top: `${bottom + 4}px`, minWidth: `${Math.min(width, 320)}px` });
}

function show(list, box) {
  const word = begun(box);
  const keys = matching(list.fitboardKeys, word);
  list.fitboardBox = box;
  const role = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id };
  for (const [name, value] of Object.entries(role)) box.setAttribute(name, value);
  if (!keys.length) return close(list);
  list.replaceChildren(...keys.map((key, at) => option(list, key, at)));
  list.fitboardAt = -1;
  box.removeAttribute("aria-activedescendant");
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
  place(list, box);
}

function option(list, key, at) {
  const item = document.createElement("li");
  item.id = `${list.id}-${at}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.textContent = key;
  // Before the click, which would take the focus from the box.
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(list, key);
  });
  return item;
}

function move(list, by) {
  const items = [...list.children];
  list.fitboardAt = (list.fitboardAt + by + (list.fitboardAt < 0 && by < 0 ? 1 : 0) + items.length) % items.length;
  items.forEach((item, at) => item.setAttribute("aria-selected", String(at === list.fitboardAt)));
  list.fitboardBox.setAttribute("aria-activedescendant", items[list.fitboardAt].id);
  items[list.fitboardAt].scrollIntoView({ block: "nearest" });
}

function take(list, key) {
  const box = list.fitboardBox, at = box.selectionStart, word = begun(box);
  const rest = box.value.slice(at);
  const before = `${box.value.slice(0, at - word.length)}${key}${rest.startsWith(" ") ? "" : " "}`;
  // React takes over a value only if it is set as a browser sets it.
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, before + rest);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.setSelectionRange(before.length, before.length);
  close(list);
}

function onKey(list, event) {
  if (list.hidden || event.target !== list.fitboardBox || event.isComposing) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const taken = ["Enter", "Tab"].includes(event.key) && list.fitboardAt >= 0 ? list.children[list.fitboardAt].textContent : null;
  if (!by && taken === null && event.key !== "Escape") {
    if (event.key === "Enter" || event.key === "Tab") close(list);
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (by) move(list, by);
  else if (taken === null) close(list);
  else take(list, taken);
}

function listen(list) {
  const isBox = (event) => event.target instanceof HTMLInputElement && event.target.matches(list.fitboardSelector);
  const handlers = {
    input: (event) => isBox(event) && show(list, event.target),
    keydown: (event) => onKey(list, event),
    focusout: (event) => isBox(event) && close(list),
    scroll: () => list.hidden || place(list, list.fitboardBox),
  };
  for (const [name, handler] of Object.entries(handlers)) document.addEventListener(name, handler, { capture: true });
  return () => {
    for (const [name, handler] of Object.entries(handlers)) document.removeEventListener(name, handler, { capture: true });
  };
}

export default function ({ parentElement, data }) {
  const list = parentElement.querySelector("ul.fitboard-completions");
  list.fitboardKeys = data.keys;
  list.fitboardSelector = data.box;
  list.fitboardAt ??= -1;
  list.fitboardStop ??= listen(list);
  return () => {
    if (!list.isConnected) list.fitboardStop();
  };
}
