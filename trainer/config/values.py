"""Types of plain fields: counts, sizes, fractions, choices."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BeforeValidator, Field, Strict

__all__ = [
    "ACTIVATIONS",
    "LARGEST",
    "NO_NUL",
    "ONE_LINE",
    "RUN_ID",
    "Activation",
    "Axis",
    "ClassWeights",
    "Count",
    "Factor",
    "Flag",
    "Fraction",
    "FrozenMap",
    "Integer",
    "Margins1D",
    "Margins2D",
    "Margins3D",
    "Number",
    "Padding",
    "Pair",
    "Positive",
    "Probability",
    "Range",
    "Seed",
    "Share",
    "Signed",
    "Single",
    "Size",
    "Text",
    "Triple",
]

LARGEST = 2**40
"""Upper bound of every count. What fits in memory is far below it and is checked separately."""

Flag = Annotated[bool, Strict()]
Integer = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Count = Annotated[int, Strict(), Field(ge=0, le=LARGEST)]
Size = Annotated[int, Strict(), Field(ge=1, le=LARGEST)]
# NumPy's limit, which `keras.utils.set_random_seed` passes the seed to.
Seed = Annotated[int, Strict(), Field(ge=0, le=2**32 - 1)]
Positive = Annotated[float, Strict(), Field(gt=0)]
Probability = Annotated[float, Strict(), Field(ge=0, le=1)]
Fraction = Annotated[float, Strict(), Field(ge=0, lt=1)]
NO_NUL = r"^[^\x00]*$"
ONE_LINE = r"^[^\x00-\x1f]*$"
RUN_ID = r"^[0-9a-f]{32}$"

Text = Annotated[str, Strict(), Field(pattern=NO_NUL)]
"""Any text that a file, a URL and a database can store: all of Unicode except NUL."""

_Signed = Annotated[float, Strict(), Field(ge=-1, le=1)]

Padding = Literal["valid", "same"]


def _pair(value: Any) -> Any:
    # In Python True is an int; it is left for pydantic to reject.
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def _triple(value: Any) -> Any:
    return (value,) * 3 if isinstance(value, int) and not isinstance(value, bool) else value


def _margins(axes: int) -> BeforeValidator:
    """Accept what Keras does: one number for all sides, one for each axis, or two; also all sides in one list."""

    def each(value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return ((value, value),) * axes
        if not isinstance(value, list | tuple) or not all(isinstance(side, int) for side in value):
            return value
        if len(value) == 2 * axes:
            return tuple(zip(value[::2], value[1::2], strict=True))
        return tuple((side, side) for side in value) if len(value) == axes else value

    return BeforeValidator(each)


def _side(value: Any) -> Any:
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _axis(value: Any) -> Any:
    return _single(list(value)) if isinstance(value, list | tuple) else value


Pair = Annotated[tuple[Size, Size], BeforeValidator(_pair)]
"""Height and width; a single integer sets both."""

Triple = Annotated[tuple[Size, Size, Size], BeforeValidator(_triple)]
"""Depth, height and width; a single integer sets all three."""

_Sides = tuple[Count, Count]
Margins1D = Annotated[_Sides, BeforeValidator(_side)]
"""Steps at the start and at the end; a single integer sets both."""

Margins2D = Annotated[tuple[_Sides, _Sides], _margins(2)]
"""Rows at the top and bottom, columns at the left and right; a single integer sets all four."""

Margins3D = Annotated[tuple[_Sides, _Sides, _Sides], _margins(3)]
"""Slices before and after along the depth, height and width; a single integer sets all six."""

Factor = Number | tuple[Number, Number]
"""A number, or the lower and upper bound of a range that a number is drawn from."""

Share = Probability | tuple[Probability, Probability]
"""A number between 0 and 1, or the bounds of a range that it is drawn from."""

Signed = _Signed | tuple[_Signed, _Signed]
"""A number between −1 and 1, or the bounds of a range that it is drawn from."""

Range = tuple[Number, Number]
"""A lower and an upper bound."""

Single = Annotated[Size, BeforeValidator(_single)]
"""A length; a list of one integer is accepted too."""

Axis = Annotated[Integer | tuple[Integer, ...], BeforeValidator(_axis)]
"""An axis, or several."""


class FrozenMap(dict[str, Any]):
    """A mapping that cannot be changed, and so can be a field of a frozen config, which is hashed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("A config is immutable.")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = _refuse


def _text_keys(value: Any) -> Any:
    if value is not None and not isinstance(value, str) and not (isinstance(value, Mapping) and value):
        raise ValueError("expected balanced or a weight for each class, such as {cat: 2.0, dog: 1.0}")
    if not isinstance(value, Mapping):
        return value
    # YAML reads the key of `0: 2.5` as an integer; True is one too, and is left for pydantic to reject.
    return {str(key) if type(key) is int else key: number for key, number in value.items()}


_ClassName = Annotated[str, Strict(), Field(pattern=NO_NUL, max_length=100)]
_Weights = Annotated[
    dict[_ClassName, Annotated[float, Strict(), Field(ge=0)]], Field(max_length=10_000), AfterValidator(FrozenMap)
]
ClassWeights = Annotated[Literal["balanced"] | _Weights | None, BeforeValidator(_text_keys)]
"""A weight for each class, by the class's name or its number from 0, or how they follow from the data."""

_ActivationName = Literal[
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh",
    "tanh_shrink",
    "threshold",
]

ACTIVATIONS: tuple[str, ...] = tuple(
    name
    for name in _ActivationName.__args__  # type: ignore[attr-defined]
    if name != "threshold"
)
"""Names of activations that Keras can build: its `threshold` needs arguments, which no config can give."""

_OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}


def _activation(value: Any) -> Any:
    return _OTHER_NAMES.get(value, value) if isinstance(value, str) else value


Activation = Annotated[_ActivationName, BeforeValidator(_activation)]
"""A function of `keras.activations`; Keras's aliases are stored under the main name."""
