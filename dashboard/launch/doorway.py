"""What both ways to sign in share: the addresses, the cookies, and what a way to sign in offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access.people import Person
from trainer.home import Home

__all__ = ["ACCOUNT", "SIGN_IN", "SIGN_OUT", "SORRY", "Door", "Doorway"]

SIGN_IN: Final = "sign-in"
SIGN_OUT: Final = "sign-out"
ACCOUNT: Final = "account"
"""The addresses below the path of the pages."""

SORRY: Final = "Signing in is not possible at the moment; the dashboard's log says why."
"""What a stranger is told of an error, whose words would name files of this machine."""


@dataclass(frozen=True, kw_only=True)
class Doorway:
    """Where people sign in.

    Args:
        home: the home with the people, and for what they did.
        path: the path of the pages, such as `/fitboard` or an empty string.
        is_secure: whether browsers use HTTPS.
    """

    home: Home
    path: str
    is_secure: bool

    def at(self, page: str) -> str:
        """Return the address of a page: `/fitboard/sign-in`."""
        return f"{self.path}/{page}"

    def inside(self, wanted: str) -> str:
        """Return the address on this site that a person wanted, never one of another site."""
        parts = urlsplit(wanted) if wanted.isprintable() else urlsplit("")
        is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{self.path}/")
        plain = wanted if is_ours and not wanted.startswith(("//", "/\\")) and "\\" not in wanted else ""
        return plain or f"{self.path}/"

    def keep(self, response: Response, cookie: str, value: str, *, seconds: int) -> None:
        """Set a cookie that scripts cannot read and that requests of other sites do not carry."""
        response.set_cookie(
            cookie,
            value,
            max_age=seconds,
            path=self.path or "/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, cookie: str) -> None:
        """Delete a cookie."""
        response.delete_cookie(cookie, path=self.path or "/", secure=self.is_secure, httponly=True, samesite="lax")


class Door(Protocol):
    """A way to sign in: by a password, or elsewhere."""

    routes: frozenset[str]
    """Addresses, below the path of the pages, that `pass_on` answers for strangers too."""

    takes_passwords: bool
    """Whether people have a password here."""

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return who has signed in with a browser, or None."""

    async def sign_in(self, request: Request) -> Response:
        """Answer a request for the sign-in page, or its form."""

    async def change_password(self, person: Person, request: Request, old: str, new: str) -> str | Response:
        """Change the password of a person who knows the old one; return what is wrong, or the response."""

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of a browser. Raises ResourceError if the home cannot be written."""

    def leave(self, app: ASGIApp, scope: Scope) -> ASGIApp:
        """Return the response to a person whose session was ended."""

    async def pass_on(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for one of `routes`."""
