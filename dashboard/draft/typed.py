"""Fields as text: parsing typed text, and formatting values for a form."""

import math
import re
from collections.abc import Mapping
from typing import Any

from dashboard.draft.draft import UNSET
from trainer.config import FieldKind, FieldSpec
from trainer.format import short_number

__all__ = ["explained", "in_step", "read", "shown", "shown_briefly"]

_NUMERIC = frozenset({FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.RATE})
_SEVERAL = frozenset({FieldKind.NUMBERS, FieldKind.TEXTS, FieldKind.MAPPING})


def read(spec: FieldSpec, text: str) -> Any:
    """Return the value of typed text: a number if it is one, else the text itself, which the schema then rejects.

    Empty text removes the field, or sets it to None if None is allowed and not the default.
    """
    text = text.strip()
    if not text:
        return None if spec.optional and spec.default is not None else UNSET
    if spec.optional and text.lower() == "none":
        return None
    if spec.kind in _NUMERIC:
        return _number(text)
    if spec.kind in _SEVERAL:
        return _several(spec, text)
    return _by_class(text) if spec.kind is FieldKind.CLASS_WEIGHTS else text


def shown(value: Any) -> str:
    """Return a value as text that `read` turns back into it; empty for None."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {choice}" for name, choice in value.items())
    if isinstance(value, list | tuple):
        return ", ".join("none" if item is None else shown(item) for item in value)
    return str(value)


def shown_briefly(value: Any) -> str:
    """Return a value as text with short numbers, for a field that keeps the exact value until its text is edited."""
    if isinstance(value, list | tuple):
        return ", ".join("none" if item is None else shown_briefly(item) for item in value)
    return short_number(value) if isinstance(value, float) and short_number(value) != f"{value:.6g}" else shown(value)


def in_step(spec: FieldSpec, text: str, holder: Mapping[str, Any]) -> bool:
    """Return whether the text means the value that is set, so that it can stay as typed."""
    value = read(spec, text)
    if value is UNSET:
        return spec.name not in holder
    given = holder.get(spec.name, spec.default)
    if isinstance(given, list | tuple) and isinstance(value, list | tuple):
        return list(given) == list(value)
    return bool(given == value)


def explained(spec: FieldSpec) -> str:
    """Return the help of a field, the values that it accepts, and its default."""
    sentences = [spec.help, _limits(spec)]
    if not spec.required and spec.kind is not FieldKind.FLAG:
        sentences.append(f"Default: {shown(spec.default) or 'none'}." if _is_plain(spec.default) else "")
    return " ".join(sentence for sentence in sentences if sentence)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | tuple)


def _number(text: str) -> Any:
    plain = re.sub(r"(?<=\d)[_, ](?=\d{3}\b)", "", text.replace("−", "-"))
    for kind in (int, float):
        try:
            value = kind(plain)
        except ValueError:
            continue
        # `float` also reads `nan` and `inf`, which no field accepts.
        return value if math.isfinite(value) else text
    return text


def _several(spec: FieldSpec, text: str) -> Any:
    words = [word for word in re.split(r"[\s,;×x()\[\]]+", text) if word] if spec.kind is FieldKind.NUMBERS else []
    if spec.kind is FieldKind.MAPPING:
        # A value that is no choice, such as the format of a time, may contain colons itself.
        is_free = not spec.choices
        pairs = [
            pair.partition(": ") if is_free and ": " in pair else pair.rpartition(":")
            for pair in text.split(",")
            if pair.strip()
        ]
        return {name.strip(): choice.strip() for name, _, choice in pairs}
    if spec.kind is FieldKind.TEXTS:
        return [word.strip() for word in text.split(",") if word.strip()]
    values = [None if word.lower() in {"none", "-"} else _number(word) for word in words]
    if any(isinstance(value, str) for value in values) or not values:
        return text
    # One number stands for all sides of a window, as in Keras.
    return values[0] if len(values) == 1 and (spec.length > 1 or spec.single) else values


def _by_class(text: str) -> Any:
    """Return the mapping that `cat: 2, dog: 1` means, or the text itself if it is none."""
    pairs = [part.rpartition(":") for part in text.split(",") if part.strip()]
    if not all(colon for _, colon, _ in pairs):
        return text
    return {name.strip(): _number(number.strip()) for name, _, number in pairs}


def _limits(spec: FieldSpec) -> str:
    if spec.kind is FieldKind.CLASS_WEIGHTS:
        return "balanced, or a weight for each class, such as cat: 2, dog: 1."
    if spec.kind is FieldKind.NUMBERS:
        many = f"{spec.length} numbers" if spec.length else "Numbers"
        return f"{many} separated by commas."
    if spec.kind not in _NUMERIC:
        return ""
    noun = "An integer" if spec.whole else "A number"
    bounds = []
    if spec.minimum is not None:
        bounds.append(f"{'above' if spec.exclusive_minimum else 'at least'} {_bound(spec.minimum)}")
    if spec.maximum is not None and spec.maximum < 2**24 + 1:
        bounds.append(f"{'below' if spec.exclusive_maximum else 'at most'} {_bound(spec.maximum)}")
    return ", ".join([noun, *([" and ".join(bounds)] if bounds else [])]) + "."


def _bound(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"
