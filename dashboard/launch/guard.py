"""Middleware in front of the pages: refuses foreign hosts and origins, forbids framing, gives each browser an id."""

from collections.abc import Sequence
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.browser_id import COOKIE, is_browser_id, new_browser_id
from dashboard.chart_script import CHART_SCRIPT, FOLDER
from dashboard.launch.site import Site

__all__ = ["SECURITY_HEADERS", "Guard"]

SECURITY_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""The headers of every response. There is no `script-src`, since Streamlit compiles Components v2 from text."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# The folders of files that Streamlit and `chart_routes` serve.
_FILES = frozenset({"app", "component", "media", "static", FOLDER})
# Pages that draw charts at once; the others load the script when the browser is idle.
_WITH_CHARTS = frozenset({"run", "compare"})
# The pages of sign-in draw none, and the script is not served to strangers.
_FORMS = frozenset({"sign-in", "sign-out", "account"})
_POLICY_VIOLATION = 1008
_YEAR_SECONDS = 365 * 24 * 3600


class Guard:
    """ASGI middleware around the pages.

    A page of another site can make a browser send requests here, under this server's name or under a name of its own
    that resolves to this machine (DNS rebinding). `Origin` reveals the first, `Host` the second.
    """

    def __init__(self, app: ASGIApp, *, site: Site, first_page: str = "/build") -> None:
        self._app = app
        self._site = site
        self._roots = {site.path, f"{site.path}/"}
        self._first_page = site.path + first_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if reason is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason[:100]})
            return

        page = self._page_above(scope["path"])
        has_moved = False

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)  # a second view would detach this one from the message
                self._finish(answer, headers, page=self._page(scope, message["status"], answer))
            await send(message)

        async def send_from_page(message: Message) -> None:
            nonlocal has_moved
            if has_moved:
                return
            if page is not None and message["type"] == "http.response.start":
                has_moved = self._is_page(scope, message["status"], Headers(raw=message["headers"]))
            if has_moved and page is not None:
                await self._redirect(scope, page)(scope, receive, send_guarded)
            else:
                await send_guarded(message)

        if reason is not None:
            await PlainTextResponse(reason, HTTPStatus.FORBIDDEN)(scope, receive, send_guarded)
        elif scope["path"] in self._roots and scope["method"] in _READING:
            await self._redirect(scope, self._first_page)(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_from_page)

    def _redirect(self, scope: Scope, path: str) -> RedirectResponse:
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse(path + (f"?{query}" if query else ""))

    def _page_above(self, path: str) -> str | None:
        """Return the page above an address such as `/run/extra`, where Streamlit's page would never find its server.

        None if the address is that of a page, or may be that of a file.
        """
        parts = [part for part in path.removeprefix(self._site.path).split("/") if part]
        is_below = len(parts) > 1 and parts[0] not in _FILES
        return f"{self._site.path}/{quote(parts[0], safe='')}" if is_below else None

    def _refusal(self, scope: Scope, headers: Headers) -> str | None:
        host, origin = headers.get("host"), headers.get("origin")
        if not self._site.allows_host(host):
            return (
                f"The host name {_shown(host)} is not allowed; expected "
                f"{', '.join(self._site.names)}; start Fitboard with --allow-host to add another.\n"
            )
        acts = scope["type"] == "websocket" or scope["method"] not in _READING
        if acts and origin is not None and not self._site.allows_origin(origin, host):
            return (
                f"Requests from pages of {_shown(origin)} are refused; if Fitboard is behind a proxy, start it with "
                "--base-url.\n"
            )
        return None

    def _is_page(self, scope: Scope, status: int, answer: Headers) -> bool:
        inner = scope["path"].removeprefix(self._site.path).startswith("/_stcore/")
        return status == HTTPStatus.OK and answer.get("content-type", "").startswith("text/html") and not inner

    def _page(self, scope: Scope, status: int, answer: Headers) -> str | None:
        """Return the name of the page that was served, such as `run`; None for any other response."""
        return scope["path"].rpartition("/")[2] if self._is_page(scope, status, answer) else None

    def _finish(self, answer: MutableHeaders, asked: Headers, *, page: str | None) -> None:
        for name, value in SECURITY_HEADERS.items():
            answer[name] = value
        if page is not None:
            if page not in _FORMS:
                # The browser then loads the script while Streamlit starts and connects.
                how = "preload" if page in _WITH_CHARTS else "prefetch"
                answer.append("link", f"<{CHART_SCRIPT}>; rel={how}; as=script")
            answer.append("set-cookie", self._cookie(_held_id(asked.getlist("cookie")) or new_browser_id()))

    def _cookie(self, browser: str) -> str:
        jar = SimpleCookie({COOKIE: browser})
        fields: dict[str, Any] = {
            "path": self._site.path or "/",
            "max-age": _YEAR_SECONDS,
            "httponly": True,
            "samesite": "Lax",
            "secure": self._site.url.startswith("https://"),
        }
        jar[COOKIE].update(fields)
        return jar[COOKIE].OutputString()


def _held_id(lines: Sequence[str]) -> str | None:
    """Return the id in the browser's cookies, or None if there is no valid one."""
    try:
        jar = SimpleCookie("; ".join(lines))
    except CookieError:
        return None
    found = jar[COOKIE].value if COOKIE in jar else ""
    return found if is_browser_id(found) else None


def _shown(text: str | None) -> str:
    return repr((text or "")[:80])
