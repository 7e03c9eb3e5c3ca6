"""The roles of the arrays in an .npz file: samples, targets, weights, parts, and unused arrays."""

from dataclasses import dataclass

from trainer.config import nearest
from trainer.data.npz_file import NpzFile
from trainer.errors import DataError
from trainer.format import counted

__all__ = ["KNOWN_ARRAYS", "Layout", "checked_layout"]

KNOWN_ARRAYS = "x, y (or x_train, y_train), x_val, y_val, x_test, y_test and sample_weight"
"""The names that Fitboard reads, for messages."""

_WEIGHTS = ("sample_weight", "sample_weight_train")
# Longer names are not compared: it would be slow, and none is a misspelled `x_train`.
_LONGEST_GUESS = 40


@dataclass(frozen=True)
class Layout:
    """The names of the arrays in a file; the pairs of the test and validation data and the weights are optional.

    `ignored` are the arrays that are not used.
    """

    x: str
    y: str
    x_test: str | None = None
    y_test: str | None = None
    x_validation: str | None = None
    y_validation: str | None = None
    weights: str | None = None
    ignored: tuple[str, ...] = ()

    @property
    def samples(self) -> tuple[str, ...]:
        """The names of the arrays of samples, training first."""
        return tuple(key for key in (self.x, self.x_test, self.x_validation) if key)

    @property
    def answers(self) -> tuple[str, ...]:
        """The names of the arrays of targets, in the order of `samples`."""
        return tuple(key for key in (self.y, self.y_test, self.y_validation) if key)

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all used arrays."""
        return (*self.samples, *self.answers, *([self.weights] if self.weights else []))


def checked_layout(file: NpzFile) -> Layout:
    """Return the layout of a file, checked to be consistent and to fit into memory.

    Raises:
        DataError: If an array is missing, empty or inconsistent, or if all together are too large.
    """
    layout = _layout(file)
    for x, y in zip(layout.samples, layout.answers, strict=True):
        _check_pair(file, x, y)
    for x, y in zip(layout.samples[1:], layout.answers[1:], strict=True):
        _check_alike(file, layout.x, x)
        _check_alike(file, layout.y, y)
    if layout.weights:
        _check_weights(file, layout.x, layout.weights)
    file.admit(layout.keys)
    return layout


def _layout(file: NpzFile) -> Layout:
    keys = set(file.keys)
    divided = ("x_train", "y_train", "x_test", "y_test")
    for names in (divided, divided[:2], ("x", "y")):
        # Only one of x_test and y_test is a mistake to report, not an array to ignore.
        if keys.issuperset(names) and (names == divided or not keys & {"x_test", "y_test"}):
            return _completed(file, names)
    # Nothing matched; guess from the names which of the two layouts was meant, for the message.
    wanted = divided if any(key.lower().endswith(("_train", "_test")) for key in keys) else ("x", "y")
    missing = next((key for key in wanted if key not in keys), "x_train")
    near = nearest(missing, [key for key in file.keys if len(key) <= _LONGEST_GUESS])
    hint = f"Rename {near!r}" if near and near not in wanted else "Add it"
    raise DataError(
        f"{file.name} has no array {missing!r}; it contains {file.shown_keys()}. {hint}; expected x and y, "
        "or x_train, y_train, x_test and y_test."
    )


def _completed(file: NpzFile, names: tuple[str, ...]) -> Layout:
    """Return the layout of these arrays together with validation data and weights, if the file has any."""
    keys = file.keys
    has_validation = {"x_val", "y_val"} <= set(keys)
    x_validation, y_validation = ("x_val", "y_val") if has_validation else (None, None)
    weights = next((key for key in _WEIGHTS if key in keys), None)
    x, y, x_test, y_test = (*names, None, None)[:4]
    used = {*names, x_validation, y_validation, weights}
    ignored = tuple(key for key in keys if key not in used)
    return Layout(str(x), str(y), x_test, y_test, x_validation, y_validation, weights, ignored)


def _check_pair(file: NpzFile, x: str, y: str) -> None:
    shape_x, shape_y = file.header(x).shape, file.header(y).shape
    for key, shape in ((x, shape_x), (y, shape_y)):
        if not shape or 0 in shape:
            raise DataError(f"{key} in {file.name} is empty; expected shape (samples, …), got {shape}.")
    if shape_x[0] != shape_y[0]:
        raise DataError(
            f"{x} in {file.name} has {counted(shape_x[0], 'sample')}, but {y} has {shape_y[0]:,}; "
            "expected equal numbers."
        )


def _check_alike(file: NpzFile, train: str, other: str) -> None:
    one, two = file.header(train), file.header(other)
    if one.shape[1:] != two.shape[1:] or one.dtype != two.dtype:
        raise DataError(
            f"{train} in {file.name} is {one.dtype} of shape {one.shape}, but {other} is {two.dtype} of shape "
            f"{two.shape}; only the number of samples may differ."
        )


def _check_weights(file: NpzFile, x: str, weights: str) -> None:
    samples, shape = file.header(x).shape[0], file.header(weights).shape
    if shape not in {(samples,), (samples, 1)}:
        raise DataError(
            f"{weights} in {file.name} has shape {shape}; expected ({samples},), one weight for each of {samples:,} "
            f"samples of {x}."
        )
