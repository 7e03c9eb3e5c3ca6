"""The library: the datasets that a home keeps under names."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from pydantic import ValidationError

from trainer.config import nearest
from trainer.data.files import write_whole
from trainer.data.library.changes import changes
from trainer.data.library.copies import remove_copy
from trainer.data.library.entry import Entry, Version
from trainer.data.profile import FileKind
from trainer.data.profile.versions import digest_of_data, reads_other_files
from trainer.errors import DataError, ResourceError
from trainer.home import Home

__all__ = ["Library", "State", "check_name"]

_NAME = re.compile(r"[\w][\w .+-]{0,59}")
_LARGEST = 64 * 2**20


class State(StrEnum):
    """How the file of an entry compares with its newest version."""

    CURRENT = "current"
    CHANGED = "changed"
    MISSING = "missing"


class Library:
    """The entries in a home, a JSON file each."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.data / "library"

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries by name; files that are not entries are left out."""
        if not self._folder.is_dir():
            return ()
        names = sorted((unquote(path.stem) for path in self._folder.glob("*.json")), key=str.casefold)
        return tuple(entry for name in names if (entry := self._read(name)) is not None)

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes whenever an entry does: name, time of change in nanoseconds and size of each file."""
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                status = path.stat()
            except OSError:  # removed in between
                continue
            found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)

    def get(self, name: str) -> Entry:
        """Return the entry of this name.

        Raises:
            DataError: If there is none; the message names a similar one.
        """
        found = self._read(name) if _NAME.fullmatch(name) else None
        if found is None:
            near = nearest(name, [entry.name for entry in self.entries()])
            hint = f"did you mean {near!r}?" if near else "`fitboard data list` shows all."
            raise DataError(f"Dataset {name!r} not found; {hint}")
        return found

    def has(self, name: str) -> bool:
        """Return whether there is an entry of this name."""
        return bool(_NAME.fullmatch(name)) and self._read(name) is not None

    def keep(self, name: str, kind: FileKind, dataset: Mapping[str, Any], version: Version) -> tuple[str, ...]:
        """Keep a dataset under a name; if the name exists, add a version, and return what changed since the newest.

        Raises:
            DataError: If the name cannot be used, or belongs to a dataset of another kind.
            ResourceError: If home cannot be written.
        """
        check_name(name)
        earlier = self._read(name)
        if earlier is not None and earlier.kind is not kind:
            raise DataError(
                f"Dataset {name!r} is of the kind {earlier.kind}, but the file is {kind}; choose another name, or "
                "remove the dataset first."
            )
        versions = earlier.versions if earlier else ()
        changed = changes(versions[-1], version) if versions else ()
        if versions and versions[-1].digest == version.digest:
            # The same content again: only where it is may be new.
            versions = versions[:-1]
        self._write(Entry(name=name, kind=kind, dataset=dict(dataset), versions=(*versions, version)))
        return changed

    def change(self, entry: Entry, dataset: Mapping[str, Any]) -> Entry:
        """Replace the fields of an entry's dataset and return the new entry.

        Raises:
            ResourceError: If home cannot be written.
        """
        changed = entry.model_copy(update={"dataset": dict(dataset)})
        self._write(changed)
        return changed

    def remove(self, name: str, *, copies: bool = False) -> int:
        """Remove an entry and, if `copies`, the copies in home that no other entry uses; return the bytes freed.

        Raises:
            DataError: If there is no such entry.
            ResourceError: If something cannot be removed.
        """
        entry = self.get(name)
        freed = 0
        if copies:
            others = {v.copy_path for each in self.entries() if each.name != entry.name for v in each.versions}
            own = {version.copy_path for version in entry.versions}
            freed = sum(remove_copy(Path(path), home=self._home) for path in own - others if path)
        try:
            self._file(entry.name).unlink()
        except OSError as error:
            raise ResourceError(f"Dataset {name!r} cannot be removed ({error.strerror}); check permissions.") from error
        return freed

    def state(self, entry: Entry) -> State:
        """Return whether the file of an entry is there and as it was; its content is read only if it was written."""
        path = Path(str(entry.dataset.get("path")))
        try:
            if not path.exists():
                return State.MISSING
            status = path.stat()
            is_as_it_was = entry.newest.stamp == (status.st_size, status.st_mtime_ns)
            if is_as_it_was and not reads_other_files(path, entry.dataset):
                return State.CURRENT
            return State.CURRENT if digest_of_data(path, entry.dataset) == entry.newest.digest else State.CHANGED
        except (OSError, DataError):
            return State.MISSING

    def _file(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe=' ')}.json"

    def _read(self, name: str) -> Entry | None:
        try:
            path = self._file(name)
            if path.stat().st_size > _LARGEST:
                return None
            return Entry.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None

    def _write(self, entry: Entry) -> None:
        content = entry.model_dump_json().encode()
        write_whole(self._file(entry.name), lambda stream: stream.write(content))


def check_name(name: str) -> None:
    """Check that a name can be given to a dataset.

    Raises:
        DataError: If it is empty, longer than 60 characters, or has characters that are special in paths.
    """
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name!r} cannot be the name of a dataset; expected up to 60 letters, digits, spaces and . _ + -, the "
            "first a letter or digit."
        )
