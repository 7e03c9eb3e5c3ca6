"""Signing in with a name and a password."""

import asyncio
import logging
import math
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access.attempts import Attempts
from dashboard.access.deeds import write_deed
from dashboard.access.people import People, Person, same_name
from dashboard.access.sessions import COOKIE, SESSION_SECONDS, Sessions
from dashboard.launch.doorway import ACCOUNT, SIGN_IN, SORRY, Doorway
from dashboard.launch.forms import Field, Form, form_page, read_form
from trainer.errors import ConfigError, FitboardError
from trainer.format import counted

__all__ = ["PasswordDoor"]

# All people behind a proxy have one address.
_FREE_BY_NAME, _FREE_BY_ADDRESS = 5, 50
_LONGEST_KEY = 200
# A password is hashed for 60 ms on purpose; more at once would leave no processor for the pages.
_AT_ONCE = 2
_WRONG = "Name or password is wrong."


class PasswordDoor:
    """Lets people in whose password is right; wrong ones are slowed down by name and by address."""

    routes: frozenset[str] = frozenset()
    takes_passwords = True

    def __init__(self, doorway: Doorway) -> None:
        self._doorway, self._home = doorway, doorway.home
        self._people, self._sessions = People.of(self._home), Sessions.of(self._home)
        self._by_name, self._by_address = Attempts(_FREE_BY_NAME), Attempts(_FREE_BY_ADDRESS)
        self._hashing = asyncio.Semaphore(_AT_ONCE)

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return who has signed in with a browser, or None."""
        return self._sessions.person(cookies)

    async def sign_in(self, request: Request) -> Response:
        """Answer a request for the sign-in page, or its form."""
        if request.method in {"GET", "HEAD"}:
            return self._page(request.query_params.get("next", ""))
        fields = await read_form(request)
        name, wanted = fields.get("name", "").strip(), fields.get("next", "")
        try:
            person = await self._checked(name, fields.get("password", ""), request)
            if isinstance(person, Person):
                return await asyncio.to_thread(self._welcome, person, self._doorway.inside(wanted), "sign in")
        except FitboardError as error:
            logging.getLogger(__name__).error("%s", error)
            return self._page(wanted, name, SORRY, HTTPStatus.SERVICE_UNAVAILABLE)
        is_late = person != _WRONG
        status = HTTPStatus.TOO_MANY_REQUESTS if is_late else HTTPStatus.UNAUTHORIZED
        return self._page(wanted, name, person, status)

    async def change_password(self, person: Person, request: Request, old: str, new: str) -> str | Response:
        """Change the password of a person who knows the old one; return what is wrong, or the response.

        Raises:
            ResourceError: the home cannot be written.
        """
        found = await self._checked(person.name, old, request)
        if not isinstance(found, Person):
            return "The current password is wrong." if found == _WRONG else found
        if new == old:
            return "The new password is the current one; choose another."
        try:
            await asyncio.to_thread(self._people.set_password, person.name, new)
        except ConfigError as error:
            return str(error)
        # All sessions of the person have ended with the old password; this one continues.
        to = f"{self._doorway.at(ACCOUNT)}?done=password"
        return await asyncio.to_thread(self._welcome, person, to, "change the password")

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of a browser. Raises ResourceError if the home cannot be written."""
        self._sessions.end(cookies)

    def leave(self, app: ASGIApp, scope: Scope) -> ASGIApp:
        """Return the response to a person whose session was ended."""
        answer = RedirectResponse(self._doorway.at(SIGN_IN), HTTPStatus.SEE_OTHER)
        self._doorway.drop(answer, COOKIE)
        return answer

    async def pass_on(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one of `routes`, of which there are none."""
        await app(scope, receive, send)

    async def _checked(self, name: str, password: str, request: Request) -> Person | str:
        """Return the person whose password this is, or what is wrong."""
        key, where = same_name(name)[:_LONGEST_KEY], request.client.host if request.client else ""
        # Before and after waiting for a place: many requests at once would all pass the first look.
        if late := self._too_early(key, where):
            return late
        async with self._hashing:
            if late := self._too_early(key, where):
                return late
            self._by_name.fail(key)
            self._by_address.fail(where)
            person = await asyncio.to_thread(self._people.signed_in, name, password)
        if person is None:
            # For unknown names too, so that they take as long; a name that was typed may be a password.
            known = self._people.get(name)
            write_deed(self._home, known.name if known else "someone unknown", "fail to sign in", [where])
            return _WRONG
        self._by_name.forget(key)
        self._by_address.forgive(where)
        return person

    def _too_early(self, key: str, where: str) -> str:
        wait = max(self._by_name.seconds_to_wait(key), self._by_address.seconds_to_wait(where))
        return f"Too many attempts; try again in {counted(math.ceil(wait), 'second')}." if wait else ""

    def _welcome(self, person: Person, to: str, action: str) -> Response:
        write_deed(self._home, person.name, action)
        answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
        self._doorway.keep(answer, COOKIE, self._sessions.issue(person), seconds=SESSION_SECONDS)
        return answer

    def _page(self, wanted: str, name: str = "", problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
        form = Form(
            action=self._doorway.at(SIGN_IN),
            button="Sign in",
            fields=[
                Field("name", "Name", "username", name),
                Field("password", "Password", "current-password", is_secret=True),
            ],
            hidden={"next": self._doorway.inside(wanted) if wanted else ""},
        )
        return form_page("Sign in to Fitboard", problem=problem, forms=[form], status=status)
