"""People who sign in at their organization by OpenID Connect: Streamlit's own `st.login`, and who of them is let in."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from streamlit import config
from streamlit.auth_util import encode_provider_token, get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_server_config import AUTH_COOKIE_MAX_AGE_SECONDS, USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dashboard.access.ended_sessions import EndedSessions
from dashboard.access.people import People, Person
from trainer.errors import ConfigError, FitboardError
from trainer.home import Home

__all__ = ["CALLBACK", "LOGIN", "LOGOUT", "OidcPeople", "login_address", "read_secrets", "secrets_file"]

LOGIN: Final = "auth/login"
LOGOUT: Final = "auth/logout"
CALLBACK: Final = "oauth2callback"
"""The addresses of Streamlit's own sign-in, below the path of the pages."""

_NEEDED = ("redirect_uri", "cookie_secret")
_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
_DEFAULT = "default"


def secrets_file(home: Home) -> Path:
    """Return the file with the settings of the providers, as Streamlit documents them for `st.login`."""
    return home.path / "secrets.toml"


def read_secrets(home: Home) -> tuple[str, ...]:
    """Let Streamlit read a home's secrets, and return the names of the providers.

    Raises:
        ConfigError: the file is missing or lacks a setting, or Authlib is not installed.
    """
    file = secrets_file(home)
    if not file.is_file():
        raise ConfigError(
            f"--sign-in oidc needs {file} with an [auth] section: {', '.join((*_NEEDED, *_OF_PROVIDER))}, as Streamlit "
            "documents it for st.login."
        )
    try:
        import authlib  # type: ignore[import-untyped]  # noqa: F401 - only looked for
    except ImportError:
        raise ConfigError("--sign-in oidc requires Authlib; install fitboard[oidc].") from None
    try:
        # Streamlit takes a file that it cannot read for one that is not there.
        tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read ({error}); correct it as TOML.") from None
    config.set_option("secrets.files", [str(file)])
    secrets_singleton.load_if_toml_exists()
    section: Mapping[str, Any] = get_secrets_auth_section().to_dict()
    providers = {name: each for name, each in section.items() if isinstance(each, dict) and "client_id" in each}
    if not providers:
        providers = {_DEFAULT: dict(section)}
    missing = [name for name in _NEEDED if not section.get(name)]
    missing += [name for name in _OF_PROVIDER if not all(each.get(name) for each in providers.values())]
    if missing:
        raise ConfigError(f"The [auth] section of {file} lacks {', '.join(missing)}; add what the provider gave you.")
    return tuple(providers)


class OidcPeople:
    """Reads who has signed in from Streamlit's signed cookie; only people in the home's file are let in, by e-mail.

    Args:
        people: names of the form `anna@example.org`, with their roles.
        ended: the sessions that people have ended.
    """

    def __init__(self, people: People, ended: EndedSessions) -> None:
        self._people, self._ended = people, ended

    @classmethod
    def of(cls, home: Home) -> "OidcPeople":
        """Return the people of a home."""
        return cls(People.of(home), EndedSessions.of(home))

    def email(self, cookies: Mapping[str, str]) -> str | None:
        """Return the verified e-mail address of whoever has signed in, in lower case; None if nobody has."""
        fields = _claims(_content(cookies))
        # A cookie of another Fitboard, which shares the secret, is not for this one.
        is_ours = fields.get("is_logged_in") is True and fields.get("origin") == get_origin_from_redirect_uri()
        email = fields.get("email")
        is_verified = fields.get("email_verified", True) in (True, "true")
        return email.lower() if is_ours and is_verified and isinstance(email, str) and email else None

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return the person, or None if nobody has signed in, or someone who is not in the file."""
        email, content = self.email(cookies), _content(cookies)
        begun = _claims(content).get("iat")
        try:
            until = 0.0 if email is None else self._people.sessions_ended(email)
            # A provider that does not tell when a session began cannot have it outlive `sign out everywhere`.
            has_ended = content in self._ended or (until > 0 and not (isinstance(begun, int | float) and begun > until))
            return None if email is None or has_ended else self._people.get(email)
        except FitboardError:
            return None

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of a browser, also for whoever has copied its cookie.

        Raises:
            ResourceError: the home cannot be written.
        """
        if self.email(cookies) is not None:
            self._ended.end(_content(cookies), lasting=AUTH_COOKIE_MAX_AGE_SECONDS)


def login_address(provider: str) -> str:
    """Return the address, below the path of the pages, where Streamlit sends a browser to the provider."""
    return f"{LOGIN}?provider={encode_provider_token(provider)}"


def _content(cookies: Mapping[str, str]) -> str:
    """Return the JSON in Streamlit's cookie, if its signature is right; else an empty string."""
    return (_get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME) or b"").decode(errors="replace")


def _claims(content: str) -> Mapping[str, Any]:
    """Return what the provider said of whoever has signed in."""
    try:
        fields = json.loads(content or "{}")
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}
