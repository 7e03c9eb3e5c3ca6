"""Change single fields of a config by path, such as `optimizer.learning_rate=0.01`."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from trainer.config.component import Component
from trainer.config.config import Config
from trainer.config.registry import REGISTRIES
from trainer.config.serialization import parse_config, read_value
from trainer.config.suggestions import dropped, likely, renamed
from trainer.errors import ConfigError

__all__ = ["paths", "with_overrides", "with_value"]

_MOST_NAMED = 12


def with_overrides(config: Config, settings: Iterable[str]) -> Config:
    """Return the config with each setting `path=value` applied in order.

    Layers, metrics and callbacks are counted from 1 (`layers.2.units=64`). Values are YAML, so that a whole component
    can be given (`loss={name: Huber, delta: 2}`). A new name alone (`optimizer.name=SGD`) keeps the fields that both
    components have.

    Raises:
        ConfigError: If a setting has no `=`, if its path is not in the config (the message suggests the nearest one),
            or if its value is not valid.
    """
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError(
                f"The setting {setting!r} has no value; expected path=value, such as optimizer.learning_rate=0.01."
            )
        config = with_value(config, path.strip(), read_value(value))
    return config


def with_value(config: Config, path: str, value: Any) -> Config:
    """Return the config with one field changed to a plain value; raises ConfigError as `with_overrides` does."""
    known = list(paths(config))
    if path not in known:
        raise ConfigError(_unknown(config, path, known))
    # The dump gives tuples, which cannot be edited; only those along the path are turned into lists.
    fields = config.model_dump()
    holder: Any = fields
    owner: Any = config
    *way, last = path.split(".")
    for step in way:
        if isinstance(owner, tuple):
            owner, holder = owner[int(step) - 1], holder[int(step) - 1]
        else:
            owner = getattr(owner, step)
            holder[step] = list(holder[step]) if isinstance(holder[step], tuple) else holder[step]
            holder = holder[step]
    if isinstance(owner, tuple):
        holder[int(last) - 1] = value
    elif isinstance(owner, Component) and last == owner.key:
        kept = _kept(owner, way, str(value))
        holder.clear()
        holder.update(kept)
    else:
        holder[last] = value
    return parse_config(fields)


def _kept(part: Component, way: list[str], word: str) -> dict[str, Any]:
    """Return the fields of a component that is renamed: those that are set and that the new component has too."""
    registry = next(registry for registry in REGISTRIES.values() if type(part) in registry.members.values())
    name = registry.full_name(word)
    other = registry.members.get(name)
    fields = type(part).model_fields
    dumped = part.model_dump()
    # A field at its default takes the new component's default: Adam's learning rate is not SGD's.
    kept = {
        key: dumped[key]
        for key, value in part.arguments().items()
        if other and key in other.model_fields and (fields[key].is_required() or value != fields[key].default)
    }
    return {part.key: name, **kept}


def paths(owner: Config | Component | tuple[Any, ...], before: str = "") -> Iterator[str]:
    """Yield every path into the config, to components as well as to plain fields."""
    if isinstance(owner, tuple):
        items: Iterable[tuple[str, Any]] = ((str(number), part) for number, part in enumerate(owner, start=1))
    else:
        items = ((name, getattr(owner, name)) for name in type(owner).model_fields)
    for name, value in items:
        yield before + name
        is_parts = isinstance(value, tuple) and all(isinstance(item, Component) for item in value)
        if isinstance(value, Component) or is_parts:
            yield from paths(value, f"{before}{name}.")


def _unknown(config: Config, path: str, known: list[str]) -> str:
    counted = _counted(config, path)
    if counted:
        return counted
    parent, _, last = path.rpartition(".")
    beside = [_last(other) for other in known if other.rpartition(".")[0] == parent]
    near = _near(path, beside, known)
    hint = f"did you mean {near}?" if near else "expected a field such as optimizer.learning_rate or layers.2.units."
    return f"`{path}` is not in this config; {(beside and dropped(last, beside)) or hint}"


def _counted(config: Config, path: str) -> str | None:
    """Return the message for a path whose item does not exist, or whose field belongs to another item, else None."""
    field, _, rest = path.partition(".")
    items = getattr(config, field, None) if field in REGISTRIES else None
    step, _, name = rest.partition(".")
    if not isinstance(items, tuple) or not step.removeprefix("-").isdecimal():
        return None
    noun = REGISTRIES[field].noun
    number = int(step)
    if not 1 <= number <= len(items):
        return f"{noun.capitalize()} {number} does not exist; {_counting(field, items)}."
    item = items[number - 1]
    fields = [item.key, *item.field_order()]
    if not name or "." in name or dropped(name, fields) or likely(name, fields):
        return None
    meant = [(other, likely(name, type(each).model_fields)) for other, each in enumerate(items, start=1)]
    others = " or ".join(f"{field}.{other}.{found}" for other, found in meant if found)
    advice = f"did you mean {others}?" if others else f"its fields are {', '.join(fields)}."
    return f"{noun.capitalize()} {number} ({item.kind}) has no field `{name}` ({_counting(field, items)}); {advice}"


def _counting(field: str, items: tuple[Component, ...]) -> str:
    """Describe how the items of a list are counted and which exist."""
    if not items:
        return f"the config has no {field}"
    existing = [f"{number} {item.kind}" for number, item in enumerate(items, start=1)]
    shown = existing if len(existing) <= _MOST_NAMED else [*existing[:_MOST_NAMED], "…"]
    return f"{field} are numbered from 1: {', '.join(shown)}"


def _near(path: str, beside: list[str], known: list[str]) -> str | None:
    """Return the path most likely meant; a name without a parent may be a field of any component."""
    parent, dot, last = path.rpartition(".")
    # Reversed, so that of paths with the same end the first one is kept.
    ends = {_last(other): other for other in reversed(known)}
    same_end = ends.get(renamed(last, ends) or "")
    if same_end and not dot:
        return same_end
    step = likely(last, beside)
    if step:
        return f"{parent}{dot}{step}"
    return next(iter(difflib.get_close_matches(path, known, n=1, cutoff=0.5)), same_end)


def _last(path: str) -> str:
    return path.rpartition(".")[2]
