"""Addresses of stores without their secrets: what is shown and kept masks them, and what is passed on has none."""

import os
import re
from collections.abc import MutableMapping
from urllib.parse import unquote

__all__ = ["masked", "move_login", "without_login", "without_secrets"]

_MASK = "***"
_SHORTEST = 4
"""Characters of a secret that is looked for in a text by itself; a shorter one stands in many words."""

_HTTP = {"http", "https"}
_IN_QUERY = re.compile(r"(?i)([?&](?:ssl_?)?(?:password|passwd|pwd|token|secret)=)([^&#]*)")


def masked(uri: str) -> str:
    """The address as it may be shown: `http://me:***@host`. A name without a password may be a token on http."""
    scheme, login, rest = _parts(uri)
    name, colon, _ = login.partition(":")
    if colon:
        login = f"{name}:{_MASK}"
    elif login and scheme in _HTTP:
        login = _MASK
    return _IN_QUERY.sub(rf"\1{_MASK}", f"{scheme}://{login}@{rest}" if login else uri)


def without_secrets(text: str, uri: str) -> str:
    """A text, such as another library's error, without what `masked` hides of the address."""
    scheme, login, _ = _parts(uri)
    name, colon, password = login.partition(":")
    secrets = [password if colon or scheme not in _HTTP else name, *(value for _, value in _IN_QUERY.findall(uri))]
    for secret in {form for each in secrets for form in (each, unquote(each)) if form}:
        text = text.replace(f":{secret}@", f":{_MASK}@")
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, _MASK)
    return text


def move_login(uri: str, environment: MutableMapping[str, str] = os.environ) -> str:
    """The address without the login of an http server, which goes where MLflow reads it: into the environment.

    No request's error, link, file or command line has it then. Databases' addresses stay as they are, and so does a
    name alone, which MLflow would not send.
    """
    scheme, login, _ = _parts(uri)
    name, _, password = login.partition(":")
    if not password or scheme not in _HTTP:
        return uri
    environment["MLFLOW_TRACKING_USERNAME"] = unquote(name)
    environment["MLFLOW_TRACKING_PASSWORD"] = unquote(password)
    return without_login(uri)


def without_login(uri: str) -> str:
    """The address of a server for a browser, which asks for the login itself."""
    scheme, login, rest = _parts(uri)
    return f"{scheme}://{rest}" if login else uri


def _parts(uri: str) -> tuple[str, str, str]:
    """Scheme, login and the rest. A login ends at the last `@`, since people do not encode their passwords."""
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme.startswith("sqlite"):
        return scheme, "", rest
    login, at, host = rest.rpartition("@")
    return scheme.lower(), login, host if at else rest
