"""People who may sign in: their names, roles and hashes of passwords, in one file of the home."""

import contextlib
import fcntl
import os
import time
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from trainer.data.files import write_whole
from trainer.data.sources.file import FileState, state_to_keep
from trainer.errors import ConfigError, ResourceError
from trainer.format import cut
from trainer.home import Home

__all__ = ["ROLES", "People", "Person", "Role", "same_name"]

_LONGEST_NAME = 100
_HASH, _ROLE, _ENDED = "password", "role", "sessions_ended"


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
    Role.ADMINISTER: "also delete and restore runs, move them between experiments, remove data, and see who did what",
}
"""What each role may do, in words."""


@dataclass(frozen=True)
class Person:
    """Someone who has signed in; `name` is a user name or an e-mail address, as the file has it."""

    name: str
    role: Role


def same_name(name: str) -> str:
    """Return what two spellings of one name have in common: upper and lower case of an e-mail address are the same.

    >>> same_name("Anna@Example.org"), same_name("Anna")
    ('anna@example.org', 'Anna')
    """
    # Keyboards differ in how they type an accent.
    composed = unicodedata.normalize("NFC", name)
    return composed.casefold() if "@" in composed else composed


class People:
    """The people in a file. A change takes effect at once: every call looks whether the file is as it was.

    Args:
        path: a YAML file of names, each with its `role`, the hash of its `password` unless the person signs in
            elsewhere, and `sessions_ended`, seconds since 1970, if all sessions that began until then have ended. It
            need not exist.
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
        for entry in sorted(self._read().values(), key=lambda each: each.name):
            yield entry.person

    def get(self, name: str) -> Person | None:
        """Return the person of that name, or None; raises as iteration."""
        entry = self._read().get(same_name(name))
        return None if entry is None else entry.person

    def fingerprint(self, name: str) -> str:
        """Return a text that changes with the person's password, for a session to end with it; empty for no one."""
        entry = self._read().get(same_name(name))
        # The salt, which is new with every password; it reveals nothing of the hash.
        return "" if entry is None or entry.hash is None else entry.hash.split("$")[1]

    def sessions_ended(self, name: str) -> float:
        """Return until when a person's sessions began that have all ended, in seconds since 1970; 0 if none have."""
        entry = self._read().get(same_name(name))
        return 0.0 if entry is None else float(entry.fields.get(_ENDED, 0.0))

    def signed_in(self, name: str, password: str) -> Person | None:
        """Return the person if the password is theirs, else None; an unknown name takes as long as a wrong password."""
        from dashboard.access.passwords import is_password

        entry = self._read().get(same_name(name))
        is_right = is_password(None if entry is None else entry.hash, password)
        return entry.person if entry is not None and is_right else None

    def put(self, name: str, role: Role, password: str | None = None) -> bool:
        """Add a person, or change role and, if given, password of one; return whether the person is new.

        A person without a password signs in elsewhere, by OpenID Connect.

        Raises:
            ConfigError: the name or the password is not acceptable.
            ResourceError: the file cannot be written.
        """
        hashed = {} if password is None else {_HASH: _hash_of(password)}
        with self._changing() as people:
            known = people.get(same_name(_checked_name(name)))
            fields = {**(known.fields if known else {}), _ROLE: str(role)} | hashed
            people[same_name(name)] = _Entry(known.name if known else name, fields)
        return known is None

    def set_password(self, name: str, password: str) -> None:
        """Change the password of a person, whose sessions end.

        Raises:
            ConfigError: there is no such person, or the password is not acceptable.
            ResourceError: the file cannot be written.
        """
        hashed = _hash_of(password)
        with self._changing() as people:
            entry = people[self._known(people, name)]
            people[same_name(name)] = _Entry(entry.name, {**entry.fields, _HASH: hashed})

    def end_sessions(self, name: str, *, now: float | None = None) -> None:
        """End all sessions of a person that have begun; raises as `remove`."""
        with self._changing() as people:
            entry = people[self._known(people, name)]
            ended = {_ENDED: time.time() if now is None else now}
            people[same_name(name)] = _Entry(entry.name, {**entry.fields, **ended})

    def remove(self, name: str) -> None:
        """Remove a person, whose sessions end at once.

        Raises:
            ConfigError: there is no such person.
            ResourceError: the file cannot be written.
        """
        with self._changing() as people:
            del people[self._known(people, name)]

    def _known(self, people: Mapping[str, "_Entry"], name: str) -> str:
        if same_name(name) not in people:
            raise ConfigError(f"{name!r} is not in {self._path}; `fitboard person list` shows who is.")
        return same_name(name)

    def _read(self) -> Mapping[str, "_Entry"]:
        try:
            return _entries(self._path, state_to_keep(self._path))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ResourceError(f"{self._path} cannot be read ({error}); check its permissions.") from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, "_Entry"]]:
        """Hand out the people, and write what the block made of them; others that want to change them wait."""
        lock = self._path.with_suffix(".lock")
        try:
            file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ResourceError(f"{lock} cannot be written ({error.strerror}); check its permissions.") from error
        try:
            # Without it, a password that is changed while someone is removed would bring that person back.
            fcntl.flock(file, fcntl.LOCK_EX)
            people = dict(self._read())
            yield people
            plain = {entry.name: dict(entry.fields) for entry in people.values()}
            text = yaml.safe_dump(plain, allow_unicode=True)
            write_whole(self._path, lambda stream: stream.write(text.encode()))
        finally:
            os.close(file)


@dataclass(frozen=True)
class _Entry:
    """A person as the file has it."""

    name: str
    fields: Mapping[str, Any]

    @property
    def person(self) -> Person:
        return Person(self.name, Role(self.fields[_ROLE]))

    @property
    def hash(self) -> str | None:
        return self.fields.get(_HASH)


# The state is only part of the key, so that a changed file is read again.
@lru_cache(maxsize=4)
def _entries(path: Path, state: FileState) -> Mapping[str, _Entry]:
    try:
        found = yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML ({str(error).splitlines()[0]}).") from error
    if not isinstance(found, dict) or not all(map(_is_entry, found.values())):
        raise ConfigError(
            f"{path} is not a list of people; each needs a role ({', '.join(Role)}), and the hash of a "
            "password if it has one. Write it with `fitboard person add`."
        )
    people = {same_name(str(name)): _Entry(str(name), fields) for name, fields in found.items()}
    if len(people) < len(found):
        raise ConfigError(f"{path} has two entries for one e-mail address, in upper and lower case; remove one.")
    return people


def _is_entry(fields: object) -> bool:
    return (
        isinstance(fields, dict)
        and fields.get(_ROLE) in set(Role)
        and (_HASH not in fields or (isinstance(fields[_HASH], str) and fields[_HASH].count("$") == 2))
        and isinstance(fields.get(_ENDED, 0.0), int | float)
    )


def _checked_name(name: str) -> str:
    if not name.strip() or name != name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ConfigError(
            f"The name {cut(name, 40)!r} is not valid; expected 1 to {_LONGEST_NAME} printable characters without "
            "spaces at its ends."
        )
    return name


def _hash_of(password: str) -> str:
    from dashboard.access.passwords import hash_of

    return hash_of(password)
