"""The config's reference as Markdown, from the schema; `python -m trainer.config.reference` prints README.md."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from trainer.config.callbacks import CALLBACKS
from trainer.config.component import Component, Registry
from trainer.config.config import Config
from trainer.config.datasets import DATASETS
from trainer.config.fields import FieldKind, FieldSpec, describe
from trainer.config.initializers import INITIALIZERS
from trainer.config.layers import LAYERS, KernelLayer
from trainer.config.losses import LOSSES
from trainer.config.metrics import METRICS
from trainer.config.optimizers import OPTIMIZERS, Optimizer
from trainer.config.regularizers import CONSTRAINTS, REGULARIZERS
from trainer.config.schedules import SCHEDULES
from trainer.config.values import ACTIVATIONS, LARGEST

__all__ = ["reference"]

_SECTIONS: tuple[tuple[str, Registry, type[Component] | None], ...] = (
    ("Data sets", DATASETS, None),
    ("Layers", LAYERS, KernelLayer),
    ("Losses", LOSSES, None),
    ("Optimizers", OPTIMIZERS, Optimizer),
    ("Learning-rate schedules", SCHEDULES, None),
    ("Metrics", METRICS, None),
    ("Callbacks", CALLBACKS, None),
    ("Initializers", INITIALIZERS, None),
    ("Regularizers", REGULARIZERS, None),
    ("Constraints", CONSTRAINTS, None),
)


def reference() -> str:
    """Every field of a config, of every part, with what it takes, its default and its meaning."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Config reference"
    yield ""
    yield "Written by `python -m trainer.config.reference`; change the schema, not this file."
    yield ""
    yield "## The config"
    yield ""
    yield from _table(describe(Config))
    yield ""
    yield "Below, values in parentheses are defaults; fields without one are required."
    yield f"An activation is one of {_words(ACTIVATIONS)}."
    for title, registry, base in _SECTIONS:
        yield from ("", f"## {title}", "")
        shared = {spec.name: spec for spec in describe(base)} if base else {}
        if base is not None:
            yield from _shared(registry, base)
        told: set[FieldSpec] = set()
        for name, member in registry.members.items():
            yield f"- **`{name}`**: {(member.__doc__ or '').strip()}"
            yield from _fields([spec for spec in describe(member) if shared.get(spec.name) != spec], told)


def _fields(specs: list[FieldSpec], told: set[FieldSpec]) -> Iterator[str]:
    """A line for each field that is new in this section; those explained further up only by name and default."""
    meanings = [replace(spec, default=None, registry=None) for spec in specs]
    again = [spec for spec, meaning in zip(specs, meanings, strict=True) if meaning in told]
    yield from (f"  - {_line(spec)}" for spec in specs if spec not in again)
    if again:
        yield f"  - as above: {', '.join(_named(spec) for spec in again)}"
    told.update(meanings)


def _shared(registry: Registry, base: type[Component]) -> Iterator[str]:
    holders = [f"`{name}`" for name, member in registry.members.items() if issubclass(member, base)]
    who = f"Every {registry.noun} has" if len(holders) == len(registry.members) else f"{_listed(holders)} share"
    yield f"{who} these fields:"
    yield ""
    yield from (f"- {_line(spec)}" for spec in describe(base))
    yield ""


def _table(specs: Iterable[FieldSpec]) -> Iterator[str]:
    yield "| field | takes | default | meaning |"
    yield "|---|---|---|---|"
    for spec in specs:
        default = "required" if spec.required else f"`{_shown(spec.default)}`"
        yield f"| `{spec.name}` | {_takes(spec)} | {default} | {spec.help} |"


def _line(spec: FieldSpec) -> str:
    return f"{_named(spec)}: {_takes(spec)}. {spec.help}"


def _named(spec: FieldSpec) -> str:
    return f"`{spec.name}`" if spec.required else f"`{spec.name}` (`{_shown(spec.default)}`)"


def _takes(spec: FieldSpec) -> str:
    if spec.kind is FieldKind.CHOICE:
        words = "an activation" if spec.choices == ACTIVATIONS else _words(spec.choices)
        return f"{words}, or nothing" if spec.optional else words
    if spec.kind is FieldKind.NUMBERS and isinstance(spec.default, int):
        return "a whole number or a list of them"
    noun = spec.registry.noun if spec.registry else ""
    several = f"{spec.length} " if spec.length else "a list of "
    number = "whole number" if spec.whole else "number"
    words = {
        FieldKind.INTEGER: f"a {number}{_range(spec)}",
        FieldKind.NUMBER: f"a {number}{_range(spec)}",
        FieldKind.FLAG: "true or false",
        FieldKind.TEXT: "text",
        FieldKind.TEXTS: "a list of texts",
        FieldKind.COMPONENT: f"{_article(noun)} {noun}",
        FieldKind.COMPONENTS: f"a list of {noun}s",
        FieldKind.NUMBERS: f"{several}{number}s{_range(spec)}",
        FieldKind.RATE: f"a {number}{_range(spec)} or a schedule",
    }[spec.kind]
    return f"{words}, or nothing" if spec.optional else words


def _range(spec: FieldSpec) -> str:
    maximum = None if spec.maximum == LARGEST else spec.maximum
    low = None if spec.minimum is None else f"{'above' if spec.exclusive_minimum else 'from'} {spec.minimum:,g}"
    high = None if maximum is None else f"{'below' if spec.exclusive_maximum else 'to'} {_limit(maximum)}"
    return "".join(f" {word}" for word in (low, high) if word)


def _limit(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _shown(value: Any) -> str:
    if isinstance(value, Component):
        return value.kind
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    return str(value)


def _words(choices: Iterable[Any]) -> str:
    return _listed([f"`{_shown(choice)}`" for choice in choices], "or")


def _listed(words: list[str], joint: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 - printing is what it is for
