"""A search space: a config, and the settings that vary with the values that each can take."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trainer.config.component import Component
from trainer.config.config import Config
from trainer.config.fields import FieldKind, describe
from trainer.config.overrides import paths, with_value
from trainer.config.search.domains import Choices, Domain, Repeat, choices_of, range_of, repeat_of, shown
from trainer.config.search.fixed import refuse_fixed, refuse_other_data
from trainer.config.serialization import parse_config
from trainer.errors import ConfigError

__all__ = ["Dimension", "Space", "Values", "parse_space"]

Values = Mapping[str, Any]
"""The value of each setting that varies in a trial, by the name of its dimension."""

_PRESENT, _REPEAT = "present", "repeat"
_PRESENCE = [True, False]
_NUMBERS = {FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.RATE, FieldKind.NUMBERS}
_MOST = 200


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One setting that varies. `rank` is when it is decided: the presence of layers first, then components."""

    name: str
    path: str
    domain: Domain
    rank: int = 2

    @property
    def is_presence(self) -> bool:
        """Whether it decides if a layer is in the network."""
        return self.rank == 0 and not isinstance(self.domain, Repeat)

    @property
    def is_repeat(self) -> bool:
        """Whether it decides how often a layer is repeated."""
        return isinstance(self.domain, Repeat)

    @property
    def order(self) -> tuple[Any, ...]:
        """The key of the stable order in which dimensions are decided."""
        steps = [(0, int(step), "") if step.isdecimal() else (1, 0, step) for step in self.name.split(".")]
        return (self.rank, len(steps) if self.rank < 2 else 0, steps)


@dataclass(frozen=True, kw_only=True)
class Space:
    """A config and the dimensions in which it varies, in their stable order."""

    config: Config
    dimensions: tuple[Dimension, ...]
    _known: dict[str, Dimension] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", {each.name: each for each in self.dimensions})

    @cached_property
    def size(self) -> int | None:
        """The number of combinations, those that make the same network counted apart; None if there is no end."""
        sizes = [each.domain.size for each in self.dimensions]
        return None if None in sizes else math.prod(size for size in sizes if size is not None)

    @property
    def endless(self) -> str | None:
        """The name of a dimension with infinitely many values, if there is one."""
        return next((each.name for each in self.dimensions if each.domain.size is None), None)

    @property
    def digest(self) -> str:
        """SHA-256 of the config and the dimensions, without names of runs and experiments: 64 hex digits."""
        told = {"config": self.config.digest, "search": {each.name: each.domain.plain() for each in self.dimensions}}
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def values(self, pick: Callable[[Dimension], Any]) -> dict[str, Any]:
        """Return a value for each dimension that applies, asking `pick` for one after the other.

        A field of an absent layer, or one that the chosen component does not have, does not apply.
        """
        found: dict[str, Any] = {}
        config = self.config
        known = set(paths(config))
        for each in self.dimensions:
            if self._is_absent(each, found) or each.path not in known:
                continue
            found[each.name] = pick(each)
            if each.rank == 1:
                config = with_value(config, each.path, found[each.name])
                known = set(paths(config))
        return found

    def config_of(self, values: Values) -> Config:
        """Return the ordinary config of a trial.

        Raises:
            ConfigError: a value is not in its domain, or the values together make no valid config.
        """
        chosen = [(each, values[each.name]) for each in self.dimensions if each.name in values]
        if unknown := set(values) - set(self._known):
            raise ConfigError(f"`{sorted(unknown)[0]}` does not vary in this sweep.")
        for each, value in chosen:
            if not each.domain.has(value):
                raise ConfigError(f"`{each.name}`: {shown(value)} is not in the search space.")
        config = self.config
        for each, value in chosen:
            if each.rank == 1:
                config = with_value(config, each.path, value)
        fields = config.model_dump()
        for each, value in chosen:
            if each.rank == 2:
                _put(fields, each.path, value)
        counts = {each.path: int(value) for each, value in chosen if each.is_repeat}
        counts |= {each.path: 0 for each, value in chosen if each.is_presence and not value}
        # From the end and from the inside, so that the numbers of the other layers stay what they are.
        for path in sorted(counts, key=lambda path: [_step(step) for step in path.split(".")], reverse=True):
            _copy(fields, path, counts[path])
        return parse_config(fields)

    def has(self, name: str, value: Any) -> bool:
        """Return whether a dimension of that name has this value."""
        return name in self._known and self._known[name].domain.has(value)

    def dimension(self, name: str) -> Dimension:
        """Return the dimension of that name."""
        return self._known[name]

    def _is_absent(self, each: Dimension, values: Values) -> bool:
        """Return whether the dimension belongs to a layer that is not there."""
        absent = [
            self._known[name].path for name, value in values.items() if self._known[name].is_presence and not value
        ]
        return any(f"{each.path}.".startswith(f"{path}.") for path in absent)


def parse_space(config: Config, search: Any, *, is_stored: bool = False) -> Space:
    """Read the `search` of a sweep: paths as `fitboard check` writes them, and the values that each can take.

    Raises:
        ConfigError: The space is empty, a path is not in the config, or a domain is not valid.
    """
    if not isinstance(search, Mapping):
        raise ConfigError(f"search: expected paths such as optimizer.learning_rate with values, got {shown(search)}.")
    if not search:
        raise ConfigError(
            "The search space is empty; add a path with its values, such as optimizer.learning_rate: "
            "{low: 1e-4, high: 1e-1, log: true}."
        )
    if len(search) > _MOST:
        raise ConfigError(f"The search space has {len(search):,} paths; expected at most {_MOST}.")
    given = {str(path): domain for path, domain in search.items()}
    kinds = {
        path: domain
        for path, domain in given.items()
        if isinstance(domain, list) and _is_structural(config, path, domain)
    }
    dimensions = [each for path, domain in kinds.items() for each in _read(path, domain, (config,), is_stored)]
    bases = (config, *(with_value(config, each.path, value) for each in dimensions for value in each.domain.values()))
    for path, domain in given.items():
        if path not in kinds:
            dimensions += _read(path, domain, bases, is_stored)
    space = Space(config=config, dimensions=tuple(sorted(dimensions, key=lambda each: each.order)))
    _refuse_nothing_left(space)
    return space


def _is_structural(config: Config, path: str, options: list[Any]) -> bool:
    """Return whether the path is that of a component, of several, or of a component's name, in any of its choices."""
    if path not in set(paths(config)):
        return False
    owner, last = _owner(config, path)
    value = _get(owner, last)
    is_several = isinstance(value, tuple) and all(isinstance(item, Component) for item in value)
    is_name = isinstance(owner, Component) and last == owner.key
    # A learning rate may be a number or a schedule, a regularizer null or one with settings of its own.
    return (
        isinstance(value, Component) or is_several or is_name or any(_is_part(config, path, each) for each in options)
    )


def _is_part(config: Config, path: str, option: Any) -> bool:
    """Return whether a choice puts a component at the path; one that is not valid is refused elsewhere."""
    if not isinstance(option, str | Mapping):
        return False
    try:
        return isinstance(_get(*_owner(with_value(config, path, option), path)), Component)
    except ConfigError:
        return False


def _read(path: str, given: Any, bases: Iterable[Config], is_stored: bool) -> Iterator[Dimension]:
    """Yield the dimensions of one path, checked against the first of the configs that has it."""
    options = tuple(bases)
    base = next((each for each in options if path in set(paths(each))), None)
    if base is None:
        _refuse_unknown_path(options[0], path)
        raise ConfigError(f"`{path}` is not in this config.")
    if not is_stored:
        refuse_fixed(path)
    if isinstance(given, Mapping) and given.keys() & {_PRESENT, _REPEAT}:
        yield from _layer_dimensions(path, given, base)
        return
    if isinstance(given, list):
        yield _choices(path, given, base, is_stored)
        return
    if not isinstance(given, Mapping):
        raise ConfigError(f"`{path}`: expected a list of choices or a range {{low: …, high: …}}, got {shown(given)}.")
    kind, whole = _kind(base, path)
    if isinstance(_owner(base, path)[0], tuple):
        raise ConfigError(
            f"`{path}`: expected a list of choices, {{present: [true, false]}} or {{repeat: {{low: 1, high: 4}}}}, "
            f"got {shown(given)}."
        )
    if kind not in _NUMBERS:
        raise ConfigError(f"`{path}` is not a number, so it cannot have a range; give a list of choices.")
    domain = range_of(path, given, whole=whole)
    for value in () if is_stored else (domain.low, domain.high):
        refuse_other_data(path, base, with_value(base, path, value))
    yield Dimension(name=path, path=path, domain=domain)


def _refuse_unknown_path(config: Config, path: str) -> None:
    """Refuse a path that is not in the config, with the nearest that is."""
    item, _, last = path.rpartition(".")
    if last in {_PRESENT, _REPEAT} and item in set(paths(config)):
        example = "[true, false]" if last == _PRESENT else "{low: 1, high: 4}"
        raise ConfigError(f"`{path}` is not a path; write {item}: {{{last}: {example}}}.")
    with_value(config, path, None)


def _choices(path: str, given: list[Any], base: Config, is_stored: bool) -> Dimension:
    kind, _ = _kind(base, path)
    domain = choices_of(path, given, numeric=kind in _NUMBERS)
    is_structural = _is_structural(base, path, given)
    seen: dict[str, Any] = {}
    for place, value in enumerate(domain.options, start=1):
        try:
            config = with_value(base, path, value)
        except ConfigError as error:
            if not is_structural and not isinstance(value, Mapping | list):
                raise
            # The error names a field inside the choice, which reads like one of the config itself.
            raise ConfigError(f"Choice {place} of `search.{path}` ({shown(value)}): {error}") from None
        if not is_stored:
            refuse_other_data(path, base, config)
        text = config.canonical_json()
        if text in seen:
            raise ConfigError(f"`{path}`: the choices {shown(seen[text])} and {shown(value)} are the same; remove one.")
        seen[text] = value
    return Dimension(name=path, path=path, domain=domain, rank=1 if is_structural else 2)


def _layer_dimensions(path: str, given: Mapping[str, Any], base: Config) -> Iterator[Dimension]:
    owner, last = _owner(base, path)
    if not (isinstance(owner, tuple) and last.isdecimal()):
        raise ConfigError(f"`{path}`: only an item of a list, such as layers.2, can be present or repeated.")
    for key in given:
        if key not in {_PRESENT, _REPEAT}:
            raise ConfigError(f"`{path}`: unknown field {shown(key)}; expected present or repeat.")
    if _PRESENT in given:
        if given[_PRESENT] not in (_PRESENCE, _PRESENCE[::-1]) or not all(isinstance(x, bool) for x in given[_PRESENT]):
            raise ConfigError(f"`{path}`: expected present: [true, false], got {shown(given[_PRESENT])}.")
        yield Dimension(name=f"{path}.{_PRESENT}", path=path, domain=Choices(options=(True, False)), rank=0)
    if _REPEAT in given:
        yield Dimension(name=f"{path}.{_REPEAT}", path=path, domain=repeat_of(path, given[_REPEAT]), rank=0)


def _kind(config: Config, path: str) -> tuple[FieldKind | None, bool]:
    """Return the kind of the field at a path, and whether it takes integers; None for an item of a list."""
    owner, last = _owner(config, path)
    if isinstance(owner, tuple) or (isinstance(owner, Component) and last == owner.key):
        return None, False
    spec = next(each for each in describe(type(owner)) if each.name == last)
    return spec.kind, spec.whole


def _owner(config: Config, path: str) -> tuple[Config | Component | tuple[Any, ...], str]:
    owner: Any = config
    *way, last = path.split(".")
    for step in way:
        owner = _get(owner, step)
    return owner, last


def _get(owner: Any, step: str) -> Any:
    return owner[int(step) - 1] if isinstance(owner, tuple) else getattr(owner, step)


def _holder(fields: Any, path: str) -> tuple[Any, Any]:
    """Return what holds the value at a path of dumped fields, and its key there; tuples on the way become lists."""
    *way, last = path.split(".")
    holder = fields
    for step in way:
        key = int(step) - 1 if isinstance(holder, list) else step
        if isinstance(holder[key], tuple):
            holder[key] = list(holder[key])
        holder = holder[key]
    return holder, int(last) - 1 if isinstance(holder, list) else last


def _put(fields: dict[str, Any], path: str, value: Any) -> None:
    holder, key = _holder(fields, path)
    holder[key] = value


def _copy(fields: dict[str, Any], path: str, count: int) -> None:
    holder, key = _holder(fields, path)
    holder[key : key + 1] = [holder[key]] * count


def _step(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdecimal() else (0, text)


def _refuse_nothing_left(space: Space) -> None:
    """Refuse a space that can leave no layer at all, where all of them may be absent."""
    absent = {each.path for each in space.dimensions if each.is_presence}
    if all(f"layers.{number}" in absent for number in range(1, len(space.config.layers) + 1)):
        raise ConfigError("All layers may be absent; at least one of `layers` must not have present: [true, false].")
