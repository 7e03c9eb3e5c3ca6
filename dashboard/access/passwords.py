"""Hashes of passwords, by Werkzeug's scrypt. Imported late, since only those who sign in with a password need it."""

from typing import Final

from werkzeug.security import check_password_hash, generate_password_hash

from trainer.errors import ConfigError

__all__ = ["SHORTEST_PASSWORD", "hash_of", "is_password"]

SHORTEST_PASSWORD: Final = 10
"""Characters of the shortest password that is accepted."""

_LONGEST_PASSWORD = 1_000
# In the form of Werkzeug's own, so that checking it takes as long; no password has it.
_NOBODY = f"scrypt:32768:8:1$nobody${'0' * 128}"


def hash_of(password: str) -> str:
    """Return a salted hash.

    Raises:
        ConfigError: the password is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise ConfigError(
            f"The password has {len(password)} characters; expected {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD:,}."
        )
    return generate_password_hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Return whether a password has this hash; without one, return False after the same time."""
    is_right = check_password_hash(hashed or _NOBODY, password[:_LONGEST_PASSWORD])
    return is_right and hashed is not None
