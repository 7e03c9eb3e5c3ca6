"""The order and the widths of the table's columns, as the address keeps them."""

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["FIRST", "LEAST_WIDTH", "MOST_WIDTH", "arranged", "moved", "width_texts", "widths_of"]

FIRST = ("color", "name")
"""The columns that always come first; the names stay in sight while the others scroll."""
LEAST_WIDTH, MOST_WIDTH = 40, 1_200
"""The limits of a width in pixels."""


def arranged(shown: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """Return the columns in the order that a person gave them.

    Columns that this order does not name, such as those of new metrics, stay behind the one that they follow.

    >>> arranged(["name", "a", "b", "c"], ["c", "a"])
    ('name', 'c', 'a', 'b')
    """
    places = {name: place for place, name in enumerate(dict.fromkeys(order)) if name in shown and name not in FIRST}
    found = [name for name in shown if name in FIRST]
    found += sorted(places, key=places.__getitem__)
    for place, name in enumerate(shown):
        if name not in found:
            found.insert(found.index(shown[place - 1]) + 1 if place else 0, name)
    return tuple(found)


def moved(shown: Sequence[str], column: str, before: str) -> tuple[str, ...]:
    """Return the order after a column was moved before another one, or to the end if there is no such column."""
    rest = [name for name in shown if name != column and name not in FIRST]
    if column in FIRST or before in FIRST or column not in shown:
        return tuple(name for name in shown if name not in FIRST)
    place = rest.index(before) if before in rest else len(rest)
    return (*rest[:place], column, *rest[place:])


def widths_of(texts: Iterable[str]) -> dict[str, int]:
    """Return column → width in pixels from texts such as `metrics.val_loss:120`; others are left out."""
    found = {}
    for text in texts:
        name, _, width = text.rpartition(":")
        if name and width.isascii() and width.isdecimal() and len(width) < 6:
            found[name] = min(max(int(width), LEAST_WIDTH), MOST_WIDTH)
    return found


def width_texts(widths: Mapping[str, int]) -> tuple[str, ...]:
    """Return the widths as the address keeps them."""
    return tuple(f"{name}:{width}" for name, width in widths.items())
