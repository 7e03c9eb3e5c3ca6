"""People who sign in at their organization by OpenID Connect: Streamlit's own `st.login`, and who of them is let in."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from streamlit import config
from streamlit.auth_util import encode_provider_token, get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dashboard.access.people import People, Person
from trainer.errors import ConfigError
from trainer.home import Home

__all__ = ["LOGOUT", "ROUTES", "OidcPeople", "login_address", "read_secrets", "secrets_file"]

_LOGIN, LOGOUT = "auth/login", "auth/logout"
ROUTES: Final = frozenset({f"/{_LOGIN}", f"/{LOGOUT}", "/oauth2callback"})
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
    """

    def __init__(self, people: People) -> None:
        self._people = people

    def email(self, cookies: Mapping[str, str]) -> str | None:
        """Return the verified e-mail address of whoever has signed in, in lower case; None if nobody has."""
        content = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
        try:
            fields = json.loads(content) if content else {}
        except ValueError:
            return None
        # A cookie of another Fitboard, which shares the secret, is not for this one.
        is_ours = fields.get("is_logged_in") is True and fields.get("origin") == get_origin_from_redirect_uri()
        email = fields.get("email")
        is_verified = fields.get("email_verified", True) in {True, "true"}
        return email.lower() if is_ours and is_verified and isinstance(email, str) and email else None

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return the person, or None if nobody has signed in, or someone who is not in the file."""
        email = self.email(cookies)
        return None if email is None else self._people.get(email)


def login_address(provider: str) -> str:
    """Return the address, below the path of the pages, where Streamlit sends a browser to the provider."""
    return f"{_LOGIN}?provider={encode_provider_token(provider)}"
