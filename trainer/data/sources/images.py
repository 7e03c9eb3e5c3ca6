"""A dataset of the user's own pictures: a folder or a zip file of them, or a table of their paths and targets."""

import functools
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from trainer.config.datasets import AnyDataset
from trainer.config.file_datasets import Images
from trainer.data.preparation.images import ImagePreparation, PictureSamples
from trainer.data.profile.content import content_of
from trainer.data.schema import Kind
from trainer.data.source import About, Divided, RawArrays
from trainer.data.sources.file import FileState, state_of, state_to_keep
from trainer.data.sources.pictures import (
    Broken,
    PictureError,
    Pictures,
    Shaping,
    broken_pictures,
    content_digest,
    find_pictures,
    look_through_pictures,
    named_pictures,
    picture_digests,
    picture_rows,
    refuse_broken,
)
from trainer.data.sources.readers import is_pictures
from trainer.data.sources.table_reading import (
    ReadTable,
    divided_rows,
    file_title,
    kept_rows,
    left_out,
    read_table,
    unlearned,
)
from trainer.data.splitting import Counts, Indices
from trainer.errors import DataError
from trainer.format import counted, shortened_line
from trainer.home import Home

__all__ = ["divide_images", "images_about", "images_digest", "look_through_images", "peek_images"]

# Bytes of the place of a picture in its file of rows.
_PLACE = 8
_NAMED = 3


class _Found(NamedTuple):
    """The rows that have a target, and the pictures of a dataset; row i has picture `places[i]`."""

    read: ReadTable
    pictures: Pictures
    places: NDArray[np.intp]
    broken: tuple[Broken, ...] = ()

    def without(self, broken: Collection[Broken]) -> "_Found":
        """Return the rows whose pictures can be read."""
        kept = np.flatnonzero(~np.isin(self.places, [each.index for each in broken]))
        if not len(kept):
            raise DataError(f"{self.pictures.path.name} has no picture that can be read; check the files.")
        return _Found(kept_rows(self.read, kept), self.pictures, self.places[kept], tuple(broken))

    def without_repeated(self) -> "_Found":
        """Return the rows whose pictures do not have the bytes and the targets of an earlier row."""
        contents = np.unique(picture_digests(self.pictures), return_inverse=True)[1].reshape(-1)[self.places]
        y = self.read.targets.targets.y.reshape(len(contents), -1)
        keys = [content.tobytes() + row.tobytes() for content, row in zip(contents, y, strict=True)]
        # Of equal keys a dictionary holds the last, so that it is filled from the end.
        first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
        kept = np.array(sorted(first.values()), np.intp)
        repeated = self.read.repeated + len(keys) - len(kept)
        return _Found(kept_rows(self.read, kept)._replace(repeated=repeated), self.pictures, self.places[kept])


@dataclass(frozen=True, kw_only=True)
class _Unread:
    """Pictures that are decoded when they are shown."""

    pictures: Pictures
    places: NDArray[np.intp]
    shaping: Shaping

    def __len__(self) -> int:
        return len(self.places)

    def take(self, indices: NDArray[np.intp]) -> "_Unread":
        return _Unread(pictures=self.pictures, places=self.places[indices], shaping=self.shaping)

    def shown(self) -> NDArray[np.uint8]:
        found = np.empty((len(self), *self.shaping.shape), np.uint8)
        for row, place in enumerate(self.places.tolist()):
            try:
                found[row] = self.shaping.apply(self.pictures.read(place))
            except PictureError as error:
                refuse_broken([Broken(index=place, name=self.pictures.names[place], reason=str(error))], self.pictures)
        return found


def images_about(dataset: Images, path: Path, home: Home) -> About:
    """Describe the pictures; their names are read, and the pictures only to leave out broken ones. Raises DataError."""
    return _about(dataset.model_dump_json(), path.absolute(), state_to_keep(path), home)


def look_through_images(dataset: Images, path: Path, home: Home) -> None:
    """Decode pictures for about a second. Raises DataError for the first that is broken, unless it is left out."""
    if not dataset.skip_broken:
        _looked_through(dataset.model_dump_json(), path.absolute(), state_to_keep(path), home)


def images_digest(dataset: Images, path: Path) -> str:
    """Return the digest of the pictures, and of their table if there is one. Raises DataError."""
    return _digest(path, find_pictures(path) if is_pictures(path) else _found(dataset, path).pictures)


def divide_images(dataset: Images, path: Path, home: Home) -> Divided:
    """Decode and resize all pictures once, and divide them. Raises DataError if they do not match the config."""
    before = state_of(path)
    found, preparation = _found(dataset, path, home), _preparation(dataset)
    rows, broken = picture_rows(found.pictures, _shaping(dataset), home)
    if not dataset.skip_broken:
        refuse_broken(broken, found.pictures)
    found = found.without(broken) if broken else found
    indices = divided_rows(dataset, found.read)
    digest = _digest(path, found.pictures)
    if state_of(path) != before:
        raise DataError(f"{path.name} changed while it was read; wait until it is written, and try again.")
    return Divided(
        about=_described(path, found, indices, preparation),
        samples=PictureSamples(file=rows, places=found.places),
        y=found.read.targets.targets.y,
        weights=found.read.weights,
        indices=indices,
        rows=found.read.table.rows,
        preparation=preparation,
        details={**found.read.grid.detected, "broken": [each.name for each in found.broken]},
        digest=digest,
    )


def peek_images(dataset: Images, path: Path, home: Home) -> RawArrays:
    """Return all pictures, each to be decoded when it is shown. Raises DataError as above."""
    found = _whole(dataset, path, home)
    samples = _Unread(pictures=found.pictures, places=found.places, shaping=_shaping(dataset))
    return RawArrays(samples, found.read.targets.targets.y)


# The state is part of the key, so that a changed file or folder is read again.
@functools.lru_cache(maxsize=64)
def _about(canonical: str, path: Path, state: FileState, home: Home) -> About:
    dataset = _read(canonical)
    found = _whole(dataset, path, home)
    return _described(path, found, divided_rows(dataset, found.read), _preparation(dataset))


# Errors are not kept, so that a picture is looked at again once it is replaced.
@functools.lru_cache(maxsize=64)
def _looked_through(canonical: str, path: Path, state: FileState, home: Home) -> None:
    look_through_pictures(_found(_read(canonical), path, home).pictures)


def _read(canonical: str) -> Images:
    dataset = TypeAdapter(AnyDataset).validate_python(json.loads(canonical))
    if not isinstance(dataset, Images):
        raise TypeError(f"expected images, got {dataset.kind}")
    return dataset


def _found(dataset: Images, path: Path, home: Home | None = None) -> _Found:
    if dataset.crop_to_aspect_ratio and dataset.pad_to_aspect_ratio:
        raise DataError("crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other; set one of them to false.")
    read = read_table(dataset, path, home)
    if is_pictures(path):
        pictures, places = find_pictures(path), read.table.rows
        if len(pictures) != len(read.grid):
            raise DataError(f"{path.name} changed while it was read; wait until it is written, and try again.")
    else:
        names = read.table.column(dataset.column).shown().tolist()
        pictures = named_pictures(path.parent, names, table=path.name)
        places = np.arange(len(names), dtype=np.intp)
    found = _Found(read, pictures, places)
    return found.without_repeated() if dataset.drop_duplicates else found


def _whole(dataset: Images, path: Path, home: Home) -> _Found:
    """Return the rows of a dataset, without those of broken pictures if these are left out."""
    found = _found(dataset, path, home)
    broken = broken_pictures(found.pictures, home) if dataset.skip_broken else ()
    return found.without(broken) if broken else found


def _digest(path: Path, pictures: Pictures) -> str:
    """Return the digest of the pictures, and of their table if there is one."""
    digest = content_digest(pictures)
    return digest if is_pictures(path) else hashlib.sha256(f"{content_of(path).digest} {digest}".encode()).hexdigest()


def _shaping(dataset: Images) -> Shaping:
    return Shaping(
        size=dataset.image_size,
        color_mode=dataset.color_mode,
        interpolation=dataset.interpolation,
        crop_to_aspect_ratio=dataset.crop_to_aspect_ratio,
        pad_to_aspect_ratio=dataset.pad_to_aspect_ratio,
    )


def _preparation(dataset: Images) -> ImagePreparation:
    return ImagePreparation(
        column=dataset.column,
        image_size=dataset.image_size,
        color_mode=dataset.color_mode,
        interpolation=dataset.interpolation,
        crop_to_aspect_ratio=dataset.crop_to_aspect_ratio,
        pad_to_aspect_ratio=dataset.pad_to_aspect_ratio,
    )


def _described(path: Path, found: _Found, indices: Indices, preparation: ImagePreparation) -> About:
    targets, samples = found.read.targets.targets, len(found.places)
    return About(
        title=file_title(path.name),
        kind=Kind.IMAGES,
        task=targets.task,
        other_task=targets.other_task,
        input_shape=preparation.shape,
        samples=samples,
        parts=Counts(len(indices.train), len(indices.validation), len(indices.test)),
        is_weighted=found.read.weights is not None,
        classes=targets.classes,
        class_names=targets.class_names,
        outputs=targets.outputs,
        targets=targets.distribution,
        largest=255.0,
        scale="unit",
        raw_bytes=_PLACE * samples,
        notes=tuple(_notes(found, indices)),
    )


def _notes(found: _Found, indices: Indices) -> list[str]:
    notes = [*found.pictures.notes]
    notes += left_out(found.read, broken=len(found.broken))
    if found.broken:
        named = ", ".join(f"{shortened_line(each.name, 60)} ({each.reason})" for each in found.broken[:_NAMED])
        more = f" and {len(found.broken) - _NAMED:,} more" if len(found.broken) > _NAMED else ""
        verb = "is" if len(found.broken) == 1 else "are"
        notes.append(f"{counted(len(found.broken), 'picture')} that cannot be read {verb} left out: {named}{more}.")
    return [*notes, *unlearned(found.read, indices)]
