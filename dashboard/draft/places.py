"""Names of places in a draft as users see them: `layers.2.units` is "Layer 2 (Dense), units"."""

from collections.abc import Mapping
from typing import Any, Final

from trainer.config import registry_of_field

__all__ = ["place_name"]

_NOUNS: Final[Mapping[str, str]] = {
    "layers": "Layer",
    "metrics": "Metric",
    "callbacks": "Callback",
    "augment": "Augmentation",
}


def place_name(where: str, fields: Mapping[str, Any]) -> str:
    """Return the name of a place given as a path that counts from 1; a path that leads to no card stays as it is."""
    head, *rest = where.split(".")
    if head not in _NOUNS or not rest or not rest[0].isdigit():
        return where
    cards, place = fields.get(head), int(rest[0])
    card = cards[place - 1] if isinstance(cards, list) and 0 < place <= len(cards) else None
    registry = registry_of_field(head)
    kind = card.get(registry.key) if registry and isinstance(card, Mapping) else card
    named = f"{_NOUNS[head]} {place}" + (f" ({kind})" if kind else "")
    return ", ".join([named, *([".".join(rest[1:])] if rest[1:] else [])])
