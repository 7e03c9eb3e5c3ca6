"""The random id, kept in a cookie, that identifies a browser's draft."""

import re
import secrets
from typing import TypeGuard

__all__ = ["COOKIE", "is_browser_id", "new_browser_id"]

COOKIE = "fitboard_browser"
# 32 bytes in base64 without padding.
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


def new_browser_id() -> str:
    """Return an id that cannot be guessed: 256 random bits."""
    return secrets.token_urlsafe(32)


def is_browser_id(found: object) -> TypeGuard[str]:
    """Return whether a cookie's value has the form of an id from `new_browser_id`."""
    return isinstance(found, str) and _FORM.fullmatch(found) is not None
