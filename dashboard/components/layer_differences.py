"""The layers of several configs side by side: which were added, removed or changed, in words."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from dashboard.components.differences import shortened, words_of
from trainer.config import AlignedLayer, Config, LayerChange, aligned_layers, brief
from trainer.format import cut

__all__ = ["LayerRow", "layer_rows"]

_NOTHING = "–"
_LONGEST = 80


class LayerRow(NamedTuple):
    """Corresponding layers, how they differ from the first config's, and what is shown of each config."""

    change: LayerChange
    cells: tuple[str, ...]


def layer_rows(configs: Sequence[Config]) -> tuple[LayerRow, ...]:
    """Return the aligned layers, with neighbours that all configs share in one row; empty if no layer differs."""
    found: list[LayerRow] = []
    for is_same, some in groupby(aligned_layers(configs), lambda row: row.change is LayerChange.SAME):
        rows = list(some)
        found += [_shared(rows)] if is_same else [_row(row) for row in rows]
    return tuple(found) if any(row.change is not LayerChange.SAME for row in found) else ()


def _shared(rows: Sequence[AlignedLayer]) -> LayerRow:
    """Return one row for layers that are the same in all configs, with their numbers in each."""
    kinds = ", ".join(layer.kind for row in rows if (layer := row.layers[0]) is not None)
    ends = zip(rows[0].numbers, rows[-1].numbers, strict=True)
    cells = (f"{first}–{last} {kinds}" if first != last else f"{first} {kinds}" for first, last in ends)
    return LayerRow(LayerChange.SAME, tuple(cut(cell, _LONGEST) for cell in cells))


def _row(row: AlignedLayer) -> LayerRow:
    cells = (
        _NOTHING if layer is None else f"{row.numbers[place]} {_told(row, place, layer)}"
        for place, layer in enumerate(row.layers)
    )
    return LayerRow(row.change, tuple(cut(cell, _LONGEST) for cell in cells))


def _told(row: AlignedLayer, place: int, layer: Any) -> str:
    if row.change is not LayerChange.CHANGED:
        return brief(layer)
    fields = (f"{field.path}={shortened(tuple(map(words_of, field.values)))[place]}" for field in row.fields)
    return f"{layer.kind}: {', '.join(fields)}"
