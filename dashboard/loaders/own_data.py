"""The user's own files: cached profiles and first rows, and the datasets that home keeps under names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import may, permit
from dashboard.loaders.context import context, reader
from dashboard.loaders.datasets import dataset_of
from trainer.config import Config, DatasetConfig
from trainer.config.file_datasets import DividedFile, FileDataset
from trainer.data.library import Entry, Library, State, changes, keep_dataset
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
from trainer.data.profile.pictures import Sample, named_samples, picture_samples
from trainer.data.profile.versions import digest_of_data, reads_other_files
from trainer.data.registry import source_of
from trainer.data.sources.file import find_file
from trainer.errors import DataError, FitboardError
from trainer.format import readable_bytes
from trainer.home import Home
from trainer.reproduce.kept_data import kept_data
from trainer.tracking import Run

__all__ = [
    "Found",
    "changed_since",
    "column_names",
    "entries",
    "entry_of",
    "found",
    "is_in_home",
    "is_kept",
    "keep",
    "pictures_in",
    "pictures_of",
    "profiled",
    "refusal",
    "remove",
    "rows_of",
    "state_of",
    "texts_of",
]

_Stamp = tuple[int, int, int]

# Arrays up to here are read within a second to compare them; larger ones would keep the page waiting.
_LARGEST_READ = 200_000_000


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
    refused = refusal(path)
    if refused is not None:
        raise DataError(refused)
    where = find_file(path, context().home).absolute()
    return Found(where, kind_of(where), _stamp(where))


def refusal(path: str) -> str | None:
    """Return why a person may not open a path; None if it is in the home's data, of a kept dataset, or they may run.

    Otherwise anyone who may look at runs could read any table or text of the machine.
    """
    if not path or may(Role.RUN):
        return None
    home = context().home
    try:
        where = find_file(path, home).resolve()
        kept = {find_file(str(entry.dataset["path"]), home).resolve() for entry in entries()}
        if where in kept or where.is_relative_to(home.data.resolve()):
            return None
    except (DataError, OSError, RuntimeError, ValueError):
        # It is no path at all, which only those who may open it need to know.
        pass
    return (
        "Your role “look” does not allow opening files by their path; choose a kept dataset, or ask an administrator "
        "for the role “run”."
    )


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


def texts_of(file: Found, *, count: int) -> tuple[tuple[str, Path], ...]:
    """Return classes and texts of a folder, alternating between classes."""
    return first_files(file.path, count=count)


def pictures_of(file: Found, *, count: int = 12) -> tuple[Sample, ...]:
    """Return small pictures of a folder or an archive, alternating between classes. Raises DataError."""
    return _pictures(str(file.path), file.stamp, count)


@st.cache_data(show_spinner=False, max_entries=20)
def _pictures(path: str, stamp: _Stamp, count: int) -> tuple[Sample, ...]:
    return picture_samples(Path(path), count)


def pictures_in(file: Found, rows: Rows, fields: Mapping[str, Any], *, count: int = 12) -> tuple[Sample, ...]:
    """Return small pictures that the first rows of a table name; none if one of them is not there."""
    column, target = str(fields.get("column", "image")), fields.get("target")
    if column not in rows.names:
        return ()
    names = [row[rows.names.index(column)] for row in rows.rows[:count]]
    label = rows.names.index(target) if isinstance(target, str) and target in rows.names else None
    labels = ["" if label is None else row[label] for row in rows.rows[:count]]
    try:
        return named_samples(file.path, names, labels)
    except DataError:  # which the profile has as a problem
        return ()


def column_names(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the columns of a dataset's file; empty if it has none or cannot be read."""
    try:
        file = found(str(fields.get("path") or ""))
        dialect = tuple(str(fields.get(name) or "") for name in ("encoding", "delimiter", "decimal"))
        return _names(str(file.path), file.stamp, file.kind, dialect, str(fields.get("sheet") or ""))
    except FitboardError:
        # The dataset itself reports what is wrong with its file.
        return ()


@st.cache_data(show_spinner=False, max_entries=50)
def _names(path: str, stamp: _Stamp, kind: FileKind, dialect: tuple[str, ...], sheet: str) -> tuple[str, ...]:
    encoding, delimiter, decimal = (word or None for word in dialect)
    is_text = kind is FileKind.CSV
    found = detect_dialect(Path(path), encoding=encoding, delimiter=delimiter, decimal=decimal) if is_text else None
    rows = sample_rows(Path(path), kind, dialect=found, sheet=sheet or None, count=1)
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
        AccessError: If the person may not add data.
    """
    permit("add data", Role.RUN, [name])
    whole = {"name": str(file.kind), "path": str(file.path), **fields}
    return keep_dataset(name, file.path, whole, profiled(file, fields), home=context().home, copy=copy)


def remove(name: str, *, copies: bool) -> int:
    """Remove a kept dataset, and its copies if wanted; return the bytes freed.

    Raises as `Library.remove` does, and AccessError if the person may not remove data.
    """
    permit("remove data", Role.ADMINISTER, [name])
    return Library(context().home).remove(name, copies=copies)


def is_in_home(path: Path) -> bool:
    """Return whether a file is in home's data folder, as uploads and copies are."""
    return path.is_relative_to(context().home.data)


def changed_since(dataset: DatasetConfig, digest: str, started_ms: int) -> tuple[str, ...]:
    """Return sentences about how the file of a dataset differs from the one that a run read; empty if it does not.

    Args:
        dataset: the dataset of the run's config.
        digest: the beginning of the digest of the content that the run read.
        started_ms: when the run started, in milliseconds since 1970: a file that was not written since is the same.
    """
    if not isinstance(dataset, FileDataset):
        return ()
    try:
        path = find_file(dataset.path, context().home)
        if not path.exists():
            return ("The file is no longer there.",)
        status = path.stat()
        fields = dataset.model_dump(mode="json")
        if not reads_other_files(path, fields) and max(status.st_mtime, status.st_ctime) * 1000 < started_ms:
            return ()
        if isinstance(dataset, DividedFile):
            now = digest_of_data(path, fields)
        elif path.stat().st_size <= _LARGEST_READ:
            now = _arrays_digest(dataset.model_dump_json(), str(context().home.path), _stamp(path))
        else:
            return (
                f"The file was written after the run started; it is larger than {readable_bytes(_LARGEST_READ)}, so "
                "only a rerun tells whether its arrays differ.",
            )
    except DataError as error:
        return (f"The file can no longer be read: {error}",)
    except OSError:
        return ()
    return () if now.startswith(digest) else ("The file has changed.", *_changes(digest, now))


def is_kept(config: Config, run: Run) -> bool:
    """Return whether home keeps the version of a changed file that a run has read."""
    kept = kept_data(config, run, reader(), context().home)
    return kept is not None and kept.path is not None


# The digest of a run on an .npz file is that of its arrays, whatever their order and compression in the file.
@st.cache_data(show_spinner=False, max_entries=20)
def _arrays_digest(canonical: str, path: str, stamp: _Stamp) -> str:
    dataset = dataset_of(json.loads(canonical))
    if dataset is None:
        raise DataError("the fields of the dataset are not valid.")
    return source_of(dataset).read(dataset, Home.resolve(path)).digest


def _changes(old: str, new: str) -> tuple[str, ...]:
    """Return what changed between two contents, as far as home keeps versions of both."""
    for entry in entries():
        before = next((each for each in reversed(entry.versions) if each.digest.startswith(old)), None)
        after = entry.version(new)
        if before is not None and after is not None:
            return changes(before, after)
    return ()


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
        if not path.is_dir():
            return (status.st_size, status.st_mtime_ns, 1)
        inside = [each.stat().st_mtime_ns for each in (path, *path.rglob("*"))]
        return (0, max(inside), len(inside))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
