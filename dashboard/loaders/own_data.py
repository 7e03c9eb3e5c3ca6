"""The user's own files: cached profiles and first rows, and the datasets that home keeps under names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from dashboard.loaders.context import context
from trainer.data.library import Entry, Library, State, keep_dataset
from trainer.data.profile import (
    Dialect,
    FileKind,
    Profile,
    Rows,
    detect_dialect,
    first_files,
    kind_of,
    profile,
    sample_rows,
)
from trainer.data.sources.file import find_file
from trainer.errors import DataError, FitboardError
from trainer.home import Home

__all__ = [
    "Found",
    "column_names",
    "entries",
    "entry_of",
    "files_of",
    "found",
    "is_in_home",
    "keep",
    "profiled",
    "remove",
    "rows_of",
    "state_of",
]

_Stamp = tuple[int, int, int]


class Found(NamedTuple):
    """A file or folder: where it is, of which kind, and what changes when it is written."""

    path: Path
    kind: FileKind
    stamp: _Stamp


def found(path: str) -> Found:
    """Return the file or folder of a path; a relative one may be in home's data folder.

    Raises:
        DataError: If there is none, or it is of no kind that can be read.
    """
    where = find_file(path, context().home).absolute()
    return Found(where, kind_of(where), _stamp(where))


def profiled(file: Found, fields: Mapping[str, Any]) -> Profile:
    """Return the profile of a file for these fields of a dataset.

    Raises:
        DataError: If it cannot be read.
    """
    whole = {"name": str(file.kind), "path": str(file.path), **fields}
    return _profile(str(file.path), file.stamp, json.dumps(whole, sort_keys=True))


# The stamp is only part of the key, so that a changed file is read again.
@st.cache_data(show_spinner="Reading the file…", max_entries=30)
def _profile(path: str, stamp: _Stamp, fields: str) -> Profile:
    return profile(Path(path), json.loads(fields))


def rows_of(file: Found, dialect: Dialect | None, sheet: str | None = None, *, count: int = 20) -> Rows | None:
    """Return the first rows of a table, None for other kinds. Raises DataError if the file cannot be read."""
    return _rows(str(file.path), file.stamp, file.kind, dialect, sheet, count)


@st.cache_data(show_spinner=False, max_entries=50)
def _rows(
    path: str, stamp: _Stamp, kind: FileKind, dialect: Dialect | None, sheet: str | None, count: int
) -> Rows | None:
    return sample_rows(Path(path), kind, dialect=dialect, sheet=sheet, count=count)


def files_of(file: Found, *, count: int = 12) -> tuple[tuple[str, Path], ...]:
    """Return classes and files of a folder, alternating between classes."""
    return first_files(file.path, file.kind, count=count)


def column_names(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the columns of a dataset's file; empty if it has none or cannot be read."""
    try:
        file = found(str(fields.get("path") or ""))
        dialect = None
        if file.kind is FileKind.CSV:
            chosen = {name: fields.get(name) for name in ("encoding", "delimiter", "decimal")}
            dialect = detect_dialect(file.path, **chosen)
        rows = rows_of(file, dialect, fields.get("sheet"))
    except FitboardError:
        # The dataset itself reports what is wrong with its file.
        return ()
    return tuple(name.strip() for name in rows.names) if rows else ()


def entries() -> tuple[Entry, ...]:
    """Return the kept datasets by name."""
    library = Library(context().home)
    return _entries(str(context().home.path), library.stamp())


@st.cache_data(show_spinner=False, max_entries=5)
def _entries(path: str, stamp: tuple[tuple[str, int, int], ...]) -> tuple[Entry, ...]:
    return Library(Home.resolve(path)).entries()


def entry_of(name: str) -> Entry | None:
    """Return a kept dataset, or None."""
    return next((entry for entry in entries() if entry.name == name), None)


def state_of(entry: Entry) -> State:
    """Return whether the file of a kept dataset is as it was."""
    return Library(context().home).state(entry)


def keep(name: str, file: Found, fields: Mapping[str, Any], *, copy: bool) -> tuple[Entry, tuple[str, ...]]:
    """Keep a file under a name; return its entry, and what changed since the last version.

    Raises:
        DataError: If the name cannot be used, or the file cannot be read.
        ResourceError: If home cannot be written.
    """
    whole = {"name": str(file.kind), "path": str(file.path), **fields}
    return keep_dataset(name, file.path, whole, profiled(file, fields), home=context().home, copy=copy)


def remove(name: str, *, copies: bool) -> int:
    """Remove a kept dataset, and its copies if wanted; return the bytes freed. Raises as `Library.remove` does."""
    return Library(context().home).remove(name, copies=copies)


def is_in_home(path: Path) -> bool:
    """Return whether a file is in home's data folder, as uploads and copies are."""
    return path.is_relative_to(context().home.data)


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
        if not path.is_dir():
            return (status.st_size, status.st_mtime_ns, 1)
        inside = [each.stat().st_mtime_ns for each in (path, *path.rglob("*"))]
        return (0, max(inside), len(inside))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
