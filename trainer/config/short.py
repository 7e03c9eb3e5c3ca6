"""Write a config as a person would: bare names, and only the fields that differ from their defaults."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from trainer.config.component import Component

__all__ = ["shortened", "shortened_component"]

# The fields that people look for first, shown also at their default.
_ALWAYS = frozenset({"dataset", "layers", "loss", "optimizer", "metrics", "epochs", "batch_size", "seed"})


def shortened(config: BaseModel) -> dict[str, Any]:
    """Return the config's fields in order, without rarely read fields that are at their default."""
    short: dict[str, Any] = {}
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if name in _ALWAYS or value != field.default:
            short[name] = _plain(value, whole=name in {"dataset", "loss", "optimizer"})
    return short


def _plain(value: Any, *, whole: bool = False) -> Any:
    if isinstance(value, Component):
        return shortened_component(value, whole=whole)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def shortened_component(part: Component, *, whole: bool = False) -> Any:
    """Return a component's kind and the fields that are set; only the kind if none is, unless `whole`."""
    fields = type(part).model_fields
    set_fields = {
        name: _plain(value, whole=isinstance(value, Component) and bool(value.arguments()))
        for name, value in part.arguments().items()
        if fields[name].is_required() or value != fields[name].default
    }
    if not set_fields and not whole:
        return part.kind
    return {part.key: part.kind, **set_fields}
