"""The parts of a sweep's config as Python, with variables in the place of what varies."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from trainer.config import Config
from trainer.config.component import Component
from trainer.config.layers import Composite, has_composites
from trainer.config.layers.composite import Parallel, Residual, Stack
from trainer.config.overrides import paths, with_value
from trainer.config.search import Choices, Dimension, Space
from trainer.errors import ConfigError
from trainer.reproduce.expressions import WIDTH, Code, expression, literal

__all__ = ["Varied", "chosen", "equals", "quoted", "variable"]

_EXPRESSED = frozenset({"layers", "optimizer", "loss", "callbacks", "epochs", "batch_size", "seed"})
# The others compute with their fields while they are written.
_PLAIN_BLOCKS = (Residual, Parallel, Stack)


def variable(each: Dimension) -> str:
    """Return the name of the variable that has a dimension's value, such as `layers_2_units`."""
    return each.name.replace(".", "_")


def chosen(domain: Choices, option: Any) -> Any:
    """Return the value of the variable for a choice: a number or a text itself, or the name of a component.

    Where these are not different, as Python holds 1 and true to be the same, all are JSON texts.
    """
    short = [_short(each) for each in domain.options]
    is_told = all(each is None or isinstance(each, str | int | float) for each in short)
    is_told = is_told and len(set(short)) == domain.size
    return short[domain.labels.index(domain.label(option))] if is_told else domain.label(option)


def _short(option: Any) -> Any:
    keys = [key for key in ("layer", "name", "callback") if isinstance(option, dict) and key in option]
    return option[keys[0]] if keys else option


def quoted(value: Any) -> str:
    """Return the value of a variable as Python; texts with double quotes, as components have, in single quotes."""
    plain = isinstance(value, str) and '"' in value and value.isprintable() and not set("'\\") & set(value)
    return f"'{value}'" if plain else literal(value)


def equals(name: str, value: Any) -> str:
    """Return the test that a variable has a value."""
    return f"{name} is None" if value is None else f"{name} == {quoted(value)}"


class Varied:
    """Writes the components of a search space.

    Raises ConfigError where a script cannot express what varies.
    """

    def __init__(self, space: Space) -> None:
        self._config = space.config
        self._dimensions = space.dimensions
        for each in space.dimensions:
            self._refuse(each)

    def layers(self) -> Config | None:
        """Return the config with variables in its blocks; None for a network without blocks, which has `items`."""
        if not has_composites(self._config.layers):
            return None
        found = [self._filled(self._config, f"layers.{place + 1}") for place in range(len(self._config.layers))]
        return self._config.model_copy(update={"layers": tuple(found)})

    def items(self, field: str, *, indent: int, **last: Any) -> list[str]:
        """Return the items of `layers` or `callbacks`; those that may be absent or repeated are lists with a star.

        `last` are further arguments of the last one.
        """
        found = []
        count = len(getattr(self._config, field))
        for place in range(1, count + 1):
            path = f"{field}.{place}"
            extra = last if place == count else {}
            written = self.part(path, indent=indent, **extra)
            present = next((variable(each) for each in self._dimensions if each.path == path and each.is_presence), "")
            copies = next((variable(each) for each in self._dimensions if each.path == path and each.is_repeat), "")
            if copies:
                times = f"range({copies})" if not present else f"(range({copies}) if {present} else ())"
                written = f"*({written} for _ in {times})"
            elif present:
                written = _optional(written, present, indent)
            found.append(written)
        return found

    def part(self, path: str, *, indent: int = 0, **extra: Any) -> str:
        """Return the component at a path of the config."""
        return self._text(self._config, path, frozenset(), indent, extra)

    def number(self, name: str) -> str:
        """Return a number of the config: `epochs`, `batch_size` or `seed`."""
        found = next((each for each in self._dimensions if each.path == name), None)
        return literal(getattr(self._config, name) if found is None else self._value(found, self._config))

    def _text(self, config: Config, path: str, settled: frozenset[str], indent: int, extra: dict[str, Any]) -> str:
        """Return the component at a path of one of the configs; the choices of `settled` dimensions are in it."""
        part = _at(config, path)
        which = next((each for each in self._kinds(path, part) if each.name not in settled), None)
        if which is None:
            filled = self._filled(config, path, settled)
            return expression(filled, indent=indent, **extra) if extra else literal(filled, indent=indent)

        def text_of(option: Any) -> str:
            other = with_value(config, which.path, option)
            return self._text(other, path, settled | {which.name}, indent + 4, extra)

        return _chain(variable(which), _choices(which), text_of, indent)

    def _filled(self, config: Config, path: str, settled: frozenset[str] = frozenset()) -> Any:
        """Return the part with Python in the place of each of its fields that varies."""
        part = _at(config, path)
        if not isinstance(part, Component):
            return part
        changes: dict[str, Any] = {}
        for name, value in part.arguments().items():
            inner = f"{path}.{name}"
            if not any(f"{each.path}.".startswith(f"{inner}.") for each in self._dimensions):
                continue
            own = next((each for each in self._dimensions if each.path == inner and each.rank == 2), None)
            if own is not None:
                changes[name] = self._value(own, config)
            elif isinstance(value, tuple):
                steps = range(1, len(value) + 1)
                changes[name] = tuple(self._filled(config, f"{inner}.{step}", settled) for step in steps)
            elif any(each.name not in settled for each in self._kinds(inner, value)):
                changes[name] = Code(self._text(config, inner, settled, 0, {}))
            else:
                changes[name] = self._filled(config, inner, settled)
        return part.model_copy(update=changes)

    def _kinds(self, path: str, part: Any) -> Iterator[Dimension]:
        """Yield the dimensions that choose which component is at a path."""
        names = {path, f"{path}.{part.key}" if isinstance(part, Component) else path}
        return (each for each in self._dimensions if each.rank == 1 and each.path in names)

    def _value(self, each: Dimension, config: Config) -> Code:
        """Return the variable, or what each of its choices is in the config."""

        def value_of(option: Any) -> Any:
            return _at(with_value(config, each.path, option), each.path)

        if not isinstance(each.domain, Choices):
            if value_of(each.domain.low) != each.domain.low:
                raise _refusal(each.name)
            return Code(variable(each))
        domain = each.domain
        if all(value_of(option) == option == chosen(domain, option) for option in domain.options):
            return Code(variable(each))
        return Code(_chain(variable(each), domain, lambda option: literal(value_of(option)), 0))

    def _refuse(self, each: Dimension) -> None:
        """Refuse what this cannot write."""
        top, *way = each.path.split(".")
        if top not in _EXPRESSED or (not way and top in {"layers", "callbacks"}):
            raise _refusal(each.name)
        options = each.domain.options if isinstance(each.domain, Choices) and each.rank == 1 else ()
        configs = [self._config, *(with_value(self._config, each.path, option) for option in options if way)]
        has_blocks = any(has_composites(config.layers) for config in configs)
        is_last = each.path == f"layers.{len(self._config.layers)}"
        if top == "layers" and (has_blocks or (is_last and self._config.precision != "float32")):
            self._refuse_in_blocks(each, way)
        # Keras's wrappers do not pass `trainable=False` on, so the layer in them is written anew.
        if "wrapped" in way and getattr(_at(self._config, f"{top}.{way[0]}"), "freeze", False):
            raise _refusal(each.name)

    def _refuse_in_blocks(self, each: Dimension, way: Sequence[str]) -> None:
        """Refuse all but a number or text of a layer that is in no block which computes with it."""
        if each.rank != 2:
            raise _refusal(each.name)
        known = set(paths(self._config))
        for end in range(1, len(way)):
            path = ".".join(["layers", *way[:end]])
            part = _at(self._config, path) if path in known else None
            if isinstance(part, Composite) and not isinstance(part, _PLAIN_BLOCKS):
                raise _refusal(each.name)


def _optional(written: str, present: str, indent: int) -> str:
    line = f"*([{written}] if {present} else [])"
    if len(line) + indent <= WIDTH and "\n" not in line:
        return line
    space = " " * (indent + 4)
    return f"*(\n{space}[{written}]\n{space}if {present}\n{space}else []\n{' ' * indent})"


def _choices(each: Dimension) -> Choices:
    if not isinstance(each.domain, Choices):
        raise _refusal(each.name)
    return each.domain


def _chain(name: str, domain: Choices, text_of: Callable[[Any], str], indent: int) -> str:
    """Return `a if x == 1 else b`, with one choice a line if it is too long."""
    *others, last = domain.options
    tests = [f"{text_of(option)} if {equals(name, chosen(domain, option))}" for option in others]
    line = f"({' else '.join([*tests, text_of(last)])})"
    if len(line) + indent <= WIDTH and "\n" not in line:
        return line
    space = " " * (indent + 4)
    return "(\n" + f"\n{space}else ".join([f"{space}{tests[0]}", *tests[1:], text_of(last)]) + f"\n{' ' * indent})"


def _at(config: Config, path: str) -> Any:
    found: Any = config
    for step in path.split("."):
        found = found[int(step) - 1] if isinstance(found, tuple) else getattr(found, step)
    return found


def _refusal(name: str) -> ConfigError:
    return ConfigError(
        f"`{name}` varies in a way that a script cannot express; export one of the sweep's trials with --to script, "
        "or the sweep with --to config."
    )
