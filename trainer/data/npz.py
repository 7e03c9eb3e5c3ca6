"""A person's own arrays in one npz file, as a dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from trainer.config import Npz
from trainer.data.npz_file import NpzFile
from trainer.data.npz_layout import Layout, checked_layout
from trainer.data.npz_survey import Survey, complaint_on, survey
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Arrays, Raw, digest_of
from trainer.data.targets import Targets, read_targets
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["NpzSource", "find_file", "read_npz"]

_CHANNELS = (1, 3, 4)
_LARGEST_TOKEN = 2**31 - 1
_SMALLEST_IMAGE, _LONGEST_IMAGE = 8, 4
"""Points on the shorter side, and how many times as long the other may be, of what is taken for an image."""


class NpzSource:
    """The dataset named `npz`: the arrays in the file at `path`, by the names that `npz_layout` tells."""

    def about(self, dataset: Npz, home: Home) -> About:
        """What headers, labels and the range of the first samples tell; of tokens, all are read."""
        with _opened(dataset, home) as file:
            layout = checked_layout(file)
            if layout.weights:
                _weights(file, layout.weights)
            _check_inputs(file, layout, dataset)
            found = survey(find_file(dataset.path, home), whole=dataset.inputs == "tokens")
            return _about(file, layout, dataset, found)

    def is_available(self, dataset: Npz, home: Home) -> bool:
        """Always: there is nothing to download, and a file that is missing is told by `about` and `read`."""
        return True

    def look_through(self, dataset: Npz, home: Home) -> None:
        """Refuses samples that are no finite numbers, as `read` does, by the first half GB of each array."""
        with _opened(dataset, home):  # says what is wrong with the file itself
            found = survey(find_file(dataset.path, home))
        if found.complaint:
            raise DataError(found.complaint)

    def read(self, dataset: Npz, home: Home) -> Raw:
        """All samples, checked."""
        with _opened(dataset, home) as file:
            _check_inputs(file, checked_layout(file), dataset)
            return _read(file, dataset.task, channels=dataset.channels)

    def peek(self, dataset: Npz, home: Home) -> Arrays:
        """The first samples of the training part, unchecked."""
        with _opened(dataset, home) as file:
            layout = checked_layout(file)
            _check_inputs(file, layout, dataset)
            x = file.start(layout.x)
            y = _targets(file, layout, dataset.task).y
            return Arrays(_arranged(x, dataset.channels), y[: len(x)])


def find_file(path: str, home: Home, *, folder: Path | None = None) -> Path:
    """The file that a config's `path` names: a relative one is taken from `folder`, by default the current one.

    Where it is relative and not there, it is the one in home's data folder, if that holds it.
    """
    try:
        given = Path(path).expanduser()
        here, kept = (folder or Path()) / given, home.data / given
        return kept if not given.is_absolute() and not here.exists() and kept.is_file() else here
    except (OSError, RuntimeError) as error:  # a name too long, a home of nobody
        raise DataError(
            f"{path[:60]!r} cannot be the path of a file ({error}); give the path of an npz file."
        ) from error


def read_npz(content: BinaryIO, *, name: str, task: str = "auto", limit: int | None = None) -> Raw:
    """All samples of an npz file in memory, checked.

    Raises:
        DataError: something about it is wrong; the sentence says what.
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
    """Of all parts together, so that they have the same classes; the training part's come first, then the test's."""
    parts = [file.read(key) for key in layout.answers]
    return read_targets(np.concatenate(parts), task=task, where=f"{layout.y} in {file.name}")


def _check_inputs(file: NpzFile, layout: Layout, dataset: Npz) -> None:
    """Refuses x that cannot be what `inputs` and `channels` say of it."""
    header = file.header(layout.x)
    where = f"{layout.x} in {file.name}"
    if dataset.channels == "first" and len(header.shape) != 4:
        raise DataError(
            f"{where} has the shape {header.shape}; channels: first needs (samples, channels, height, width)."
        )
    if dataset.inputs == "tokens" and (header.dtype.kind not in "iub" or len(header.shape) > 2):
        raise DataError(
            f"{where} holds {header.dtype} of the shape {header.shape}; inputs: tokens needs integers of the shape "
            "(samples, length)."
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
    )


def _shape(shape: tuple[int, ...], channels: str) -> tuple[int, ...]:
    """One sample's shape as the network sees it."""
    return (*shape[2:], shape[1]) if channels == "first" else shape[1:] or (1,)


def _vocabulary(where: str, found: Survey) -> int:
    if found.low < 0:
        raise DataError(f"{where} holds {found.low:.0f}; tokens are integers from 0, so add {-found.low:.0f} to all.")
    if found.high >= _LARGEST_TOKEN:
        raise DataError(
            f"{where} holds {found.high:.0f}; number the tokens from 0 without gaps, so that they are small."
        )
    return int(found.high) + 1


def _kind(shape: tuple[int, ...], dtype: np.dtype[np.generic], task: Task, found: Survey) -> Kind:
    """What samples of this shape are; rows of rows are images where they look like one."""
    if len(shape) == 1:
        return Kind.POINTS if shape == (2,) and task is Task.CLASSIFICATION else Kind.TABLE
    if len(shape) == 2:
        shorter, longer = sorted(shape)
        is_image = found.low >= 0 and _SMALLEST_IMAGE <= shorter <= longer <= _LONGEST_IMAGE * shorter
        return Kind.IMAGES if dtype == np.uint8 or is_image else Kind.ARRAYS
    return Kind.IMAGES if len(shape) == 3 and shape[2] in _CHANNELS else Kind.ARRAYS


def _read(file: NpzFile, task: str, *, channels: str = "last") -> Raw:
    layout = checked_layout(file)
    y = _targets(file, layout, task).y
    x = [_samples(file, key) for key in layout.samples]
    weights = _weights(file, layout.weights) if layout.weights else None
    digest = _digest(file, layout, x, weights)
    ends = np.cumsum([len(part) for part in x])[:-1]
    parts = [Arrays(_arranged(part, channels), answers) for part, answers in zip(x, np.split(y, ends), strict=True)]
    return Raw(
        train=parts[0],
        test=parts[1] if layout.x_test else None,
        validation=parts[-1] if layout.x_validation else None,
        weights=weights,
        digest=digest,
    )


def _arranged(x: AnyArray, channels: str) -> AnyArray:
    """Samples as layers take them: with an axis of their own, and channels last."""
    if channels == "first":
        return np.ascontiguousarray(np.moveaxis(x, 1, -1))
    return x.reshape(-1, 1) if x.ndim == 1 else x


def _digest(file: NpzFile, layout: Layout, x: Sequence[AnyArray], weights: AnyArray | None) -> str:
    """Over samples and answers; a validation part and weights come last, each behind its name."""
    known = dict(zip(layout.samples, x, strict=True))
    pairs = [(layout.x, layout.y), (layout.x_test, layout.y_test)]
    arrays = [array for x, y in pairs if x and y for array in (known[x], file.read(y))]
    if layout.x_validation and layout.y_validation:
        arrays += [_named("x_val"), known[layout.x_validation], file.read(layout.y_validation)]
    if weights is not None:
        arrays += [_named("sample_weight"), weights]
    return digest_of(*arrays)


def _named(name: str) -> AnyArray:
    return np.frombuffer(name.encode(), np.uint8)


def _weights(file: NpzFile, key: str) -> AnyArray:
    """One float32 for each sample, as Keras takes them."""
    with np.errstate(over="ignore"):
        weights = file.read(key).reshape(-1).astype(np.float32)
    if not np.isfinite(weights).all() or weights.min() < 0 or not weights.any():
        raise DataError(f"{key} in {file.name} needs finite weights that are 0 or more, some of them above 0.")
    return weights


def _samples(file: NpzFile, key: str) -> AnyArray:
    x = file.read(key)
    complaint = complaint_on(x, file.header(key))
    if complaint:
        raise DataError(f"{key} in {file.name} {complaint}")
    return x.reshape(-1, 1) if x.ndim == 1 else x
