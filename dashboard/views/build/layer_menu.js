// Opens the list of layers at the button that was pressed, and tells the server which layer was chosen for which place.

const HOLDER = '[class*="st-key-insert-"], [class*="st-key-icon-insert-"]';
const PLACE = /st-key-(?:icon-)?insert-([\w-]+)/;
const WIDTH = 420, HEIGHT = 460, MARGIN = 8;

const buttonOf = (event) => event.target.closest?.("button")?.closest(HOLDER) && event.target.closest("button");
const visible = (list) => [...list.querySelectorAll('[role="option"]:not([hidden])')];

// Below the button, or above it where there is more room.
function place(list, button) {
  const at = button.getBoundingClientRect();
  const width = Math.min(WIDTH, innerWidth - 2 * MARGIN);
  const below = innerHeight - at.bottom - 2 * MARGIN, above = at.top - 2 * MARGIN;
  const isBelow = below >= Math.min(HEIGHT, above);
  list.style.width = `${width}px`;
  list.style.maxHeight = `${Math.min(HEIGHT, isBelow ? below : above)}px`;
  list.style.left = `${Math.max(MARGIN, Math.min(at.left, innerWidth - width - MARGIN))}px`;
  list.style.top = isBelow ? `${at.bottom + 4}px` : "auto";
  list.style.bottom = isBelow ? "auto" : `${innerHeight - at.top + 4}px`;
}

function mark(list, option) {
  list.querySelector('[aria-selected="true"]')?.removeAttribute("aria-selected");
  const search = list.querySelector("input");
  if (!option) return search.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  search.setAttribute("aria-activedescendant", option.id);
  // Not of the whole page, which would scroll from under the list. The heading lies over the first line.
  const box = list.querySelector('[role="listbox"]'), heading = option.parentElement.firstElementChild.offsetHeight;
  const above = option.offsetTop - box.offsetTop - heading - box.scrollTop;
  const below = option.offsetTop - box.offsetTop + option.offsetHeight - box.clientHeight - box.scrollTop;
  if (above < 0) box.scrollTop += above;
  else if (below > 0) box.scrollTop += below;
}

function filter(list) {
  const text = list.querySelector("input").value.trim().toLowerCase(), words = text.split(/\s+/);
  let best = null, bestRank = 9;
  for (const option of list.querySelectorAll('[role="option"]')) {
    const kind = option.dataset.kind.toLowerCase(), all = `${option.textContent} ${option.dataset.group}`.toLowerCase();
    option.hidden = !words.every((word) => all.includes(word));
    const rank = kind === text ? 0 : kind.startsWith(text) ? 1 : kind.includes(text) ? 2 : 3;
    if (!option.hidden && rank < bestRank) [best, bestRank] = [option, rank];
  }
  for (const group of list.querySelectorAll('[role="group"]')) {
    group.hidden = !group.querySelector('[role="option"]:not([hidden])');
  }
  list.querySelector("p").textContent = best ? "" : `No layer matches ${text}.`;
  mark(list, best);
}

function open(list, button) {
  list.fitboardButton = button;
  list.querySelector("input").value = "";
  place(list, button);
  list.showPopover();
  list.querySelector('[role="listbox"]').scrollTop = 0;
  filter(list);
  list.querySelector("input").focus({ preventScroll: true });
}

function choose(list, option) {
  const where = PLACE.exec(list.fitboardButton?.closest(HOLDER)?.className ?? "")?.[1];
  list.hidePopover();
  list.fitboardButton?.focus({ preventScroll: true });
  if (option && where) list.fitboardTell("choice", { where, kind: option.dataset.kind });
}

function onKey(list, event) {
  const options = visible(list), at = options.findIndex((each) => each.getAttribute("aria-selected"));
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  if (event.key in steps) {
    event.preventDefault();
    mark(list, options[Math.max(0, Math.min(options.length - 1, at + steps[event.key]))]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (options[at]) choose(list, options[at]);
  } else if (event.key === "Tab") {
    // There is nothing else to reach in the list.
    event.preventDefault();
  }
  event.stopPropagation();
}

function listen(list) {
  let dismissed = null;
  // A press outside closes the list before the click arrives, which would then open it again.
  const onPress = (event) => { dismissed = list.matches(":popover-open") ? list.fitboardButton : null; };
  const onClick = (event) => {
    const button = buttonOf(event);
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    if (button !== dismissed) open(list, button);
    dismissed = null;
  };
  const onMove = (event) => {
    if (!list.matches(":popover-open") || (event.target instanceof Element && list.contains(event.target))) return;
    if (list.fitboardButton.isConnected) place(list, list.fitboardButton);
    else list.hidePopover();
  };
  document.addEventListener("pointerdown", onPress, { capture: true });
  document.addEventListener("click", onClick, { capture: true });
  document.addEventListener("scroll", onMove, { capture: true, passive: true });
  window.addEventListener("resize", onMove);
  list.addEventListener("keydown", (event) => onKey(list, event));
  list.addEventListener("input", () => filter(list));
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) choose(list, option);
  });
  return () => {
    document.removeEventListener("pointerdown", onPress, { capture: true });
    document.removeEventListener("click", onClick, { capture: true });
    document.removeEventListener("scroll", onMove, { capture: true });
    window.removeEventListener("resize", onMove);
  };
}

export default function ({ parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".fitboard-layers");
  list.fitboardTell = setTriggerValue;
  list.fitboardStop ??= listen(list);
  return () => {
    if (list.isConnected) return;
    list.fitboardStop?.();
    list.fitboardStop = null;
  };
}
