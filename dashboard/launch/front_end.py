"""Serves Streamlit's front end from memory, with pages that let it connect and load its scripts sooner.

Streamlit (1.67) opens each of its 60 scripts from disk at every request, requests `/run/_stcore/health` before
`/_stcore/health` and only then connects, and loads the script of a widget only when the widget is drawn.
"""

import html
import json
import mimetypes
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import streamlit
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.chart_script import CHART_SCRIPT

__all__ = ["WIDGETS", "FrontEnd", "page_text", "scripts_of"]

_FOLDER = Path(streamlit.__file__).parent / "static"

_ALWAYS = ("BidiComponent", "Html", "Button", "PageLink")
WIDGETS: Mapping[str, Sequence[str]] = {
    "start": (),
    "build": (
        *_ALWAYS,
        "TextInput",
        "TextArea",
        "Selectbox",
        "MenuButton",
        "Checkbox",
        "NumberInput",
        "ImageList",
        "DownloadButton",
        "Metric",
    ),
    "data": (*_ALWAYS, "TextInput", "Selectbox", "Multiselect", "Checkbox", "DataFrame"),
    "runs": (
        *_ALWAYS,
        "TextInput",
        "Multiselect",
        "Selectbox",
        "Checkbox",
        "DownloadButton",
        "MenuButton",
        "Pagination",
    ),
    "run": (*_ALWAYS, "ButtonGroup", "DownloadButton", "Metric", "Progress", "Table"),
    "sweeps": (*_ALWAYS, "Pagination"),
    "sweep": (
        *_ALWAYS,
        "TextArea",
        "NumberInput",
        "Selectbox",
        "Multiselect",
        "ButtonGroup",
        "Metric",
        "Progress",
        "Table",
    ),
    "actions": (*_ALWAYS, "TextInput"),
    "cluster": _ALWAYS,
    "compare": (*_ALWAYS, "Multiselect", "Selectbox", "TextInput", "ButtonGroup", "Slider", "Checkbox", "Table"),
}
"""Page → the scripts of its widgets. A script that is missing here is only loaded later."""

_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
# Streamlit connects at once only if an origin is given; no page may send messages, so it is one that cannot exist.
_HOST_CONFIG = {"allowedOrigins": ["https://nobody.invalid"], "useExternalAuthToken": False}

# Loads the scripts of the other pages once this one is drawn, so that a link to them does not wait.
_WHEN_IDLE = """
addEventListener("load", () => setTimeout(() => requestIdleCallback(() => {
  for (const href of %s) {
    const link = document.createElement("link");
    document.head.append(Object.assign(link, { rel: "modulepreload", crossOrigin: "", href }));
  }
  if (!window.Plotly) document.head.append(Object.assign(document.createElement("script"), { src: "./" + %s }));
}), 1500));
"""

_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
# Streamlit preloads the font of its own theme; Fitboard's theme uses system fonts.
_FONT = re.compile(r'<link\s+rel="preload"\s+href="[^"]*SourceSans[^>]*>')


class FrontEnd:
    """ASGI middleware that serves the pages and Streamlit's files, and passes on all other requests.

    Routes cannot be used: Streamlit reserves `/static/`.

    Args:
        app: the application that gets the other requests.
        path: the path of the site, such as `/fitboard` or an empty string.
    """

    def __init__(self, app: ASGIApp, *, path: str) -> None:
        self._app = app
        self._path = path
        self._files = f"{path}/static/"
        self._pages = {f"{path}/{page}": page for page in WIDGETS}
        self._page_text = cache(lambda page: page_text(page, path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or pass it on."""
        await (self._answer(scope) or self._app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        if page := self._pages.get(scope["path"]):
            return Response(self._page_text(page), media_type="text/html", headers={"Cache-Control": "no-cache"})
        name = scope["path"].removeprefix(self._files)
        if name not in _files():
            return None
        content, kind = _content(name)
        return Response(content, media_type=kind, headers=_KEPT)


def page_text(page: str, path: str) -> str:
    """Return Streamlit's HTML with the server's address and the scripts of the page's widgets."""
    text = (_FOLDER / "index.html").read_text(encoding="utf-8")
    text = _FONT.sub("", text).replace("<title>Streamlit</title>", "<title>Fitboard</title>")
    known = set(re.findall(r"static/js/([\w.-]+\.js)", text))
    own = [name for name in scripts_of(WIDGETS[page]) if name not in known]
    ahead = [f'<link rel="modulepreload" crossorigin href="./static/js/{html.escape(name)}">' for name in own]
    others = scripts_of(widget for widgets in WIDGETS.values() for widget in widgets)
    later = [f"./static/js/{name}" for name in others if name not in known | set(own)]
    # `</script>` in the path would end the script element.
    base = json.dumps(f"{path}/").replace("<", "\\u003c")
    told = f"{{BACKEND_BASE_URL: location.origin + {base}, HOST_CONFIG: {json.dumps(_HOST_CONFIG)}}}"
    head = f"<script>window.__streamlit = {told}</script>"
    # A classic script runs before modules, so its position in the head does not matter.
    idle = f"<script>{_WHEN_IDLE % (json.dumps(later), json.dumps(CHART_SCRIPT))}</script>"
    return text.replace("</head>", "\n".join([head, *ahead, idle, "</head>"]))


def scripts_of(widgets: Iterable[str]) -> tuple[str, ...]:
    """Return the file names of the widgets' scripts and of their imports; unknown widgets are skipped."""
    found: dict[str, None] = {}
    waiting = [name for widget in widgets for name in _scripts() if re.fullmatch(rf"{widget}\.[\w-]{{8}}\.js", name)]
    while waiting:
        name = waiting.pop(0)
        if name not in found and name in _scripts():
            found[name] = None
            waiting += _IMPORT.findall((_FOLDER / "static" / "js" / name).read_text(encoding="utf-8"))
    return tuple(found)


@cache
def _scripts() -> frozenset[str]:
    return frozenset(path.name for path in (_FOLDER / "static" / "js").glob("*.js"))


@cache
def _files() -> Mapping[str, Path]:
    """Return the files by name. Requests are looked up here, so no other file can be reached."""
    folder = _FOLDER / "static"
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


@cache
def _content(name: str) -> tuple[bytes, str]:
    """Return a file and its media type. Cached: the pages use about 6 of 26 MB."""
    kinds = {".js": "text/javascript", ".woff2": "font/woff2"}
    path = _files()[name]
    kind = kinds.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return path.read_bytes(), kind
