"""A person's own arrays in one npz file, as a data set."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from trainer.config import Npz
from trainer.data.npz_file import Header, NpzFile
from trainer.data.npz_layout import Layout, checked_layout
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Arrays, Raw, digest_of
from trainer.data.targets import Targets, read_targets
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["NpzSource", "find_file", "read_npz"]

_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
_CHUNK = 2**20
_LOOKED_THROUGH = 500_000_000
"""So many bytes take a second; what is beyond is judged when it is trained on."""


class NpzSource:
    """The data set named `npz`: the arrays in the file at `path`, by the names that `npz_layout` tells."""

    def about(self, dataset: Npz, home: Home) -> About:
        """What headers and labels tell; no sample is read."""
        with _opened(dataset, home) as file:
            layout = checked_layout(file)
            if layout.weights:
                _weights(file, layout.weights)
            return _about(file, layout, _targets(file, layout, dataset.task), _title(file.name))

    def is_available(self, dataset: Npz, home: Home) -> bool:
        """Always: there is nothing to download, and a file that is missing is told by `about` and `read`."""
        return True

    def look_through(self, dataset: Npz, home: Home) -> None:
        """Refuses samples that are no finite numbers, as `read` does, by the first half GB of each array."""
        path = find_file(dataset.path, home)
        with _opened(dataset, home):  # says what is wrong with the file itself
            state = path.stat()
        complaint = _complaint(path.absolute(), state.st_mtime_ns, state.st_size)
        if complaint:
            raise DataError(complaint)

    def read(self, dataset: Npz, home: Home) -> Raw:
        """All samples, checked."""
        with _opened(dataset, home) as file:
            return _read(file, dataset.task)

    def peek(self, dataset: Npz, home: Home) -> Arrays:
        """The first samples of the training part, unchecked."""
        with _opened(dataset, home) as file:
            layout = checked_layout(file)
            x = file.start(layout.x)
            y = _targets(file, layout, dataset.task).y
            return Arrays(x.reshape(-1, 1) if x.ndim == 1 else x, y[: len(x)])


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


def _about(file: NpzFile, layout: Layout, targets: Targets, title: str) -> About:
    header = file.header(layout.x)
    kind = _kind(header.shape, header.dtype, targets.task)
    byte = header.dtype == np.uint8
    return About(
        title=title,
        kind=kind,
        task=targets.task,
        other_task=targets.other_task,
        input_shape=header.shape[1:] or (1,),
        samples=header.shape[0],
        test_samples=file.header(layout.x_test).shape[0] if layout.x_test else None,
        validation_samples=file.header(layout.x_validation).shape[0] if layout.x_validation else None,
        is_weighted=layout.weights is not None,
        ignored=file.shown_keys(layout.ignored) if layout.ignored else "",
        classes=targets.classes,
        class_names=targets.class_names,
        outputs=targets.outputs,
        largest=255.0 if byte else None,
        scale="unit" if byte else "standardize" if kind in (Kind.TABLE, Kind.POINTS) else "none",
    )


def _kind(shape: tuple[int, ...], dtype: np.dtype[np.generic], task: Task) -> Kind:
    if len(shape) <= 2:
        return Kind.POINTS if shape[1:] == (2,) and task is Task.CLASSIFICATION else Kind.TABLE
    if len(shape) == 3:
        return Kind.IMAGES if dtype == np.uint8 else Kind.ARRAYS
    return Kind.IMAGES if len(shape) == 4 and shape[3] in (1, 3, 4) else Kind.ARRAYS


def _read(file: NpzFile, task: str) -> Raw:
    layout = checked_layout(file)
    y = _targets(file, layout, task).y
    x = [_samples(file, key) for key in layout.samples]
    weights = _weights(file, layout.weights) if layout.weights else None
    digest = _digest(file, layout, x, weights)
    ends = np.cumsum([len(part) for part in x])[:-1]
    parts = [Arrays(*pair) for pair in zip(x, np.split(y, ends), strict=True)]
    return Raw(
        train=parts[0],
        test=parts[1] if layout.x_test else None,
        validation=parts[-1] if layout.x_validation else None,
        weights=weights,
        digest=digest,
    )


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
    complaint = _complaint_on(_pieces(x), file.header(key))
    if complaint:
        raise DataError(f"{key} in {file.name} {complaint}")
    return x.reshape(-1, 1) if x.ndim == 1 else x


def _pieces(x: AnyArray) -> Iterator[AnyArray]:
    flat = x.ravel(order="K")
    return (flat[first : first + _CHUNK] for first in range(0, len(flat), _CHUNK))


@functools.lru_cache(maxsize=100)
def _complaint(path: Path, changed_ns: int, size: int) -> str | None:
    """What is wrong with the samples in a file, looked for once in each state of it."""
    with NpzFile(path, name=path.name) as file:
        layout = checked_layout(file)
        for key in layout.samples:
            found = _complaint_on(file.parts(key, size=_LOOKED_THROUGH), file.header(key))
            if found:
                return f"{key} in {file.name} {found}"
    return None


def _complaint_on(pieces: Iterable[AnyArray], header: Header) -> str | None:
    """What is wrong with samples that come in flat pieces, in the order in which they are stored."""
    if header.dtype.kind != "f":
        return None
    first, too_large, bad = 0, False, []
    for piece in pieces:
        largest = max(abs(np.longdouble(piece.min())), abs(np.longdouble(piece.max())))
        if not np.isfinite(largest):
            places = first + np.flatnonzero(~np.isfinite(piece))
            bad.append(np.unravel_index(places, header.shape, "F" if header.fortran else "C")[0].min())
            if not header.fortran:
                break
        too_large |= bool(largest > _LARGEST_FLOAT32)
        first += piece.size
    if bad:
        return f"holds NaN or infinity, first in sample {min(bad)}; remove or replace such samples."
    return "holds values beyond 3.4e38, which float32 cannot hold; scale them down." if too_large else None
