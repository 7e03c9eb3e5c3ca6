"""Middleware that lets only people in who have signed in."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.deeds import write_deed
from dashboard.access.people import Person, Role
from dashboard.launch.account import Account
from dashboard.launch.doorway import SIGN_IN, Door, Doorway
from dashboard.launch.uploads import UPLOADS
from trainer.errors import FitboardError

__all__ = ["SignIn"]

# `fitboard up` asks whether the server is ready before anyone has signed in.
_OPEN = frozenset({"/_stcore/health"})
# Streamlit itself uses POST and DELETE for uploads to a widget; the pages upload by PUT.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_UNAUTHORIZED = 4401
# A script run sends a hundred messages within milliseconds.
_LOOK_SECONDS = 0.5


class SignIn:
    """ASGI middleware behind the `Guard`, which has refused forms and websockets of other sites.

    Args:
        app: the pages.
        doorway: where people sign in.
        door: how they do.
        clock: seconds.
    """

    def __init__(
        self, app: ASGIApp, *, doorway: Doorway, door: Door, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._doorway, self._door, self._clock = app, doorway, door, clock
        self._account = Account(doorway, door)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        cookies = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))
        person = self._door.person(cookies)
        if scope["type"] == "websocket":
            if person is None:
                await send({"type": "websocket.close", "code": _UNAUTHORIZED, "reason": "Sign in first."})
            else:
                watch = _Watch(receive, send, lambda: self._door.person(cookies) is not None, self._clock)
                await self._app(scope, watch.receive, watch.send)
            return
        below = scope["path"].removeprefix(self._doorway.path)
        if below in self._door.routes:
            await self._door.pass_on(self._app, scope, receive, send)
            return
        try:
            answer = await self._answer(Request(scope, receive), below, person)
        except ClientDisconnect:
            answer = Response(status_code=HTTPStatus.BAD_REQUEST)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, below: str, person: Person | None) -> ASGIApp:
        """Return the response to a request, or the pages if they respond to it."""
        if below == f"/{SIGN_IN}":
            if request.method not in {"GET", "HEAD", "POST"}:
                return PlainTextResponse("Expected GET or POST.\n", HTTPStatus.METHOD_NOT_ALLOWED)
            return await self._door.sign_in(request)
        if below in _OPEN:
            return self._app
        if person is None:
            return self._turned_away(request)
        if self._account.is_here(below):
            return await self._account.answer(self._app, request, person)
        if request.method in _READING:
            return self._app
        if not person.role.includes(Role.RUN):
            return PlainTextResponse("Your role does not allow this.\n", HTTPStatus.FORBIDDEN)
        folder, _, name = below.removeprefix("/").partition("/")
        if folder == UPLOADS:
            try:
                await asyncio.to_thread(write_deed, self._doorway.home, person.name, "upload a file", [name])
            except FitboardError as error:
                return PlainTextResponse(f"{error}\n", HTTPStatus.INSUFFICIENT_STORAGE)
        return self._app

    def _turned_away(self, request: Request) -> Response:
        # Chromium asks for files ahead of time as for pages; signing in would then lead to the file.
        is_ahead = "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", ""))
        if request.method == "GET" and not is_ahead and "text/html" in request.headers.get("accept", ""):
            query = request.scope["query_string"].decode("latin-1")
            wanted = quote(request.scope["path"]) + (f"?{query}" if query else "")
            return RedirectResponse(f"{self._doorway.at(SIGN_IN)}?{urlencode({'next': wanted})}", HTTPStatus.SEE_OTHER)
        return PlainTextResponse("Sign in first.\n", HTTPStatus.UNAUTHORIZED)


class _Watch:
    """A websocket that is closed when its person's session ends: a page that stays open asks for no other request.

    Args:
        receive: of the server.
        send: of the server.
        is_in: whether the session is still valid.
        clock: seconds.
    """

    def __init__(self, receive: Receive, send: Send, is_in: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._receive, self._send, self._is_in, self._clock = receive, send, is_in, clock
        self._looked, self._has_ended = clock(), False

    async def receive(self) -> Message:
        """Return the browser's next message, as long as the session is valid."""
        message = await self._receive()
        if message["type"] == "websocket.receive" and not await self._goes_on(within=0.0):
            return {"type": "websocket.disconnect", "code": _UNAUTHORIZED}
        return message

    async def send(self, message: Message) -> None:
        """Send a message to the browser, as long as the session is valid."""
        if message["type"] == "websocket.send":
            await self._goes_on(within=_LOOK_SECONDS)
        if not self._has_ended:
            await self._send(message)

    async def _goes_on(self, *, within: float) -> bool:
        if not self._has_ended and self._clock() >= self._looked + within:
            self._looked = self._clock()
            if not self._is_in():
                self._has_ended = True
                await self._send({"type": "websocket.close", "code": _UNAUTHORIZED, "reason": "Sign in again."})
        return not self._has_ended
