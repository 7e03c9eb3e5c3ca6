"""Middleware that lets only people in who have signed in, and the page where they do."""

import asyncio
import html
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access.attempts import Attempts
from dashboard.access.deeds import write_deed
from dashboard.access.oidc import LOGOUT, ROUTES, OidcPeople, login_address
from dashboard.access.people import People, Person, Role
from dashboard.access.sessions import COOKIE, SESSION_SECONDS, Sessions
from trainer.errors import FitboardError
from trainer.format import counted
from trainer.home import Home

__all__ = ["SIGN_IN", "SIGN_OUT", "SignIn"]

SIGN_IN, SIGN_OUT = "sign-in", "sign-out"
"""The addresses below the path of the pages."""

# `fitboard up` asks whether the server is ready before anyone has signed in.
_OPEN = frozenset({"/_stcore/health"})
_IN = Path(__file__).with_name("sign_in.html").read_text("utf-8")
_ELSEWHERE = Path(__file__).with_name("sign_in_elsewhere.html").read_text("utf-8")
_OUT = Path(__file__).with_name("sign_out.html").read_text("utf-8")
# Streamlit itself uses POST and DELETE for uploads to a widget; the pages upload by PUT.
_WRITING = frozenset({"PUT", "POST", "DELETE"})
# All people behind a proxy have one address.
_FREE_BY_NAME, _FREE_BY_ADDRESS = 5, 50
_LONGEST_KEY = 200
_LONGEST_FORM = 10_000
_UNAUTHORIZED = 4401
# A password is hashed for 60 ms on purpose; more at once would leave no processor for the pages.
_AT_ONCE = 2


class SignIn:
    """ASGI middleware behind the `Guard`, which has refused forms and websockets of other sites.

    Args:
        app: the pages.
        home: the home with the people, and for what they did.
        path: the path of the pages, such as `/fitboard` or an empty string.
        is_secure: whether browsers use HTTPS.
        providers: the OpenID Connect providers where people sign in; with a password if there are none.
    """

    def __init__(self, app: ASGIApp, *, home: Home, path: str, is_secure: bool, providers: Sequence[str] = ()) -> None:
        self._app, self._home, self._path, self._is_secure = app, home, path, is_secure
        self._providers, self._oidc = providers, OidcPeople(People.of(home))
        self._open = _OPEN | (ROUTES if providers else frozenset())
        self._people, self._sessions = People.of(home), Sessions.of(home)
        self._by_name, self._by_address = Attempts(_FREE_BY_NAME), Attempts(_FREE_BY_ADDRESS)
        self._hashing = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        below = scope["path"].removeprefix(self._path)
        cookies = _cookies(Headers(scope=scope))
        person = self._oidc.person(cookies) if self._providers else self._sessions.person(cookies.get(COOKIE))
        if scope["type"] == "websocket":
            if person is not None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": _UNAUTHORIZED, "reason": "Sign in first."})
        elif below == f"/{SIGN_IN}":
            await (await self._sign_in(Request(scope, receive)))(scope, receive, send)
        elif below == f"/{SIGN_OUT}":
            await self._sign_out(scope)(scope, receive, send)
        elif person is not None and scope["method"] in _WRITING and not person.role.includes(Role.RUN):
            await PlainTextResponse("Your role does not allow this.\n", HTTPStatus.FORBIDDEN)(scope, receive, send)
        elif person is not None or below in self._open:
            await self._app(scope, receive, send)
        else:
            await self._turned_away(scope)(scope, receive, send)

    def _turned_away(self, scope: Scope) -> Response:
        if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(scope["path"]) + (f"?{query}" if query else "")
            return RedirectResponse(f"{self._path}/{SIGN_IN}?{urlencode({'next': wanted})}", HTTPStatus.SEE_OTHER)
        return PlainTextResponse("Sign in first.\n", HTTPStatus.UNAUTHORIZED)

    def _sign_out(self, scope: Scope) -> Response:
        if scope["method"] != "POST":
            # A link must not sign out: a page of another site could contain it as an image.
            return HTMLResponse(_filled(_OUT, {"ACTION": f"{self._path}/{SIGN_OUT}", "BACK": f"{self._path}/"}))
        if self._providers:
            return RedirectResponse(f"{self._path}/{LOGOUT}", HTTPStatus.SEE_OTHER)
        answer = RedirectResponse(f"{self._path}/{SIGN_IN}", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, path=self._path or "/")
        return answer

    async def _sign_in(self, request: Request) -> Response:
        if request.method == "GET":
            return self._elsewhere(request) if self._providers else self._page(request.query_params.get("next", ""))
        if self._providers:
            return PlainTextResponse("Expected GET.\n", HTTPStatus.METHOD_NOT_ALLOWED)
        if request.method != "POST":
            return PlainTextResponse("Expected GET or POST.\n", HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            fields = await _form(request)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        name, wanted = fields.get("name", "").strip(), fields.get("next", "")
        where = request.client.host if request.client else ""
        key = name[:_LONGEST_KEY]
        wait = max(self._by_name.seconds_to_wait(key), self._by_address.seconds_to_wait(where))
        if wait:
            later = f"Too many attempts; try again in {counted(math.ceil(wait), 'second')}."
            return self._page(wanted, name, later, HTTPStatus.TOO_MANY_REQUESTS)
        try:
            async with self._hashing:
                person = await asyncio.to_thread(self._people.signed_in, name, fields.get("password", ""))
            if person is None:
                self._by_name.fail(key)
                self._by_address.fail(where)
                return self._page(wanted, name, "Name or password is wrong.", HTTPStatus.UNAUTHORIZED)
            self._by_name.forget(key)
            return await asyncio.to_thread(self._welcome, person, wanted)
        except FitboardError as error:
            return self._page(wanted, name, str(error), HTTPStatus.SERVICE_UNAVAILABLE)

    def _elsewhere(self, request: Request) -> Response:
        """Return the page with a link to each provider."""
        email = self._oidc.email(request.cookies)
        stranger = f"{email} may not use this Fitboard; ask its administrator, or sign in as someone else."
        buttons = "".join(
            f'<a class="button" href="{html.escape(f"{self._path}/{login_address(name)}", quote=True)}">'
            f"Sign in with {html.escape('your organization' if name == 'default' else name)}</a>"
            for name in self._providers
        )
        values = {"PROBLEM": stranger if email else "", "HIDDEN": "" if email else "hidden"}
        page = _filled(_ELSEWHERE, values).replace("[[BUTTONS]]", buttons)
        return HTMLResponse(page, HTTPStatus.FORBIDDEN if email else HTTPStatus.OK, {"Cache-Control": "no-store"})

    def _welcome(self, person: Person, wanted: str) -> Response:
        write_deed(self._home, person.name, "sign in")
        answer = RedirectResponse(self._inside(wanted), HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE,
            self._sessions.issue(person),
            max_age=SESSION_SECONDS,
            path=self._path or "/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def _inside(self, wanted: str) -> str:
        """Return the address on this site that a person wanted, never one of another site."""
        parts = urlsplit(wanted) if wanted.isprintable() else urlsplit("")
        is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{self._path}/")
        plain = wanted if is_ours and not wanted.startswith(("//", "/\\")) and "\\" not in wanted else ""
        return plain or f"{self._path}/"

    def _page(self, wanted: str, name: str = "", problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
        values = {
            "ACTION": f"{self._path}/{SIGN_IN}",
            "NEXT": self._inside(wanted) if wanted else "",
            "NAME": name,
            "PROBLEM": problem,
            "HIDDEN": "" if problem else "hidden",
        }
        return HTMLResponse(_filled(_IN, values), status, {"Cache-Control": "no-store"})


def _filled(page: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        page = page.replace(f"[[{key}]]", html.escape(value))
    return page


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; those of one that is too long or not text are empty."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _LONGEST_FORM:
            return {}
    try:
        return {name: values[0] for name, values in parse_qs(content.decode("utf-8"), max_num_fields=10).items()}
    except ValueError:
        return {}


def _cookies(headers: Headers) -> dict[str, str]:
    return cookie_parser("; ".join(headers.getlist("cookie")))
