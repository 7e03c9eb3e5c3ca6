"""Short descriptions of a config and of the differences between configs: `2 × Dense 64`, `lr 0.01`."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Any

from trainer.config.component import Component
from trainer.config.config import Config, Vary
from trainer.config.differences import differences
from trainer.format import counted, cut, one_line

__all__ = ["NETWORK", "SEED", "VARIED", "network_words", "optimizer_words", "phrase", "value_words", "varying"]

NETWORK, SEED = "layers", "seed"
"""Keys of the network and of the seed in the result of `varying`."""

VARIED = {
    Vary.SEED: (SEED,),
    Vary.SPLIT: (SEED, "dataset.split_seed"),
    Vary.FOLD: (SEED, "dataset.fold"),
}
"""Keys of what differs between repeats."""

_LONGEST_NETWORK, _LONGEST_VALUE = 32, 20
# The fields that say how wide a layer is.
_SIZES = ("units", "filters", "output_dim")
# Abbreviations of fields whose own names are too long for the name of a run.
_SHORT = {
    "learning_rate": "lr",
    "batch_size": "batch",
    "rate": "dropout",
    "stddev": "noise",
    "validation_fraction": "validation",
    "test_fraction": "test",
    "kernel_size": "kernel",
}
# Fields whose value needs no field name beside it.
_BARE = frozenset({"optimizer", "loss", "dataset", "name", "activation", "path"})
# The order in which differences are named: where there is little room, only the first ones are shown.
_RANKS = ("dataset", "optimizer", "optimizer.learning_rate", NETWORK, "layers.", "optimizer.", "batch_size", "loss")
_LAST = ("epochs", "callbacks.", "dataset.", "metrics.", "loss.", SEED)


def network_words(config: Config) -> str:
    """Return the sizes of all layers but the output layer: `Conv2D 16, 32 + Dense 64`, `2 × Dense 64`."""
    sized = [(layer.kind, size) for layer in config.layers if (size := _size(layer)) is not None]
    # The data determine the size of the output layer, so it distinguishes no configs.
    hidden = sized[:-1] if len(sized) > 1 else sized
    if not hidden:
        return config.layers[-1].kind
    blocks = []
    for kind, layers in groupby(hidden, key=lambda layer: layer[0]):
        sizes = [size for _, size in layers]
        alike = len(sizes) > 1 and len(set(sizes)) == 1
        blocks.append(f"{len(sizes)} × {kind} {sizes[0]}" if alike else f"{kind} {', '.join(map(str, sizes))}")
    return cut(" + ".join(blocks), _LONGEST_NETWORK)


def optimizer_words(config: Config) -> str:
    """Return the optimizer with its learning rate: `Adam 0.001`."""
    rate = getattr(config.optimizer, "learning_rate", None)
    return f"{config.optimizer.kind} {value_words(rate)}" if rate is not None else config.optimizer.kind


def varying(configs: Sequence[Config]) -> list[dict[str, str]]:
    """Return the fields in which configs differ, for each config as field → phrase, the most important field first.

    All dictionaries have the same keys in the same order. `name` and `experiment` are ignored.
    """
    found: dict[str, tuple[str, ...]] = {}
    networks = tuple(map(network_words, configs))
    if len(set(networks)) > 1:
        found[NETWORK] = networks
    differing = differences(configs)
    other_kinds = {path for path, _ in differing} & {"dataset", "loss"}
    for path, values in differing:
        is_shown = NETWORK in found and _is_in_network(path, values)
        # Different datasets or losses have different fields, which cannot be compared.
        if not is_shown and path.rpartition(".")[0] not in other_kinds:
            found[path] = tuple(_phrases(path, values))
    if {"optimizer", "optimizer.learning_rate"} <= found.keys():
        del found["optimizer.learning_rate"]
        found["optimizer"] = tuple(map(optimizer_words, configs))
    ordered = sorted(found, key=_rank)
    return [{path: found[path][place] for path in ordered} for place in range(len(configs))]


def phrase(path: str, value: Any) -> str:
    """Return a field with its value, abbreviated: `lr 0.01`, `batch 64`, `20 epochs`."""
    field = path.rpartition(".")[2]
    if field == "epochs":
        return counted(value, "epoch") if isinstance(value, int) else f"{value} epochs"
    if field in _BARE and value is not None:
        return value_words(value)
    word = _SHORT.get(field, field)
    if isinstance(value, bool):
        return word if value else f"no {word}"
    return f"no {word}" if value is None else f"{word} {value_words(value)}"


def value_words(value: Any) -> str:
    """Return a value as short text: `0.001`, `1e-5`, `3×3`; a path by its file name, a component by its kind."""
    if isinstance(value, float):
        # Python writes exponents with two digits, as in 1e-05.
        return f"{value:g}".replace("e-0", "e-").replace("e+0", "e")
    if isinstance(value, tuple | list):
        return "×".join(map(value_words, value))
    if isinstance(value, Component):
        return value.kind
    words = one_line(str(value)).partition("(")[0].strip()
    return cut(PurePath(words).name or words, _LONGEST_VALUE)


def _size(layer: Component) -> Any:
    return next((size for field in _SIZES if (size := getattr(layer, field, None)) is not None), None)


def _is_in_network(path: str, values: Sequence[Any]) -> bool:
    """Return whether `network_words` already shows this difference: a size, or a whole layer that has one."""
    parts = path.split(".")
    if parts[0] != "layers":
        return False
    if len(parts) > 2:
        return parts[2] in _SIZES
    return any(f"{size}=" in str(value) for value in values for size in _SIZES)


def _phrases(path: str, values: Sequence[Any]) -> Iterator[str]:
    parts = path.split(".")
    is_whole_part = parts[0] in {"layers", "metrics", "callbacks", "augment"} and len(parts) == 2
    if not is_whole_part:
        yield from (phrase(path, value) for value in values)
        return
    there = next(value for value in values if value is not None)
    for value in values:
        yield f"no {value_words(there)}" if value is None else _part_words(str(value))


def _part_words(brief: str) -> str:
    """Shorten `Dropout(rate=0.2)` to `Dropout 0.2` and `Reshape(target_shape=(8, 8, 1))` to `Reshape 8×8×1`."""
    kind, _, inside = brief.partition("(")
    value = inside.removesuffix(")").partition("=")[2]
    if value.startswith("("):
        first = value[1:].partition(")")[0].replace(", ", "×")
    else:
        first = value.partition(", ")[0].partition("(")[0]
    return cut(f"{kind} {first}".strip(), _LONGEST_VALUE)


def _rank(path: str) -> tuple[int, str]:
    """Return a sort key that places a field before all fields inside it."""
    order: Mapping[str, int] = {name: place for place, name in enumerate((*_RANKS, *_LAST))}
    inside = path.partition(".")[0] + "."
    return order.get(path, order.get(inside, len(order))), path
