"""The page of whoever has signed in: role, password, and signing out."""

import asyncio
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from dashboard.access.deeds import write_deed
from dashboard.access.people import ROLES, People, Person, Role
from dashboard.launch.doorway import ACCOUNT, SIGN_OUT, Door, Doorway
from dashboard.launch.forms import Field, Form, Link, form_page, read_form
from trainer.errors import FitboardError

__all__ = ["Account"]

_PASSWORD, _EVERYWHERE = "account/password", "account/sign-out"
_DONE = {"password": "The password was changed; all your other sessions have ended."}


class Account:
    """Answers requests below `/account` and for `/sign-out`."""

    def __init__(self, doorway: Doorway, door: Door) -> None:
        self._doorway, self._door, self._people = doorway, door, People.of(doorway.home)

    def is_here(self, below: str) -> bool:
        """Return whether an address, below the path of the pages, is one of these."""
        return below in {f"/{each}" for each in (ACCOUNT, SIGN_OUT, _PASSWORD, _EVERYWHERE)}

    async def answer(self, app: ASGIApp, request: Request, person: Person) -> ASGIApp:
        """Return the response to a request of someone who has signed in."""
        below = request.scope["path"].removeprefix(self._doorway.path).removeprefix("/")
        if request.method in {"GET", "HEAD"}:
            # A link must not sign out: a page of another site could contain it as an image.
            return self._page(person, done=_DONE.get(request.query_params.get("done", ""), ""))
        if request.method != "POST" or below == ACCOUNT:
            return PlainTextResponse("Expected GET or POST.\n", HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            if below == _PASSWORD:
                return await self._changed(request, person)
            await asyncio.to_thread(self._sign_out, request, person, everywhere=below == _EVERYWHERE)
        except FitboardError as error:
            return self._page(person, problem=str(error), status=HTTPStatus.SERVICE_UNAVAILABLE)
        return self._door.leave(app, request.scope)

    async def _changed(self, request: Request, person: Person) -> Response:
        fields = await read_form(request)
        new = fields.get("new", "")
        if new != fields.get("again", ""):
            found: str | Response = "The two new passwords differ; nothing was changed."
        else:
            found = await self._door.change_password(person, request, fields.get("old", ""), new)
        if isinstance(found, Response):
            return found
        return self._page(person, problem=found, status=HTTPStatus.BAD_REQUEST)

    def _sign_out(self, request: Request, person: Person, *, everywhere: bool) -> None:
        write_deed(self._doorway.home, person.name, "sign out everywhere" if everywhere else "sign out")
        self._door.end(request.cookies)
        if everywhere:
            self._people.end_sessions(person.name)

    def _page(
        self, person: Person, *, done: str = "", problem: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        at = self._doorway.at
        password = Form(
            action=at(_PASSWORD),
            button="Change password",
            title="Password",
            fields=[
                Field("old", "Current password", "current-password", is_secret=True),
                Field("new", "New password", "new-password", is_secret=True),
                Field("again", "New password again", "new-password", is_secret=True),
            ],
            is_quiet=True,
        )
        everywhere = Form(
            action=at(_EVERYWHERE),
            button="Sign out everywhere",
            words="Ends your sessions in all browsers, also on devices that you no longer have.",
            is_quiet=True,
        )
        actions = [Link(at("actions"), "Who did what")] if person.role.includes(Role.ADMINISTER) else []
        return form_page(
            person.name,
            lines=[f"Your role is “{person.role}”: you may {ROLES[person.role]}."],
            done=done,
            problem=problem,
            forms=[
                Form(action=at(SIGN_OUT), button="Sign out"),
                everywhere,
                *([password] if self._door.takes_passwords else []),
            ],
            links=[*actions, Link(f"{self._doorway.path}/", "Back to Fitboard")],
            status=status,
        )
