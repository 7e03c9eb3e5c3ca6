"""Read a folder or an archive of pictures for a profile: a file a row, with what its header says."""

import collections
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from trainer.config.check import Edit, Severity
from trainer.data.profile.arrays import hashed_rows
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.content import Content
from trainer.data.profile.findings import Finding, FindingKind
from trainer.data.profile.findings.base import warn
from trainer.data.profile.table import Table
from trainer.data.sources.pictures import (
    Measured,
    PictureError,
    Pictures,
    content_digest,
    decode,
    find_pictures,
    measure,
    named_pictures,
    resize,
)
from trainer.data.sources.pictures.archive import shown
from trainer.data.sources.pictures.threads import in_threads
from trainer.errors import DataError
from trainer.format import counted

__all__ = ["Sample", "named_samples", "picture_samples", "read_pictures", "with_pictures"]

# Pixels that are decoded to look for damage, about two seconds; of larger folders, every so many pictures.
_DECODED = 100_000_000
_MOST_NAMED = 3
_THUMBNAIL = 192
_HEADER = ("width", "height", "mode", "format")


class Sample(NamedTuple):
    """A picture with its class: pixels (height, width, 3) of at most 192 × 192, or why it cannot be decoded."""

    label: str
    name: str
    pixels: np.ndarray[Any, np.dtype[np.uint8]] | None
    reason: str = ""


class _Seen(NamedTuple):
    digest: int
    header: Measured | None
    reason: str = ""


class _Look(NamedTuple):
    """Pictures that were looked at, those that are kept, and how many there are for each that was decoded."""

    seen: list[_Seen]
    kept: list[int]
    step: int
    is_skipping: bool


def read_pictures(path: Path, fields: Mapping[str, Any]) -> Table:
    """Read the headers of all pictures, and decode them; of very many, decode a part that is spread evenly.

    Pictures that cannot be decoded are left out if the dataset's `fields` skip them, and are an error otherwise.

    Raises:
        DataError: If there are no pictures, or a file cannot be read.
    """
    pictures = find_pictures(path)
    look = _look(pictures, is_skipping=bool(fields.get("skip_broken")))
    labels = [pictures.classes[pictures.labels[index]] for index in look.kept]
    return Table(
        columns=(*_columns("image", look), _texts("class", labels)),
        rows=len(look.kept),
        fields={"target": "class", "columns": dict.fromkeys(_HEADER, "ignore")},
        found=(*_broken(pictures, look), *_in_several_classes(pictures, look.seen), *_animated(look.seen)),
        notes=pictures.notes,
        content=Content(digest=content_digest(pictures), size=pictures.size, files=len(pictures)),
    )


def with_pictures(table: Table, path: Path, fields: Mapping[str, Any]) -> Table:
    """Return a table with the pictures that it names in place of their paths; other inputs are not used.

    If a row names no picture, or one cannot be read, that is the only change: a problem that the table has.
    """
    name = str(fields.get("column", "image"))
    paths = next((column for column in table.columns if column.name == name), None)
    if paths is None or not paths.is_labelled:
        return table
    try:
        pictures = named_pictures(path.parent, _values(paths), table=path.name)
        look = _look(pictures, is_skipping=bool(fields.get("skip_broken")))
    except DataError as error:
        problem = warn(FindingKind.BROKEN_PICTURES, name, str(error), severity=Severity.ERROR)
        unused = dict.fromkeys((column.name for column in table.columns), "ignore")
        return replace(table, found=(problem,), fields={**table.fields, "columns": unused})
    others = [column for column in table.columns if column.name != name and column.name not in _HEADER]
    return replace(
        table,
        columns=(*_columns(name, look), *(_kept(column, look.kept) for column in others)),
        rows=len(look.kept),
        fields={**table.fields, "columns": dict.fromkeys((*_HEADER, *(column.name for column in others)), "ignore")},
        found=(*_broken(pictures, look), *_animated(look.seen)),
    )


def picture_samples(path: Path, count: int) -> tuple[Sample, ...]:
    """Return the first picture of each class, then the second, …, small enough to be shown side by side.

    Raises:
        DataError: If there are no pictures, or a file cannot be read.
    """
    pictures = find_pictures(path)
    ranks: dict[int, int] = collections.defaultdict(int)
    places = []
    for index, label in enumerate(pictures.labels.tolist()):
        places.append((ranks[label], label, index))
        ranks[label] += 1
    return tuple(_sample(pictures, index, pictures.classes[label]) for _, label, index in sorted(places)[:count])


def named_samples(path: Path, names: Sequence[str], labels: Sequence[str]) -> tuple[Sample, ...]:
    """Return the pictures that rows of the table at `path` name, as `picture_samples` does."""
    pictures = named_pictures(path.parent, names, table=path.name)
    return tuple(_sample(pictures, index, label) for index, label in enumerate(labels))


def _look(pictures: Pictures, *, is_skipping: bool) -> _Look:
    def seen_of(indices: range) -> list[_Seen]:
        return [_seen(pictures, index) for index in indices]

    def damage_of(places: range) -> list[str]:
        return [_damage(pictures, decoded[place]) for place in places]

    seen = list(chain.from_iterable(in_threads(seen_of, len(pictures))))
    pixels = sum(each.header.width * each.header.height for each in seen if each.header)
    step = 1 if is_skipping else max(1, -(-pixels // _DECODED))
    decoded = [index for index in range(0, len(seen), step) if not seen[index].reason]
    damage = chain.from_iterable(in_threads(damage_of, len(decoded)))
    for index, reason in zip(decoded, damage, strict=True):
        seen[index] = seen[index]._replace(reason=reason)
    kept = [index for index, each in enumerate(seen) if not (each.reason and is_skipping)]
    return _Look(seen, kept, step, is_skipping)


def _sample(pictures: Pictures, index: int, label: str) -> Sample:
    name = PurePosixPath(pictures.names[index]).name
    try:
        pixels = decode(pictures.read(index))
    except PictureError as error:
        return Sample(label, name, None, str(error))
    height, width = pixels.shape[:2]
    scale = max(height, width, _THUMBNAIL)
    size = (max(1, height * _THUMBNAIL // scale), max(1, width * _THUMBNAIL // scale))
    return Sample(label, name, resize(pixels, size, interpolation="area"))


def _seen(pictures: Pictures, index: int) -> _Seen:
    data = pictures.read(index)
    digest = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)
    try:
        return _Seen(digest, measure(data))
    except PictureError as error:
        return _Seen(digest, None, str(error))


def _damage(pictures: Pictures, index: int) -> str:
    try:
        decode(pictures.read(index))
    except PictureError as error:
        return str(error)
    return ""


def _columns(name: str, look: _Look) -> Iterator[Column]:
    seen = [look.seen[index] for index in look.kept]
    headers = [each.header for each in seen]
    missing = np.array([header is None for header in headers], bool)
    yield hashed_rows(name, np.array([each.digest for each in seen], np.int64))
    for size in ("width", "height"):
        values = np.array([getattr(header, size) if header else 0 for header in headers], np.int64)
        yield Column(name=size, type=ColumnType.INTEGER, values=values, missing=missing)
    for word in ("mode", "format"):
        yield _texts(word, [getattr(header, word) if header else None for header in headers])


def _values(column: Column) -> list[str]:
    return [column.labels[code] if code >= 0 else "" for code in column.values.tolist()]


def _kept(column: Column, rows: Sequence[int]) -> Column:
    return replace(column, values=column.values[list(rows)], missing=column.missing[list(rows)])


def _texts(name: str, values: Sequence[str | None]) -> Column:
    labels = sorted({value for value in values if value is not None})
    places = {label: place for place, label in enumerate(labels)}
    codes = np.array([-1 if value is None else places[value] for value in values], np.int32)
    return Column(name=name, type=ColumnType.TEXT, values=codes, missing=codes < 0, labels=tuple(labels))


def _broken(pictures: Pictures, look: _Look) -> Iterator[Finding]:
    broken = [index for index, each in enumerate(look.seen) if each.reason]
    if not broken or look.is_skipping:
        return
    named = "; ".join(f"{shown(pictures.names[index])} {look.seen[index].reason}" for index in broken[:_MOST_NAMED])
    more = f"; and {len(broken) - _MOST_NAMED:,} more" if len(broken) > _MOST_NAMED else ""
    looked = "" if look.step == 1 else f" Only one picture in {look.step:,} was decoded, so there may be more."
    message = f"{counted(len(broken), 'picture')} cannot be decoded: {named}{more}.{looked}"
    edit = Edit(action="set", path=("dataset", "skip_broken"), value=True)
    fix = "Leave out pictures that cannot be decoded."
    yield warn(FindingKind.BROKEN_PICTURES, None, message, fix, [edit], severity=Severity.ERROR)


def _in_several_classes(pictures: Pictures, seen: Sequence[_Seen]) -> Iterator[Finding]:
    labels: dict[int, dict[int, int]] = collections.defaultdict(dict)
    for index, each in enumerate(seen):
        labels[each.digest].setdefault(int(pictures.labels[index]), index)
    several = [tuple(by_class.values()) for by_class in labels.values() if len(by_class) > 1]
    if several:
        named = " and ".join(shown(pictures.names[index]) for index in several[0][:_MOST_NAMED])
        verb = "is" if len(several) == 1 else "are"
        message = f"{counted(len(several), 'picture')} {verb} in several classes with equal content, such as {named}."
        yield warn(FindingKind.SEVERAL_CLASSES, "class", message, "Leave each picture in the class that it belongs to.")


def _animated(seen: Sequence[_Seen]) -> Iterator[Finding]:
    animated = sum(bool(each.header and each.header.is_animated) for each in seen)
    if animated:
        message = f"{counted(animated, 'picture')} with several frames: only the first frame of each is used."
        yield warn(FindingKind.ANIMATED, None, message)
