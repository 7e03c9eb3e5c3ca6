"""Tracking URIs without their secrets: masked where they are shown or stored, removed where they are passed on."""

import os
import re
from collections.abc import MutableMapping
from urllib.parse import unquote

__all__ = ["masked", "move_login", "without_login", "without_secrets"]

_MASK = "***"
# Shortest secret, in characters, that is masked wherever it occurs; a shorter one occurs in many words.
_SHORTEST = 4

_HTTP = {"http", "https"}
_IN_QUERY = re.compile(r"(?i)([?&](?:(?:ssl_?)?(?:password|passwd|pwd|token|secret)|odbc_connect)=)([^&#]*)")
# Characters at which URI parsers end a part, also inside a password that is not percent-encoded.
_ENDS_PART = re.compile("[@:/?#]")


def masked(uri: str) -> str:
    """Mask the secrets of a URI for display: `http://me:***@host`. A user name without a password may be a token."""
    uri = _IN_QUERY.sub(rf"\1{_MASK}", uri)  # first, since a password in there may hold an @
    scheme, login, rest = _parts(uri)
    name, colon, _ = login.partition(":")
    if colon:
        login = f"{name}:{_MASK}"
    elif login and scheme in _HTTP:
        login = _MASK
    return f"{scheme}://{login}@{rest}" if login else uri


def without_secrets(text: str, uri: str) -> str:
    """Remove from a text, such as another library's error, the secrets that `masked` hides."""
    scheme, login, _ = _parts(_IN_QUERY.sub(r"\1", uri))
    name, colon, password = login.partition(":")
    secrets = [password if colon or scheme not in _HTTP else name, *(value for _, value in _IN_QUERY.findall(uri))]
    forms = {form for each in secrets for form in (each, unquote(each)) if form}
    parts = {part for form in forms for part in _ENDS_PART.split(form) if part}
    for secret in sorted(forms | parts, key=len, reverse=True):  # a part would leave the rest of the whole
        text = text.replace(f"{secret}@", f"{_MASK}@")
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, _MASK)
    return text


def move_login(uri: str, environment: MutableMapping[str, str] = os.environ) -> str:
    """Move the credentials of an HTTP server from its URI to the environment, where MLflow reads them.

    Error messages, links, files and command lines then contain none. URIs of databases remain unchanged, and so does a
    user name without a password, which MLflow would not send.
    """
    scheme, login, _ = _parts(uri)
    name, _, password = login.partition(":")
    if not password or scheme not in _HTTP:
        return uri
    environment["MLFLOW_TRACKING_USERNAME"] = unquote(name)
    environment["MLFLOW_TRACKING_PASSWORD"] = unquote(password)
    return without_login(uri)


def without_login(uri: str) -> str:
    """Return the URL of a server for a browser, which asks for credentials itself."""
    scheme, login, rest = _parts(uri)
    return f"{scheme}://{rest}" if login else uri


def _parts(uri: str) -> tuple[str, str, str]:
    """Scheme, login and the rest. A login ends at the last `@`, since people do not encode their passwords."""
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme.startswith("sqlite"):
        return scheme, "", rest
    login, at, host = rest.rpartition("@")
    return scheme.lower(), login, host if at else rest
