"""The fields in which configs differ."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from trainer.config.component import Component
from trainer.config.config import Config

__all__ = ["AlignedLayer", "Difference", "LayerChange", "aligned_layers", "brief", "differences"]

_NOT_COMPARED = frozenset({"name", "experiment"})
# Even an unlike pair beats two gaps, so that a layer replaced by another kind is one difference, not two.
_EQUAL, _SAME_KIND, _OTHER_KIND = 4.0, 2.0, 0.5


class Difference(NamedTuple):
    """A field that differs between configs: its path (`layers.2.units`, counted from 1) and each config's value.

    A value is None if the field is None or if the config has no such field or layer. Components appear by name, and
    items of a list with the fields that are set: `Dense(units=10)`.
    """

    path: str
    values: tuple[Any, ...]


class LayerChange(StrEnum):
    """How a layer differs from the first config's."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    REPLACED = "replaced"
    CHANGED = "changed"


class AlignedLayer(NamedTuple):
    """The layers of several configs that correspond to each other, one for each config, None where it has none.

    `numbers` count the layers of each config from 1. `fields` are those in which layers of one kind differ, each with
    its value in every config.
    """

    change: LayerChange
    layers: tuple[Component | None, ...]
    numbers: tuple[int | None, ...]
    fields: tuple[Difference, ...]


def aligned_layers(configs: Sequence[Config]) -> tuple[AlignedLayer, ...]:
    """Align the layers of the configs, like with like, in the order in which samples pass them."""
    passed = [0] * len(configs)
    found = []
    for row in _rows([config.layers for config in configs]) if configs else []:
        passed = [before + (layer is not None) for before, layer in zip(passed, row, strict=True)]
        numbers = tuple(None if layer is None else number for layer, number in zip(row, passed, strict=True))
        change = _change(row)
        present = [layer for layer in row if layer is not None]
        fields = _compare_parts("", present) if change is LayerChange.CHANGED else ()
        stripped = tuple(each._replace(path=each.path.removeprefix(".")) for each in fields)
        found.append(AlignedLayer(change, row, numbers, stripped))
    return tuple(found)


def _change(row: Sequence[Component | None]) -> LayerChange:
    if all(layer == row[0] for layer in row):
        return LayerChange.SAME
    if None in row:
        return LayerChange.ADDED if row[0] is None else LayerChange.REMOVED
    kinds = {layer.kind for layer in row if layer is not None}
    return LayerChange.CHANGED if len(kinds) == 1 else LayerChange.REPLACED


def differences(configs: Sequence[Config]) -> tuple[Difference, ...]:
    """Return the fields that differ between the configs, in the schema's order, except `name` and `experiment`.

    Layers, metrics and callbacks are first aligned, like with like, so that one additional layer in one config is
    one difference. Their numbers count the rows of that alignment; these are the layers' own numbers if no layer was
    added or removed.
    """
    found: list[Difference] = []
    for name in Config.model_fields:
        # Each value once: of hundreds of configs most have the same layers, whose comparison takes long.
        known: dict[Any, int] = {}
        places = [known.setdefault(getattr(config, name), len(known)) for config in configs]
        if name not in _NOT_COMPARED and len(known) > 1:
            for path, values in _compare(name, list(known)):
                found.append(Difference(path, tuple(values[place] for place in places)))
    return tuple(found)


def brief(part: Component) -> str:
    """Return a component on one line with the fields that differ from their default: `Dense(units=10)`."""
    fields = type(part).model_fields
    shown = [
        f"{name}={brief(value) if isinstance(value, Component) else value}"
        for name, value in part.arguments().items()
        if fields[name].is_required() or value != fields[name].default
    ]
    return f"{part.kind}({', '.join(shown)})" if shown else part.kind


def _compare(path: str, values: list[Any]) -> Iterator[Difference]:
    if all(value == values[0] for value in values):
        return
    if all(isinstance(value, Component) for value in values):
        yield from _compare_parts(path, values)
    elif all(isinstance(value, tuple) and all(isinstance(item, Component) for item in value) for value in values):
        for number, row in enumerate(_rows(values), start=1):
            # Fields are compared only within one kind; otherwise the components differ as a whole.
            kinds = {part.kind if part else None for part in row}
            whole = [brief(part) if part else None for part in row]
            yield from _compare(f"{path}.{number}", list(row) if len(kinds) == 1 else whole)
    else:
        yield Difference(path, tuple(brief(value) if isinstance(value, Component) else value for value in values))


def _compare_parts(path: str, parts: list[Component]) -> Iterator[Difference]:
    """Compare components in the same field: first their names, then the fields in which they differ."""
    if any(part.kind != parts[0].kind for part in parts):
        yield Difference(path, tuple(part.kind for part in parts))
    for name in dict.fromkeys(name for part in parts for name in part.arguments()):
        holders = [part for part in parts if name in type(part).model_fields]
        is_set = any(getattr(part, name) != type(part).model_fields[name].default for part in holders)
        if is_set or len(holders) == len(parts):
            yield from _compare(f"{path}.{name}", [getattr(part, name, None) for part in parts])


def _rows(columns: Sequence[tuple[Component, ...]]) -> list[tuple[Component | None, ...]]:
    """Align the columns with gaps, so that equal components, or else components of one kind, share a row."""
    rows: list[tuple[Component | None, ...]] = [(part,) for part in columns[0]]
    for width, column in enumerate(columns[1:], start=1):
        leaders = [next(part for part in row if part is not None) for row in rows]
        rows = [
            (*(rows[left] if left is not None else (None,) * width), column[right] if right is not None else None)
            for left, right in _pairs(leaders, column)
        ]
    return rows


def _likeness(one: Component, other: Component) -> float:
    if one == other:
        return _EQUAL
    return _SAME_KIND if one.kind == other.kind else _OTHER_KIND


def _pairs(left: Sequence[Component], right: Sequence[Component]) -> list[tuple[int | None, int | None]]:
    """Pair the items of two sequences; equal ends are paired first, since aligning the rest takes quadratic time."""
    shorter = min(len(left), len(right))
    start = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    most = shorter - start
    end = next((n for n in range(most) if left[-1 - n] != right[-1 - n]), most)
    middle = _aligned(left[start : len(left) - end], right[start : len(right) - end])
    shifted = [(None if i is None else i + start, None if j is None else j + start) for i, j in middle]
    tail = [(len(left) - n, len(right) - n) for n in range(end, 0, -1)]
    return [*((n, n) for n in range(start)), *shifted, *tail]


def _aligned(left: Sequence[Component], right: Sequence[Component]) -> list[tuple[int | None, int | None]]:
    """Return the alignment of greatest total likeness (Needleman–Wunsch with free gaps)."""
    # best[i][j] is the greatest likeness of left[i:] and right[j:], filled from the end.
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            paired = best[i + 1][j + 1] + _likeness(left[i], right[j])
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        # Comparing floats is exact here: all likenesses are multiples of 0.5.
        if best[i][j] == best[i + 1][j + 1] + _likeness(left[i], right[j]):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    pairs += [(rest, None) for rest in range(i, len(left))]
    return pairs + [(None, rest) for rest in range(j, len(right))]
