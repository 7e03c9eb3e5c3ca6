"""The kinds of parts, and the values that a new part starts with."""

from collections.abc import Mapping
from typing import Any

from dashboard.draft.starts import STARTS
from trainer.config import LAYERS, Component, Registry, describe

__all__ = ["change_kind", "layers_in_order", "start", "summary"]


def start(registry: Registry, kind: str) -> dict[str, Any]:
    """Return the fields of a new part: valid, except for values that only the user knows."""
    return {registry.key: kind, **STARTS.get(kind, {})}


def change_kind(fields: Mapping[str, Any], registry: Registry, kind: str) -> dict[str, Any]:
    """Return the fields of a part as another kind: shared fields are kept, required ones filled in."""
    specs = describe(registry.members[kind])
    kept = {spec.name: fields[spec.name] for spec in specs if spec.name in fields}
    needed = {spec.name for spec in specs if spec.required}
    begun = {name: value for name, value in start(registry, kind).items() if name in needed or not kept}
    return {registry.key: kind, **begun, **kept}


def summary(cls: type[Component]) -> str:
    """Return the help of a kind in one sentence: the first of its docstring."""
    return (cls.__doc__ or "").strip().split("\n")[0].split(". ")[0].rstrip(".") + "."


def layers_in_order() -> tuple[str, ...]:
    """Return all layers, group by group."""
    return tuple(LAYERS.members)
