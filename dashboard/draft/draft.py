"""The draft: a config on its way, as plain fields that may still be wrong, with an id for every card.

Everything here is pure. A path leads to a part or a field: `("optimizer", "learning_rate")`, or through a list by
the card's id, `("layers", 7, "units")`, so that it still leads there when cards have moved.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from dashboard.draft.placement import place_of_new_layer
from dashboard.draft.valid_part import valid_part
from trainer.config import LAYERS, Component, Config, Registry, describe, registry_of_field
from trainer.config import validation_messages as validation_messages
from trainer.config.check import Edit, apply_edits

__all__ = ["LISTS", "UNSET", "Draft", "Path", "Validation", "as_fields", "default_of", "judge"]

Path = tuple[str | int, ...]

LISTS: Final = ("layers", "metrics", "callbacks")
"""The fields of a config that hold several parts, each a card with an id."""

UNSET: Final = object()
"""Given as a value, leaves the field out, so that it takes its default."""

_PARTS: Final = ("dataset", "loss", "optimizer")


@dataclass(frozen=True)
class Draft:
    """A config's plain fields, the ids of its cards by list, and how many ids have been given out.

    Values are kept as they were typed where they cannot be read, so nothing is lost while it is wrong.
    """

    fields: Mapping[str, Any]
    ids: Mapping[str, tuple[int, ...]]
    made: int

    @classmethod
    def of(cls, fields: Mapping[str, Any], *, made: int = 0) -> "Draft":
        """The draft of a config's plain fields. `made` is an older draft's, so that ids are not given out twice."""
        plain = _opened(fields)
        ids: dict[str, tuple[int, ...]] = {}
        for name in LISTS:
            ids[name] = tuple(range(made, made + len(plain[name])))
            made += len(plain[name])
        return cls(plain, ids, made)

    def plain(self) -> dict[str, Any]:
        """The fields as `parse_config` takes them; a copy."""
        return copy.deepcopy(dict(self.fields))

    def cards(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        """The ids and fields of one list's cards, in order."""
        return list(zip(self.ids[name], self.fields[name], strict=True))

    def add(self, name: str, part: Mapping[str, Any], *, after: int | None = None) -> "Draft":
        """With one more card: behind the card `after`, or at the end, for a layer before the output layer."""
        if after is not None:
            place = self._place(name, after) + 1
        elif name == "layers":
            place = place_of_new_layer(self.fields[name], str(part[LAYERS.key]))
        else:
            place = len(self.ids[name])
        return self._relisted(name, lambda cards: cards.insert(place, (self.made, dict(part))), made=self.made + 1)

    def duplicate(self, name: str, card: int) -> "Draft":
        """With a copy of the card behind it."""
        return self.add(name, copy.deepcopy(self.fields[name][self._place(name, card)]), after=card)

    def remove(self, name: str, card: int) -> "Draft":
        """Without the card."""
        return self._relisted(name, lambda cards: cards.pop(self._place(name, card)))

    def move(self, name: str, card: int, by: int) -> "Draft":
        """With the card moved by so many places, at most to the end of the list."""
        place = self._place(name, card)
        target = min(max(place + by, 0), len(self.ids[name]) - 1)
        return self._relisted(name, lambda cards: cards.insert(target, cards.pop(place)))

    def change(self, path: Path, value: Any) -> "Draft":
        """With one field set, or left out where the value is UNSET. Parts on the way are opened."""
        fields = self.plain()
        *way, last = self._indexed(path)
        holder: Any = _walk(fields, tuple(way))
        if value is UNSET:
            holder.pop(last, None)
        else:
            holder[last] = value
        return replace(self, fields=fields)

    def value(self, path: Path) -> Any:
        """What is set at a path, or None."""
        *way, last = self._indexed(path)
        holder: Any = _walk(self.plain(), tuple(way))
        return holder.get(last) if isinstance(holder, dict) else holder[last]

    def part(self, path: Path) -> dict[str, Any]:
        """The fields of the part at a path; a copy, opened where it was a bare name or left out."""
        return _walk(self.plain(), self._indexed(path))

    def edited(self, edits: tuple[Edit, ...]) -> "Draft":
        """With the edits of a problem's fix done; other cards keep their ids."""
        ids = {name: list(of) for name, of in self.ids.items()}
        made = self.made
        for edit in edits:
            if len(edit.path) != 2 or edit.path[0] not in LISTS or edit.action == "set":
                continue
            cards, place = ids[str(edit.path[0])], int(edit.path[1])
            if edit.action == "remove":
                del cards[place]
            else:
                cards.insert(place, made)
                made += 1
        fields = _opened(apply_edits(self.plain(), edits))
        return Draft(fields, {name: tuple(of) for name, of in ids.items()}, made)

    def where(self, path: Path) -> str:
        """The path as validation_messages and problems write it: `layers.2.units`, counted from 1."""
        return ".".join(str(step + 1) if isinstance(step, int) else step for step in self._indexed(path))

    def _place(self, name: str, card: int) -> int:
        return self.ids[name].index(card)

    def _indexed(self, path: Path) -> Path:
        if len(path) > 1 and path[0] in LISTS:
            return (path[0], self._place(str(path[0]), int(path[1])), *path[2:])
        return path

    def _relisted(
        self, name: str, change: Callable[[list[tuple[int, Any]]], object], *, made: int | None = None
    ) -> "Draft":
        cards = self.cards(name)
        change(cards)
        return Draft(
            {**self.fields, name: [part for _, part in cards]},
            {**self.ids, name: tuple(card for card, _ in cards)},
            self.made if made is None else made,
        )


@dataclass(frozen=True)
class Validation:
    """What the schema says of a draft: the config, or what is wrong and where (`layers.2.units`).

    `valid_part` is the config, or as much of it as is right: the layers before the first wrong one.
    """

    config: Config | None
    validation_messages: tuple[tuple[str, str], ...] = ()
    valid_part: Config | None = None

    def at(self, where: str) -> str | None:
        """The complaint about one field itself, where there is one."""
        return next((what for place, what in self.validation_messages if place == where), None)


def judge(fields: Mapping[str, Any]) -> Validation:
    """Reads plain fields by the schema."""
    try:
        config = Config.model_validate(dict(fields))
    except ValidationError as error:
        found = tuple(validation_messages(error))
        return Validation(None, found, valid_part(fields, [place for place, _ in found]))
    return Validation(config, valid_part=config)


def as_fields(value: Any, registry: Registry) -> dict[str, Any]:
    """A part, a bare name or fields as fields with the kind in full."""
    if isinstance(value, Component):
        kind = type(value).model_fields
        own = {name: given for name, given in value.model_dump().items() if given != kind[name].default}
        return {value.key: value.kind, **own}
    expanded = registry.expand(value)
    return dict(expanded) if isinstance(expanded, Mapping) else {}


def _opened(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which every list is there, and the parts of a config itself are fields rather than bare names."""
    plain = copy.deepcopy(dict(fields))
    for name in LISTS:
        given = plain.get(name) or []
        items: Iterable[Any] = given if isinstance(given, list | tuple) else [given]
        plain[name] = [as_fields(item, _registry(name)) for item in items]
    for name in _PARTS:
        if name in plain:
            plain[name] = as_fields(plain[name], _registry(name))
    return plain


def _registry(name: str) -> Registry:
    registry = registry_of_field(name)
    if registry is None:
        raise KeyError(name)
    return registry


def _walk(fields: dict[str, Any], path: Path) -> dict[str, Any]:
    """The fields of the part at `path`, opened in place where it was a bare name, a number or left out."""
    holder: Any = fields
    owner: type[BaseModel] = Config
    registry: Registry | None = None
    for step in path:
        registry = _registry(step) if isinstance(step, str) else registry
        if isinstance(step, str) and step not in LISTS:
            holder[step] = as_fields(holder.get(step, default_of(owner, step)), _registry(step))
        holder = holder[step]
        if isinstance(holder, dict) and registry is not None:
            owner = registry.members.get(str(holder.get(registry.key)), owner)
    found: dict[str, Any] = holder
    return found


def default_of(owner: type[BaseModel], name: str) -> Any:
    """The default of one field; None where it has none."""
    return next((spec.default for spec in describe(owner) if spec.name == name), None)
