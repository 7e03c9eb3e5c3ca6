// Follows links between pages as a browser does: one entry in the history for each, with its whole address.
//
// Streamlit (1.67) pushes two, of which the first has the old path with the new query, or the old page without its query,
// so that Back leads to a page that never was. It does follow the history, so links are followed through it.

const LINK = 'a[href]:not([target="_blank"]):not([download])';
let wentBy = null;

function visit(address) {
  const target = new URL(address, document.baseURI);
  if (target.href === location.href) history.replaceState({}, "", target);
  else history.pushState({}, "", target);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// Pages stand side by side: `/runs`, or `/fitboard/runs` behind a proxy.
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

export default function ({ data }) {
  if (data.pages) {
    if (!window.fitboardPages) document.addEventListener("click", onClick, { capture: true });
    window.fitboardPages = data.pages;
  }
  if (data.go && data.nonce !== wentBy) {
    wentBy = data.nonce;
    visit(data.go);
  }
}
