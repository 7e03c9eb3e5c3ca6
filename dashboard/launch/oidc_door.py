"""Signing in at an OpenID Connect provider, by the routes of Streamlit's own `st.login`."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.deeds import write_deed
from dashboard.access.oidc import CALLBACK, LOGIN, LOGOUT, OidcPeople, login_address
from dashboard.access.people import People, Person
from dashboard.launch.doorway import ACCOUNT, Doorway
from dashboard.launch.forms import Link, form_page
from trainer.errors import FitboardError

__all__ = ["OidcDoor"]

_WANTED: Final = "fitboard_wanted"
_WANTED_SECONDS = 900


class OidcDoor:
    """Lets people in whom a provider has sent, and who are in the home's file by their e-mail address.

    Args:
        doorway: where people sign in.
        providers: the names of the providers.
    """

    routes = frozenset({f"/{LOGIN}", f"/{LOGOUT}", f"/{CALLBACK}"})
    takes_passwords = False

    def __init__(self, doorway: Doorway, providers: Sequence[str]) -> None:
        self._doorway, self._providers = doorway, providers
        self._people, self._oidc = People.of(doorway.home), OidcPeople.of(doorway.home)

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return who has signed in with a browser, or None."""
        return self._oidc.person(cookies)

    async def sign_in(self, request: Request) -> Response:
        """Answer a request for the page with a link to each provider; a cookie keeps the address that was wanted."""
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("Expected GET.\n", HTTPStatus.METHOD_NOT_ALLOWED)
        email = self._oidc.email(request.cookies)
        is_stranger = email is not None and self._is_unknown(email)
        stranger = f"{email} may not use this Fitboard; ask its administrator, or sign in as someone else."
        answer = form_page(
            "Sign in to Fitboard",
            problem=stranger if is_stranger else "",
            links=[
                Link(
                    self._doorway.at(login_address(name)),
                    f"Sign in with {'your organization' if name == 'default' else name}",
                    is_button=True,
                )
                for name in self._providers
            ],
            status=HTTPStatus.FORBIDDEN if is_stranger else HTTPStatus.OK,
        )
        wanted = request.query_params.get("next", "")
        if wanted:
            self._doorway.keep(answer, _WANTED, self._doorway.inside(wanted), seconds=_WANTED_SECONDS)
        return answer

    async def change_password(self, person: Person, request: Request, old: str, new: str) -> str | Response:
        """Return that there is nothing to change."""
        return "Your password is that of your organization; change it there."

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of a browser. Raises ResourceError if the home cannot be written."""
        self._oidc.end(cookies)

    def leave(self, app: ASGIApp, scope: Scope) -> ASGIApp:
        """Return Streamlit's response, which removes its cookies and leads to the provider's own sign-out."""
        path = self._doorway.at(LOGOUT)
        asked = {**scope, "method": "GET", "path": path, "raw_path": path.encode()}

        async def answer(_: Scope, receive: Receive, send: Send) -> None:
            await app(asked, receive, partial(_refreshed, send))

        return answer

    async def pass_on(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one of `routes`."""
        below = scope["path"].removeprefix(self._doorway.path)
        if below == f"/{LOGOUT}":
            # By GET, a page of another site could sign people out with an image.
            await RedirectResponse(self._doorway.at(ACCOUNT), HTTPStatus.SEE_OTHER)(scope, receive, send)
            return
        wanted = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie"))).get(_WANTED, "")

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._arrived(message, wanted, is_callback=below == f"/{CALLBACK}")
            await send(message)

        await app(scope, receive, send_on)

    def _arrived(self, message: Message, wanted: str, *, is_callback: bool) -> None:
        """Mark Streamlit's cookies as secure; send who has come from the provider where they wanted to go."""
        headers = MutableHeaders(scope=message)
        cookies = headers.getlist("set-cookie")
        if self._doorway.is_secure:
            del headers["set-cookie"]
            for line in cookies:
                headers.append("set-cookie", line if "secure" in line.lower() else f"{line}; Secure")
        person = self._oidc.person(_values(cookies)) if is_callback else None
        if person is None:
            return
        try:
            write_deed(self._doorway.home, person.name, "sign in")
        except FitboardError as error:
            logging.getLogger(__name__).error("%s", error)
        if wanted:
            to = RedirectResponse(self._doorway.inside(wanted))
            self._doorway.drop(to, _WANTED)
            headers["location"] = to.headers["location"]
            headers.append("set-cookie", to.headers["set-cookie"])

    def _is_unknown(self, email: str) -> bool:
        try:
            return self._people.get(email) is None
        except FitboardError as error:
            logging.getLogger(__name__).error("%s", error)
            return False


async def _refreshed(send: Send, message: Message) -> None:
    """Send a redirection as a page that goes there by itself.

    The policy `form-action 'self'` also forbids where a form's response leads to.
    """
    if message["type"] == "http.response.start" and message["status"] in {302, 303, 307}:
        headers = MutableHeaders(scope=message)
        headers["refresh"] = f"0; url={headers['location']}"
        del headers["location"]
        message["status"] = HTTPStatus.OK.value
    await send(message)


def _values(lines: Sequence[str]) -> dict[str, str]:
    """Return the values of `Set-Cookie` headers; those of cookies that are deleted are empty."""
    found: dict[str, str] = {}
    for line in lines:
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        except CookieError:
            continue
    return found
