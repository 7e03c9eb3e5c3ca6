"""Find pictures in a folder, in a zip archive, or by the paths in a table, without decoding them."""

import functools
import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from trainer.data.profile.content import sizes_in
from trainer.data.sources.file import FileState, state_to_keep
from trainer.data.sources.pictures.archive import IMAGE_SUFFIXES, Archive, shown
from trainer.data.sources.pictures.threads import in_threads
from trainer.errors import DataError
from trainer.format import counted, cut

__all__ = ["Pictures", "content_digest", "find_pictures", "named_pictures", "picture_digests"]

_PARTS = frozenset({"train", "training", "val", "valid", "validation", "dev", "test", "testing"})


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Encoded pictures in files, equal if nothing of them has changed.

    `names` are their POSIX paths below `path`, which is a folder, an archive, or the folder where a table's paths
    start. `labels` of shape (pictures,) are indices into `classes`, and empty for a table. `size` is in bytes, and
    `stamp` changes whenever a file is written. `root` is what all names start with before the folder of the class.
    """

    path: Path
    stamp: str
    names: tuple[str, ...] = field(compare=False)
    classes: tuple[str, ...] = field(default=(), compare=False)
    labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), compare=False)
    sizes: tuple[int, ...] = field(compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    root: str = field(default="", compare=False)
    archive: Archive | None = field(default=None, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(self.sizes)

    def read(self, index: int) -> bytes:
        """Return the content of a file.

        Raises:
            DataError: If it cannot be read, or has another size than when it was found.
        """
        name = self.names[index]
        try:
            data = self.archive.read(name) if self.archive else _content(os.path.join(self.path, name))
        except OSError as error:
            why = f"cannot be read ({error.strerror}); check its permissions"
            raise DataError(f"{shown(name)} in {self.path.name} {why}.") from error
        if len(data) != self.sizes[index]:
            raise DataError(
                f"{shown(name)} in {self.path.name} changed while it was read; try again when it is complete."
            )
        return data


def find_pictures(path: Path) -> Pictures:
    """Find the pictures in a folder or a zip archive that has a subfolder for each class, sorted by name.

    The class is the first folder below the one that contains all of them. Hidden files, links, files outside of
    subfolders, and files whose names do not end as pictures' do are left out.

    Raises:
        DataError: If a folder cannot be read, the archive is damaged, there are no pictures in subfolders, or the
            subfolders are parts of a split, such as `train` and `test`.
    """
    try:
        return _find(path, state_to_keep(path))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error


# The state is part of the key, so that a changed folder or archive is listed again.
@functools.lru_cache(maxsize=4)
def _find(path: Path, state: FileState) -> Pictures:
    archive = None if path.is_dir() else Archive(path)
    sizes = archive.sizes if archive else sizes_in(path)
    of_pictures = [name for name in sizes if PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES]
    names = tuple(sorted(name for name in of_pictures if "/" in name))
    if not names:
        raise DataError(f"{path.name} has no pictures in subfolders; expected a subfolder for each class.")
    depth = _depth(names)
    folders = [name.split("/")[depth] for name in names]
    classes, labels = np.unique(folders, return_inverse=True)
    _refuse_parts(path, names, depth, classes.tolist())
    return Pictures(
        path=path,
        stamp=_stamp(state, names, sizes),
        names=names,
        classes=tuple(str(name) for name in classes),
        labels=labels.astype(np.int64).reshape(-1),
        sizes=tuple(sizes[name] for name in names),
        notes=tuple(_left_out(sizes, of_pictures, names)),
        root="".join(f"{part}/" for part in names[0].split("/")[:depth]),
        archive=archive,
    )


def named_pictures(folder: Path, names: Sequence[str], *, table: str) -> Pictures:
    """Find the pictures that a column of a table names, in the order of its rows.

    Args:
        folder: where relative paths start.
        names: a path for each row.
        table: the table's file name, for messages.

    Raises:
        DataError: If a file does not exist; the sentence names the row and the file.
    """
    seen: dict[str, os.stat_result] = {}
    for row, name in enumerate(names, start=1):
        if name in seen:
            continue
        try:
            found = Path(folder, name)
            if not name or not found.is_file():
                raise DataError(
                    f"Row {row:,} of {table} names the picture {shown(name)}, which is not a file in "
                    f"{cut(str(folder), 200)}; correct the path, or move the table to its pictures."
                )
            seen[name] = found.stat()
        except (OSError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            why = f"names the picture {shown(name)}, which cannot be read ({error})"
            raise DataError(f"Row {row:,} of {table} {why}; check the path and its permissions.") from error
    digest = hashlib.sha256("\0".join(names).encode(errors="surrogateescape"))
    for status in seen.values():
        digest.update(f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}\n".encode())
    sizes = tuple(seen[name].st_size for name in names)
    return Pictures(path=folder, stamp=digest.hexdigest(), names=tuple(names), sizes=sizes)


def content_digest(pictures: Pictures) -> str:
    """Return the SHA-256 of the sorted names and the bytes of all files: 64 hex digits.

    A folder and an archive of it have the same digest.

    Raises:
        DataError: If a file cannot be read, or changes while it is read.
    """
    digest = hashlib.sha256()
    for name, content in sorted(dict(zip(pictures.names, picture_digests(pictures), strict=True)).items()):
        digest.update(f"{name.removeprefix(pictures.root)}\0{content}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


@functools.lru_cache(maxsize=8)
def picture_digests(pictures: Pictures) -> tuple[str, ...]:
    """Return the SHA-256 of each file's bytes, in the order of the pictures. Raises DataError as above."""
    # Several rows of a table may name one file.
    places = list({name: index for index, name in enumerate(pictures.names)}.values())

    def hashed(several: range) -> list[str]:
        return [hashlib.sha256(pictures.read(places[place])).hexdigest() for place in several]

    digests = chain.from_iterable(in_threads(hashed, len(places)))
    found = {pictures.names[index]: digest for index, digest in zip(places, digests, strict=True)}
    return tuple(found[name] for name in pictures.names)


def _content(path: str) -> bytes:
    # A buffer and a Path would take longer than reading a small picture.
    with open(path, "rb", buffering=0) as file:
        return file.read()


def _depth(names: Sequence[str]) -> int:
    """Return how many folders contain all pictures and further folders; archives often have one around everything."""
    parts = [name.split("/") for name in names]
    depth = 0
    while all(len(each) > depth + 2 for each in parts) and len({each[depth] for each in parts}) == 1:
        depth += 1
    return depth


def _refuse_parts(path: Path, names: Sequence[str], depth: int, classes: Sequence[str]) -> None:
    are_parts = len(classes) > 1 and all(name.lower() in _PARTS for name in classes)
    if are_parts and all(name.count("/") > depth + 1 for name in names):
        listed = ", ".join(classes)
        raise DataError(
            f"{path.name} is divided into {listed}, which would be taken for classes; give one of these folders, with "
            "a subfolder for each class in it."
        )


def _left_out(sizes: dict[str, int], of_pictures: Sequence[str], names: Sequence[str]) -> list[str]:
    found = []
    if outside := len(of_pictures) - len(names):
        found.append(f"{counted(outside, 'picture')} outside of subfolders left out.")
    others = Counter(PurePosixPath(name).suffix.lower() or "no ending" for name in sizes)
    for suffix in IMAGE_SUFFIXES:
        others.pop(suffix, None)
    if others:
        listed = ", ".join(f"{cut(suffix, 20)}: {number:,}" for suffix, number in others.most_common(5))
        found.append(f"{counted(sum(others.values()), 'other file')} left out ({listed}).")
    return found


def _stamp(state: FileState, names: Sequence[str], sizes: dict[str, int]) -> str:
    text = f"{state}" + "".join(f"{name}\0{sizes[name]}\n" for name in names)
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
