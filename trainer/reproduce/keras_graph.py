"""The graph of a serialized functional model as a chain whose links may be branches that are joined again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainer.errors import ConfigError
from trainer.format import cut, one_line

__all__ = ["Branches", "Call", "Chain", "calls_of", "chain_of", "layer_name"]

_DEEPEST = 40
_LONGEST = 60


@dataclass(frozen=True, kw_only=True)
class Call:
    """A layer and what it is called on.

    `where` is the layer in words, such as `Layer 3`; `name` stands for its output; `inputs` are the names of the layers
    whose outputs it takes, in the order of its arguments; `rank` is the number of dimensions of the first of them,
    batch included, None if it is unknown; `settings` are the other arguments of the call that are set.
    """

    document: Mapping[str, Any]
    where: str
    name: str
    inputs: tuple[str, ...]
    rank: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The layer's class, such as `Dense`."""
        return str(self.document.get("class_name", "?"))

    @property
    def named(self) -> str:
        """The layer by its place and kind, such as `Layer 3 (Dense)`."""
        return f"{self.where} ({cut(one_line(self.kind), _LONGEST)})"

    @property
    def config(self) -> Mapping[str, Any]:
        """The layer's own settings."""
        found = self.document.get("config")
        return found if isinstance(found, Mapping) else {}

    @property
    def is_operation(self) -> bool:
        """Whether it is a function of `keras.ops` and not a layer."""
        return str(self.document.get("module")).startswith("keras.src.ops")


@dataclass(frozen=True, kw_only=True)
class Branches:
    """Chains from the same input, which `join` takes in this order; an empty one is the input itself."""

    join: Call
    branches: tuple["Chain", ...]


Chain = tuple[Call | Branches, ...]
"""Links from input to output: each takes the output of the one before."""


def layer_name(document: Mapping[str, Any]) -> str:
    """Return the name of a serialized layer, or an empty string."""
    config = document.get("config")
    return str(document.get("name") or (config.get("name") if isinstance(config, Mapping) else ""))


def calls_of(layers: Sequence[Mapping[str, Any]], place: str, *, source: str, is_sequential: bool) -> list[Call]:
    """Return the calls of layers other than the inputs, in the order of the file.

    Args:
        layers: the serialized layers.
        place: the words before a layer's number, such as `Layer `.
        source: the name of the input.
        is_sequential: whether each layer takes the output of the one before.

    Raises:
        ConfigError: a layer is called several times.
    """
    calls: list[Call] = []
    for number, layer in enumerate(layers, start=1):
        where = f"{place}{number}"
        if is_sequential:
            # By their places, since the layers of a hand-written file may have no names.
            calls.append(Call(document=layer, where=where, name=where, inputs=(calls[-1].name if calls else source,)))
            continue
        nodes = layer.get("inbound_nodes")
        if isinstance(nodes, list) and len(nodes) > 1:
            kind = Call(document=layer, where=where, name="", inputs=()).named
            raise ConfigError(f"{kind} is called {len(nodes)} times; a config calls every layer once.")
        tensors = list(_tensors(nodes))
        calls.append(
            Call(
                document=layer,
                where=where,
                name=layer_name(layer),
                inputs=tuple(name for name, _ in tensors),
                rank=tensors[0][1] if tensors else None,
                settings=_settings(nodes),
            )
        )
    return calls


def _tensors(value: Any) -> Iterator[tuple[str, int | None]]:
    """Yield the layers whose outputs a layer takes, wherever they stand in its calls, and the ranks of the outputs."""
    if isinstance(value, Mapping):
        history = value.get("keras_history")
        if isinstance(history, list) and history:
            shape = value.get("shape")
            yield str(history[0]), len(shape) if isinstance(shape, list) else None
        else:
            for item in value.values():
                yield from _tensors(item)
    elif _is_node_of_keras_2(value):
        yield str(value[0]), None
    elif isinstance(value, list):
        for item in value:
            yield from _tensors(item)


def _is_node_of_keras_2(value: Any) -> bool:
    """Return whether a value is `[layer, node, tensor, arguments]`."""
    return isinstance(value, list) and len(value) in {3, 4} and isinstance(value[0], str) and isinstance(value[1], int)


def _settings(nodes: Any) -> dict[str, Any]:
    node = nodes[0] if isinstance(nodes, list) and nodes and isinstance(nodes[0], Mapping) else {}
    given = node.get("kwargs")
    arguments = dict(given) if isinstance(given, Mapping) else {}
    listed = node.get("args")
    for place, value in enumerate(listed if isinstance(listed, list) else []):
        if not any(True for _ in _tensors(value)):
            arguments[f"argument {place + 1}"] = value
    return {
        name: value
        for name, value in arguments.items()
        # By identity, since 0 is equal to False.
        if value is not None and value is not False and not any(True for _ in _tensors(value))
    }


def chain_of(calls: Sequence[Call], source: str) -> Chain:
    """Return the calls as a chain from the tensor of this name to the last call.

    Raises:
        ConfigError: they are no chain, even with branches; the message names the first layer that does not fit.
    """
    return _chain(list(calls), source, depth=0)


def _chain(calls: list[Call], source: str, depth: int) -> Chain:
    found: list[Call | Branches] = []
    if depth > _DEEPEST:
        raise ConfigError(f"{calls[0].named} is in more than {_DEEPEST} blocks inside each other; use fewer.")
    while calls:
        count = _before_join(calls, source)
        group, join, calls = calls[:count], calls[count], calls[count + 1 :]
        if group or len(set(join.inputs)) > 1:
            branches = _branches(group, join, source, depth)
            found.append(Branches(join=join, branches=branches))
        else:
            found.append(join)
        source = join.name
    return tuple(found)


def _before_join(calls: Sequence[Call], source: str) -> int:
    """Return the number of calls before the first one that takes everything that those before it leave open."""
    uses: dict[str, int] = {}
    for call in calls:
        for name in call.inputs:
            uses[name] = uses.get(name, 0) + 1
    known, unused = {source}, uses.get(source, 0)
    for count, call in enumerate(calls):
        if not call.inputs or not known.issuperset(call.inputs):
            before = calls[count - 1].name if count else source
            raise ConfigError(
                f"{call.named} {_takes(call, known)}; only a chain can be imported, in which each layer takes the "
                f"output of the one before ({cut(one_line(before), _LONGEST)!r}), or branches that are joined again."
            )
        if unused == len(call.inputs):
            return count
        known.add(call.name)
        unused += uses.get(call.name, 0) - len(call.inputs)
    last = calls[-1]
    raise ConfigError(f"{last.named} does not join all branches before it; a config has one output.")


def _takes(call: Call, known: set[str]) -> str:
    unknown = [name for name in call.inputs if name not in known]
    return f"takes the output of {cut(one_line(unknown[0]), _LONGEST)!r}" if unknown else "takes no inputs"


def _branches(group: Sequence[Call], join: Call, source: str, depth: int) -> tuple[Chain, ...]:
    taken: set[str] = set()
    branches = []
    for end in join.inputs:
        inner = _leading_to(group, end, source)
        names = {call.name for call in inner}
        if names & taken:
            raise ConfigError(
                f"{join.named} joins branches that share layers; only branches that have their input alone in common "
                "can be imported."
            )
        taken |= names
        branches.append(_chain(inner, source, depth + 1))
    if len(taken) < len(group):
        outside = next(call for call in group if call.name not in taken)
        raise ConfigError(f"{outside.named} is not used by the output of the model; remove it.")
    return tuple(branches)


def _leading_to(group: Sequence[Call], end: str, source: str) -> list[Call]:
    needed, found = {end}, []
    for call in reversed(group):
        if call.name in needed and call.name != source:
            needed |= set(call.inputs)
            found.append(call)
    return found[::-1]
