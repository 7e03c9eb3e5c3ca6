"""People who may sign in: their names, roles and hashes of passwords, in one file of the home."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from werkzeug.security import check_password_hash, generate_password_hash

from trainer.data.files import write_whole
from trainer.errors import ConfigError, ResourceError
from trainer.format import cut
from trainer.home import Home

__all__ = ["ROLES", "SHORTEST_PASSWORD", "People", "Person", "Role"]

SHORTEST_PASSWORD: Final = 10
"""Characters of the shortest password that is accepted."""

_LONGEST_NAME, _LONGEST_PASSWORD = 100, 1_000
_HASH, _ROLE = "password", "role"


class Role(StrEnum):
    """What a person may do; each role includes those before it."""

    LOOK = "look"
    RUN = "run"
    ADMINISTER = "administer"

    def includes(self, other: "Role") -> bool:
        """Return whether this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


ROLES: Mapping[Role, str] = {
    Role.LOOK: "look at runs and data, and export them",
    Role.RUN: "also train, stop, resume, name and tag runs, and add data",
    Role.ADMINISTER: "also delete and restore runs, move them between experiments, and remove data",
}
"""What each role may do, in words."""


@dataclass(frozen=True)
class Person:
    """Someone who has signed in; `name` is a user name or an e-mail address."""

    name: str
    role: Role


class People:
    """The people in a file; every call reads the file again, so that a change takes effect at once.

    Args:
        path: a YAML file of names, each with its `role`, and the hash of its `password` unless the person signs in
            elsewhere; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of(cls, home: Home) -> "People":
        """Return the people of a home."""
        return cls(home.path / "people.yaml")

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def __iter__(self) -> Iterator[Person]:
        """Yield everyone by name.

        Raises:
            ConfigError: the file is not valid.
            ResourceError: it cannot be read.
        """
        for name, fields in sorted(self._read().items()):
            yield Person(name, Role(fields[_ROLE]))

    def get(self, name: str) -> Person | None:
        """Return the person of that name, or None; raises as iteration."""
        fields = self._read().get(name)
        return None if fields is None else Person(name, Role(fields[_ROLE]))

    def fingerprint(self, name: str) -> str:
        """Return a text that changes with the person's password, for a session to end with it; empty for no one."""
        fields = self._read().get(name)
        # The salt, which is new with every password; it reveals nothing of the hash.
        return "" if fields is None or _HASH not in fields else str(fields[_HASH]).split("$")[1]

    def signed_in(self, name: str, password: str) -> Person | None:
        """Return the person if the password is theirs, else None; an unknown name takes as long as a wrong password."""
        fields = self._read().get(name, {})
        is_right = check_password_hash(str(fields.get(_HASH) or _nobody()), password[:_LONGEST_PASSWORD])
        return Person(name, Role(fields[_ROLE])) if _HASH in fields and is_right else None

    def put(self, name: str, role: Role, password: str | None = None) -> bool:
        """Add a person, or change role and, if given, password of one; return whether the person is new.

        A person without a password signs in elsewhere, by OpenID Connect.

        Raises:
            ConfigError: the name or the password is not acceptable.
            ResourceError: the file cannot be written.
        """
        people = self._read()
        known = people.get(_checked_name(name))
        fields = {**(known or {}), _ROLE: str(role)} | ({} if password is None else {_HASH: _hash(password)})
        self._write({**people, name: fields})
        return known is None

    def remove(self, name: str) -> None:
        """Remove a person, whose sessions end at once.

        Raises:
            ConfigError: there is no such person.
            ResourceError: the file cannot be written.
        """
        people = self._read()
        if name not in people:
            raise ConfigError(f"{name!r} is not in {self._path}; `fitboard person list` shows who is.")
        self._write({each: fields for each, fields in people.items() if each != name})

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ResourceError(f"{self._path} cannot be read ({error}); check its permissions.") from error
        try:
            found = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise ConfigError(f"{self._path} is not valid YAML ({str(error).splitlines()[0]}).") from error
        if not isinstance(found, dict) or not all(map(_is_entry, found.values())):
            raise ConfigError(
                f"{self._path} is not a list of people; each needs a role ({', '.join(Role)}), and the hash of a "
                "password if it has one. Write it with `fitboard person add`."
            )
        return {str(name): fields for name, fields in found.items()}

    def _write(self, people: Mapping[str, Mapping[str, str]]) -> None:
        text = yaml.safe_dump({name: dict(fields) for name, fields in people.items()}, allow_unicode=True)
        write_whole(self._path, lambda file: file.write(text.encode()))


def _is_entry(fields: object) -> bool:
    return (
        isinstance(fields, dict)
        and fields.get(_ROLE) in set(Role)
        and (_HASH not in fields or (isinstance(fields[_HASH], str) and fields[_HASH].count("$") == 2))
    )


def _checked_name(name: str) -> str:
    if not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ConfigError(
            f"The name {cut(name, 40)!r} is not valid; expected 1 to {_LONGEST_NAME} printable characters without "
            "spaces at its ends."
        )
    return name


def _hash(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise ConfigError(
            f"The password has {len(password)} characters; expected {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD:,}."
        )
    return generate_password_hash(password)


@cache
def _nobody() -> str:
    return generate_password_hash("nobody has this password")
