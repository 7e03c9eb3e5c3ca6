"""A person's own arrays in one npz file, as a data set."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from trainer.config import Npz, nearest
from trainer.data.npz_file import Header, NpzFile
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Arrays, Raw, digest_of
from trainer.data.targets import Targets, read_targets
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["NpzSource", "find_file", "read_npz"]

_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
_CHUNK = 2**20
_LONGEST_GUESS = 40
"""Longer names are compared with nothing: it would take long, and none is a misspelled `x_train`."""
_LOOKED_THROUGH = 500_000_000
"""So many bytes take a second; what is beyond is judged when it is trained on."""


@dataclass(frozen=True)
class _Layout:
    """The names of the arrays in a file; the test pair may be missing."""

    x: str
    y: str
    x_test: str | None = None
    y_test: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.x, self.y, self.x_test, self.y_test) if key)


class NpzSource:
    """The data set named `npz`: `x`, `y` or `x_train`, `y_train`, `x_test`, `y_test` in the file at `path`."""

    def about(self, dataset: Npz, home: Home) -> About:
        """What headers and labels tell; no sample is read."""
        with _opened(dataset, home) as file:
            layout = _checked_layout(file)
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
            layout = _checked_layout(file)
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


def _layout(file: NpzFile) -> _Layout:
    keys = set(file.keys)
    divided = _Layout("x_train", "y_train", "x_test", "y_test")
    for layout in (divided, _Layout("x_train", "y_train"), _Layout("x", "y")):
        if keys.issuperset(layout.keys) and (layout == divided or not keys & {"x_test", "y_test"}):
            return layout
    wanted = divided.keys if any(key.lower().endswith(("_train", "_test")) for key in keys) else ("x", "y")
    missing = next((key for key in wanted if key not in keys), "x_train")
    near = nearest(missing, [key for key in file.keys if len(key) <= _LONGEST_GUESS])
    hint = f"; is it {near!r}? Rename it" if near and near not in wanted else "; add it"
    raise DataError(
        f"{file.name} has no array {missing!r}, it holds {file.shown_keys()}{hint}: expected are x and y, "
        "or x_train, y_train, x_test and y_test."
    )


def _checked_layout(file: NpzFile) -> _Layout:
    layout = _layout(file)
    _check_pair(file, layout.x, layout.y)
    if layout.x_test and layout.y_test:
        _check_pair(file, layout.x_test, layout.y_test)
        _check_alike(file, layout.x, layout.x_test)
        _check_alike(file, layout.y, layout.y_test)
    file.admit(layout.keys)
    return layout


def _check_pair(file: NpzFile, x: str, y: str) -> None:
    shape_x, shape_y = file.header(x).shape, file.header(y).shape
    for key, shape in ((x, shape_x), (y, shape_y)):
        if not shape or 0 in shape:
            raise DataError(
                f"{key} in {file.name} is empty (shape {shape}); expected is (samples, …) with samples in it."
            )
    if shape_x[0] != shape_y[0]:
        raise DataError(
            f"{x} in {file.name} holds {shape_x[0]:,} samples and {y} holds {shape_y[0]:,}; both need the same number."
        )


def _check_alike(file: NpzFile, train: str, test: str) -> None:
    one, other = file.header(train), file.header(test)
    if one.shape[1:] != other.shape[1:] or one.dtype != other.dtype:
        raise DataError(
            f"{train} in {file.name} holds {one.dtype} of shape {one.shape} and {test} {other.dtype} of shape "
            f"{other.shape}; all but the number of samples must agree."
        )


def _targets(file: NpzFile, layout: _Layout, task: str) -> Targets:
    """Of the training and the test part together, so that both have the same classes."""
    parts = [file.read(key) for key in (layout.y, layout.y_test) if key]
    return read_targets(np.concatenate(parts), task=task, where=f"{layout.y} in {file.name}")


def _about(file: NpzFile, layout: _Layout, targets: Targets, title: str) -> About:
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
    layout = _checked_layout(file)
    y = _targets(file, layout, task).y
    x = _samples(file, layout.x)
    raw_y = file.read(layout.y)
    if not (layout.x_test and layout.y_test):
        return Raw(train=Arrays(x, y), digest=digest_of(x, raw_y))
    x_test = _samples(file, layout.x_test)
    digest = digest_of(x, raw_y, x_test, file.read(layout.y_test))
    return Raw(train=Arrays(x, y[: len(x)]), test=Arrays(x_test, y[len(x) :]), digest=digest)


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
        layout = _checked_layout(file)
        for key in (layout.x, layout.x_test):
            found = key and _complaint_on(file.parts(key, size=_LOOKED_THROUGH), file.header(key))
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
