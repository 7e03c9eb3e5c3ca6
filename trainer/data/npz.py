"""A dataset from the user's own .npz file or folder of .npy files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from trainer.config import Npz
from trainer.data.npz_file import NpzFile
from trainer.data.npz_layout import Layout, checked_layout
from trainer.data.npz_survey import Survey, complaint_on, complaint_on_pieces, survey
from trainer.data.prepared import RowFile
from trainer.data.row_cache import cached_rows
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Arrays, Raw, RawPart, digest_of
from trainer.data.sources.file import find_file, state_of
from trainer.data.targets import Targets, read_targets
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["NpzSource", "read_npz"]

# Grayscale, RGB and RGBA.
_CHANNELS = (1, 3, 4)
# Tokens are stored as int32.
_LARGEST_TOKEN = 2**31 - 1
# Smallest side in pixels, and largest ratio of the sides, of arrays that are treated as images.
_SMALLEST_IMAGE, _LONGEST_IMAGE = 8, 4


class NpzSource:
    """The dataset `npz`: the arrays in the file at `path`, named as `npz_layout` expects."""

    def about(self, dataset: Npz, home: Home) -> About:
        """Describe the dataset from the headers, the labels and the range of the first samples (of all for tokens)."""
        with _opened(dataset, home) as file:
            layout = checked_layout(file)
            if layout.weights:
                # Only to refuse invalid weights here, before a run is queued.
                _weights(file, layout.weights)
            _check_inputs(file, layout, dataset)
            found = survey(find_file(dataset.path, home), whole=dataset.inputs == "tokens")
            return _about(file, layout, dataset, found)

    def is_available(self, dataset: Npz, home: Home) -> bool:
        """Return True: there is no download, and `about` and `read` report a missing file."""
        return True

    def look_through(self, dataset: Npz, home: Home) -> None:
        """Refuse samples that are not finite, as `read` does, in the first 500 MB of each array."""
        with _opened(dataset, home):  # reports a file that cannot be read, which the cached survey would not
            found = survey(find_file(dataset.path, home))
        if found.complaint:
            raise DataError(found.complaint)

    def read(self, dataset: Npz, home: Home) -> Raw:
        """Read and check all samples."""
        with _opened(dataset, home) as file:
            _check_inputs(file, checked_layout(file), dataset)
            return _read(
                file, dataset.task, channels=dataset.channels, cache=_Cache(find_file(dataset.path, home), home)
            )

    def peek(self, dataset: Npz, home: Home) -> Arrays:
        """Read the first training samples without checking them."""
        with _opened(dataset, home) as file:
            layout = checked_layout(file)
            _check_inputs(file, layout, dataset)
            x = file.start(layout.x)
            y = _targets(file, layout, dataset.task).y
            return Arrays(_arranged(x, dataset.channels), y[: len(x)])


def read_npz(content: BinaryIO, *, name: str, task: str = "auto", limit: int | None = None) -> Raw:
    """Read and check all samples of an .npz file in memory.

    Raises:
        DataError: If the file is not valid.
    """
    with NpzFile(content, name=name, limit=limit) as file:
        return _read(file, task)


def _opened(dataset: Npz, home: Home) -> NpzFile:
    path = find_file(dataset.path, home)
    return NpzFile(path, name=path.name)


def _title(name: str) -> str:
    stem = name.removesuffix(".npz")
    return name if len(stem) <= 40 else f"{stem[:12]}….npz"


def _targets(file: NpzFile, layout: Layout, task: str) -> Targets:
    """Read the targets of all parts together, so that they share classes: training, then test, then validation."""
    parts = [file.read(key) for key in layout.answers]
    return read_targets(np.concatenate(parts), task=task, where=f"{layout.y} in {file.name}")


def _check_inputs(file: NpzFile, layout: Layout, dataset: Npz) -> None:
    """Refuse an x that does not match `inputs` and `channels`."""
    header = file.header(layout.x)
    where = f"{layout.x} in {file.name}"
    if dataset.channels == "first" and len(header.shape) != 4:
        raise DataError(
            f"{where} must have shape (samples, channels, height, width) for channels: first, got {header.shape}."
        )
    if dataset.inputs == "tokens" and (header.dtype.kind not in "iub" or len(header.shape) > 2):
        raise DataError(
            f"{where} must contain integers of shape (samples, length) for inputs: tokens, got {header.dtype} of shape "
            f"{header.shape}."
        )


def _about(file: NpzFile, layout: Layout, dataset: Npz, found: Survey) -> About:
    header = file.header(layout.x)
    targets = _targets(file, layout, dataset.task)
    shape = _shape(header.shape, dataset.channels)
    kind = _kind(shape, header.dtype, targets.task, found)
    tokens = dataset.inputs == "tokens"
    byte = header.dtype == np.uint8 and not tokens
    return About(
        title=_title(file.name),
        kind=Kind.SEQUENCES if tokens else kind,
        task=targets.task,
        other_task=targets.other_task,
        input_shape=shape,
        input_dtype="int32" if tokens else "float32",
        samples=header.shape[0],
        test_samples=file.header(layout.x_test).shape[0] if layout.x_test else None,
        validation_samples=file.header(layout.x_validation).shape[0] if layout.x_validation else None,
        is_weighted=layout.weights is not None,
        ignored=file.shown_keys(layout.ignored) if layout.ignored else "",
        classes=targets.classes,
        class_names=targets.class_names,
        outputs=targets.outputs,
        targets=targets.distribution,
        vocabulary=_vocabulary(f"{layout.x} in {file.name}", found) if tokens else None,
        holds_integers=header.dtype.kind in "iu",
        value_range=None if found.complaint else (found.low, found.high),
        largest=255.0 if byte else None,
        scale="none" if tokens else "unit" if byte else "standardize" if kind in (Kind.TABLE, Kind.POINTS) else "none",
        raw_bytes=sum(file.header(key).bytes for key in layout.samples if not file.comes_in_pieces(key)),
    )


def _shape(shape: tuple[int, ...], channels: str) -> tuple[int, ...]:
    """Return the shape of one sample as the model's input."""
    return (*shape[2:], shape[1]) if channels == "first" else shape[1:] or (1,)


def _vocabulary(where: str, found: Survey) -> int:
    if found.low < 0:
        raise DataError(f"{where} contains {found.low:.0f}; tokens start at 0, so add {-found.low:.0f} to all of them.")
    if found.high >= _LARGEST_TOKEN:
        raise DataError(
            f"{where} contains {found.high:.0f}, too large for a token; number the tokens consecutively from 0."
        )
    return int(found.high) + 1


def _kind(shape: tuple[int, ...], dtype: np.dtype[np.generic], task: Task, found: Survey) -> Kind:
    """Infer the kind of the samples from their shape; two-dimensional samples are images if they look like one."""
    if len(shape) == 1:
        return Kind.POINTS if shape == (2,) and task is Task.CLASSIFICATION else Kind.TABLE
    if len(shape) == 2:
        shorter, longer = sorted(shape)
        is_image = found.low >= 0 and _SMALLEST_IMAGE <= shorter <= longer <= _LONGEST_IMAGE * shorter
        return Kind.IMAGES if dtype == np.uint8 or is_image else Kind.ARRAYS
    return Kind.IMAGES if len(shape) == 3 and shape[2] in _CHANNELS else Kind.ARRAYS


@dataclass(frozen=True)
class _Cache:
    """Where the samples of a file are unpacked to if they are too large for memory."""

    path: Path
    home: Home

    def rows(self, file: NpzFile, key: str) -> RowFile:
        """Return the rows of an array, unpacked once for each content of the file."""
        # The profile, which imports this module's neighbours, is only needed for large files.
        from trainer.data.profile.content import content_of

        header, alone = file.header(key), file.path(key)
        if alone is not None:
            return RowFile(alone, shape=header.shape, dtype=header.dtype, offset=header.offset, state=state_of)
        digest = content_of(self.path).digest
        rows = cached_rows(
            self.home,
            {"source": digest, "array": key},
            shape=header.shape,
            dtype=header.dtype,
            blocks=lambda: file.blocks(key),
        )
        if content_of(self.path).digest != digest:
            raise DataError(f"{file.name} changed while it was read; wait until it is written, and try again.")
        return rows


def _read(file: NpzFile, task: str, *, channels: str = "last", cache: _Cache | None = None) -> Raw:
    layout = checked_layout(file)
    y = _targets(file, layout, task).y
    x = [_samples(file, key, cache) for key in layout.samples]
    weights = _weights(file, layout.weights) if layout.weights else None
    digest = _digest(file, layout, x, weights)
    ends = np.cumsum([len(part) for part in x])[:-1]
    parts = [RawPart(_arranged(part, channels), answers) for part, answers in zip(x, np.split(y, ends), strict=True)]
    return Raw(
        train=parts[0],
        test=parts[1] if layout.x_test else None,
        validation=parts[-1] if layout.x_validation else None,
        weights=weights,
        digest=digest,
    )


def _arranged(x: AnyArray | RowFile, channels: str) -> Any:
    """Arrange samples as layers expect them: with at least one axis each, and channels last."""
    if isinstance(x, RowFile):
        return x.with_channels_last() if channels == "first" else x
    if channels == "first":
        return np.ascontiguousarray(np.moveaxis(x, 1, -1))
    return x.reshape(-1, 1) if x.ndim == 1 else x


def _digest(file: NpzFile, layout: Layout, x: Sequence[AnyArray | RowFile], weights: AnyArray | None) -> str:
    """Compute the digest of samples and targets; validation data and weights come last, each after its name."""
    known = dict(zip(layout.samples, x, strict=True))
    pairs = [(layout.x, layout.y), (layout.x_test, layout.y_test)]
    # The targets are read again, as they are stored, because `read_targets` has renumbered the classes.
    arrays = [array for x, y in pairs if x and y for array in (known[x], file.read(y))]
    if layout.x_validation and layout.y_validation:
        # Without the names, a file with validation data could have the digest of one with test data.
        arrays += [_named("x_val"), known[layout.x_validation], file.read(layout.y_validation)]
    if weights is not None:
        arrays += [_named("sample_weight"), weights]
    return digest_of(*arrays)


def _named(name: str) -> AnyArray:
    return np.frombuffer(name.encode(), np.uint8)


def _weights(file: NpzFile, key: str) -> AnyArray:
    """Read one float32 weight per sample, as Keras expects."""
    # Weights beyond the range of float32 become infinite and are refused below.
    with np.errstate(over="ignore"):
        weights = file.read(key).reshape(-1).astype(np.float32)
    if not np.isfinite(weights).all() or weights.min() < 0 or not weights.any():
        raise DataError(f"{key} in {file.name} must be finite and non-negative, and not 0 for all samples.")
    return weights


def _samples(file: NpzFile, key: str, cache: _Cache | None) -> AnyArray | RowFile:
    if cache is not None and file.comes_in_pieces(key):
        rows = cache.rows(file, key)
        complaint = complaint_on_pieces(rows.pieces(), file.header(key))
        if complaint:
            raise DataError(f"{key} in {file.name} {complaint}")
        return rows
    x = file.read(key)
    complaint = complaint_on(x, file.header(key))
    if complaint:
        raise DataError(f"{key} in {file.name} {complaint}")
    return x.reshape(-1, 1) if x.ndim == 1 else x
