// The help of a field's label: shown when the label is hovered (Streamlit's own tooltip, laid over the label by the style
// sheet) and when the keyboard reaches the field. Streamlit (1.67) gives each help button a tab stop of its own, which
// doubles the number of stops in a form.

const TARGET = '[data-testid="stWidgetLabel"] [data-testid="stTooltipHoverTarget"]';
const REST_MS = 500;
let byTab = false;
let waiting = 0;
let shown = null;

function leaveTabOrder() {
  for (const button of document.querySelectorAll(`${TARGET} button:not([tabindex="-1"])`)) button.tabIndex = -1;
}

// React derives enter and leave from these two events.
function point(target, type) {
  target.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: "mouse", relatedTarget: null }));
}

function hide() {
  clearTimeout(waiting);
  if (shown) point(shown.target, "pointerout");
  if (shown) shown.field.removeAttribute("aria-describedby");
  shown = null;
}

function onFocus(event) {
  hide();
  const target = byTab && event.target.closest('[data-testid="stElementContainer"]')?.querySelector(TARGET);
  if (!target || target.contains(event.target)) return;
  waiting = setTimeout(() => {
    shown = { target, field: event.target };
    point(target, "pointerover");
    // The tooltip opens after Streamlit's own delay of 200 ms, and then has an id.
    waiting = setTimeout(() => {
      const id = target.getAttribute("aria-describedby");
      if (id) event.target.setAttribute("aria-describedby", id);
    }, 400);
  }, REST_MS);
}

export default function () {
  leaveTabOrder();
  if (window.fitboardLabelHelp) return;
  window.fitboardLabelHelp = true;
  new MutationObserver(leaveTabOrder).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("keydown", (event) => { byTab = event.key === "Tab"; if (!byTab) hide(); }, { capture: true });
  document.addEventListener("pointerdown", () => { byTab = false; }, { capture: true });
  document.addEventListener("focusin", onFocus);
  document.addEventListener("focusout", hide);
}
