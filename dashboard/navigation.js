// Follows links between pages as a browser does: one history entry per link, with its full URL.
//
// Streamlit (1.67) pushes two entries: the first has the old path with the new query, or the old page without its query,
// so Back leads to a page that never existed. Streamlit does follow the history, so links go through the history.

const LINK = 'a[href]:not([target="_blank"]):not([download])';
const HEADER = "nav.fitboard-header a:not(.fitboard-brand)";

function visit(address) {
  const target = new URL(address, document.baseURI);
  if (target.href === location.href) history.replaceState({}, "", target);
  else history.pushState({}, "", target);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// Pages are siblings: `/runs`, or `/fitboard/runs` behind a proxy.
function isPage(target, pages) {
  const folder = location.pathname.slice(0, location.pathname.lastIndexOf("/") + 1);
  return target.origin === location.origin && pages.some((page) => target.pathname === folder + page);
}

function onClick(event) {
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const link = event.composedPath().find((node) => node instanceof Element && node.matches(LINK));
  if (!plain || !link || !isPage(new URL(link.href), window.fitboardPages ?? [])) return;
  event.preventDefault();
  event.stopPropagation();
  visit(link.href);
}

// The header's HTML is the same on every page, so that Streamlit keeps the element and with it the keyboard's focus.
function markCurrent() {
  for (const link of document.querySelectorAll(HEADER)) {
    if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// Code can be scrolled by keyboard only if it is focusable, which Streamlit (1.67) does not make it.
function letCodeTakeFocus() {
  for (const code of document.querySelectorAll(".stCode pre:not([tabindex])")) code.tabIndex = 0;
}

// Streamlit renders HTML and code once it has loaded their scripts, which may be after this component.
function complete() {
  markCurrent();
  letCodeTakeFocus();
}

// A page whose session has ended loses its connection for good, and shows nothing of it: it has to ask.
async function signInAgain() {
  if (document.querySelector('[data-test-connection-state="CONNECTED"]')) return;
  try {
    const answer = await fetch(location.href, { redirect: "manual", headers: { Accept: "text/html" } });
    if (answer.type === "opaqueredirect") location.reload();
  } catch {
    // The server is away; Streamlit says so.
  }
}

export default function ({ data }) {
  if (data.pages) {
    if (!window.fitboardPages) {
      document.addEventListener("click", onClick, { capture: true });
      window.addEventListener("popstate", markCurrent);
      new MutationObserver(complete).observe(document.body, { childList: true, subtree: true });
      if (data.signedIn) setInterval(signInAgain, 1500);
    }
    window.fitboardPages = data.pages;
    complete();
  }
  if (data.go && data.nonce !== window.fitboardWentBy) {
    window.fitboardWentBy = data.nonce;
    visit(data.go);
  }
}
