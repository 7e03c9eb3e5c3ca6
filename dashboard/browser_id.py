"""The opaque id that a browser keeps in a cookie, by which it finds its draft again."""

import re
import secrets
from typing import TypeGuard

__all__ = ["COOKIE", "is_browser_id", "new_browser_id"]

COOKIE = "fitboard_browser"
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


def new_browser_id() -> str:
    """Return an id that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(32)


def is_browser_id(found: object) -> TypeGuard[str]:
    """Whether a cookie holds an id such as `new_browser_id` makes, and not something made up."""
    return isinstance(found, str) and _FORM.fullmatch(found) is not None
