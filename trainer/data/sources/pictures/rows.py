"""Pictures of one shape in a file of rows in home's cache, each decoded once."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.files import write_whole
from trainer.data.prepared import RowFile
from trainer.data.row_cache import cached_rows
from trainer.data.sources.pictures.archive import shown
from trainer.data.sources.pictures.decoding import COLOR_MODES, PictureError, decode
from trainer.data.sources.pictures.found import Pictures, content_digest
from trainer.data.sources.pictures.resizing import resize
from trainer.data.sources.pictures.threads import AT_ONCE, in_threads
from trainer.errors import DataError
from trainer.format import counted
from trainer.home import Home

__all__ = [
    "Broken",
    "Shaping",
    "broken_pictures",
    "look_through_pictures",
    "picture_rows",
    "refuse_broken",
]

# Part of the name of every cached file: another number makes all pictures be decoded again.
_RULES = 1
_LOOK_SECONDS = 1.0
_MOST_NAMED = 3
# Bytes of the pictures that one thread decodes before it hands them over, if it is more than one.
_BLOCK = 2**20

_Pixels = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A picture that cannot be decoded; `reason` continues a sentence after its name."""

    index: int
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Shaping:
    """What each picture is made into: pixels of `size` (height, width) in `color_mode`."""

    size: tuple[int, int]
    color_mode: str = "rgb"
    interpolation: str = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return (*self.size, COLOR_MODES[self.color_mode])

    def apply(self, data: bytes) -> _Pixels:
        """Return the pixels of an encoded picture, of `shape`. Raises PictureError."""
        return self.resized(decode(data, self.color_mode))

    def resized(self, pixels: _Pixels) -> _Pixels:
        """Return pixels of shape (height, width, channels) as `shape`."""
        return resize(
            pixels,
            self.size,
            interpolation=self.interpolation,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
        )


def picture_rows(pictures: Pictures, shaping: Shaping, home: Home) -> tuple[RowFile, tuple[Broken, ...]]:
    """Return all pictures in order, uint8 of shape (pictures, height, width, channels), and those that are broken.

    The rows of broken pictures are black. Everything is read from home's cache if the same content was decoded before.

    Raises:
        DataError: If a file cannot be read.
        ResourceError: If the cache cannot be written.
    """
    digest = content_digest(pictures)
    found: list[Broken] = []
    was_decoded = False

    def blocks() -> Iterator[_Pixels]:
        nonlocal was_decoded
        was_decoded = True
        yield from _blocks(pictures, shaping, found.append)

    rows = cached_rows(
        home,
        {"pictures": digest, "order": _order(pictures), "rules": _RULES, **asdict(shaping)},
        shape=(len(pictures), *shaping.shape),
        dtype=np.dtype(np.uint8),
        blocks=blocks,
    )
    if not was_decoded:
        return rows, broken_pictures(pictures, home)
    _remember(_memory(digest, home), pictures, found)
    return rows, tuple(found)


def broken_pictures(pictures: Pictures, home: Home) -> tuple[Broken, ...]:
    """Return the pictures that cannot be decoded; all are decoded once, and the result is kept in home's cache.

    Raises:
        DataError: If a file cannot be read.
        ResourceError: If the cache cannot be written.
    """

    def broken_of(indices: range) -> list[Broken]:
        reasons = ((index, _reason(pictures, index)) for index in indices)
        return [Broken(index=index, name=pictures.names[index], reason=reason) for index, reason in reasons if reason]

    path = _memory(content_digest(pictures), home)
    try:
        reasons: dict[str, Any] | None = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        reasons = None
    if reasons is None:
        found = list(chain.from_iterable(in_threads(broken_of, len(pictures))))
        _remember(path, pictures, found)
        return tuple(found)
    return tuple(
        Broken(index=index, name=name, reason=str(reasons[inner]))
        for index, name in enumerate(pictures.names)
        if (inner := name.removeprefix(pictures.root)) in reasons
    )


def look_through_pictures(pictures: Pictures) -> None:
    """Decode pictures from all over, for about a second.

    Raises:
        DataError: If one of them cannot be read or decoded.
    """
    end = time.monotonic() + _LOOK_SECONDS
    # The strides leave no part of the files unseen, however early the time is over.
    step = max(1, len(pictures) // 64)
    for index in (index for first in range(step) for index in range(first, len(pictures), step)):
        if reason := _reason(pictures, index):
            refuse_broken([Broken(index=index, name=pictures.names[index], reason=reason)], pictures)
        if time.monotonic() > end:
            return


def refuse_broken(broken: Sequence[Broken], pictures: Pictures) -> None:
    """Raise DataError with the names and reasons of the first broken pictures, if there are any."""
    if not broken:
        return
    named = "; ".join(f"{shown(each.name)} {each.reason}" for each in broken[:_MOST_NAMED])
    more = f"; and {len(broken) - _MOST_NAMED:,} more" if len(broken) > _MOST_NAMED else ""
    raise DataError(
        f"{counted(len(broken), 'picture')} in {pictures.path.name} cannot be used: {named}{more}. Replace or remove "
        f"{'it' if len(broken) == 1 else 'them'}, or set `skip_broken: true`."
    )


def _blocks(pictures: Pictures, shaping: Shaping, note: Callable[[Broken], object]) -> Iterator[_Pixels]:
    def shaped(indices: range) -> tuple[_Pixels, list[Broken]]:
        block, broken = np.empty((len(indices), *shaping.shape), np.uint8), []
        for row, index in enumerate(indices):
            try:
                block[row] = shaping.apply(pictures.read(index))
            except PictureError as error:
                broken.append(Broken(index=index, name=pictures.names[index], reason=str(error)))
                block[row] = 0
        return block, broken

    step = max(1, min(AT_ONCE, _BLOCK // max(1, int(np.prod(shaping.shape)))))
    for block, broken in in_threads(shaped, len(pictures), step=step):
        for each in broken:
            note(each)
        yield block


def _reason(pictures: Pictures, index: int) -> str:
    """Return why a picture cannot be decoded; empty if it can."""
    data = pictures.read(index)
    try:
        decode(data, "rgba")
    except PictureError as error:
        return str(error)
    return ""


def _order(pictures: Pictures) -> str:
    # A folder and an archive of it differ in what is around the folders of the classes.
    names = "\0".join(name.removeprefix(pictures.root) for name in pictures.names)
    return hashlib.sha256(names.encode(errors="surrogateescape")).hexdigest()


def _memory(digest: str, home: Home) -> Path:
    """Return the file that remembers the broken pictures of a content."""
    return home.cache / f"{digest}-{_RULES}.broken.json"


def _remember(path: Path, pictures: Pictures, found: Sequence[Broken]) -> None:
    reasons = {each.name.removeprefix(pictures.root): each.reason for each in found}
    write_whole(path, lambda stream: stream.write(json.dumps(reasons).encode()))
