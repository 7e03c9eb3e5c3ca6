"""The draft: a config that is being edited, as plain fields that may still be invalid, with an id for each card.

Everything here is pure. A path identifies a part or a field: `("optimizer", "learning_rate")`. In a list it uses the
id of the card, `("layers", 7, "units")`, so that it stays valid when cards move.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel

from dashboard.draft.placement import place_of_new_layer
from dashboard.draft.search import NO_SEARCH, Search
from trainer.config import LAYERS, Component, Config, Registry, describe, registry_of_field
from trainer.config.check import Edit, apply_edits
from trainer.config.search import SweepFile

__all__ = ["LISTS", "UNSET", "Draft", "Path", "as_fields", "default_of"]

Path = tuple[str | int, ...]

LISTS: Final = ("layers", "metrics", "callbacks", "augment")
"""The fields of a config that hold several parts, each a card with an id."""

UNSET: Final = object()
"""The value that removes a field, so that it takes its default."""

_PATH: Final = "path"
_PARTS: Final = ("dataset", "loss", "optimizer", "weights")


@dataclass(frozen=True)
class Draft:
    """The plain fields of a config, the ids of its cards by list, the number of ids given out so far, and what varies.

    Values that cannot be parsed are kept as typed, so that invalid input is never lost.
    """

    fields: Mapping[str, Any]
    ids: Mapping[str, tuple[int, ...]]
    made: int
    search: Search = NO_SEARCH

    @classmethod
    def of(cls, fields: Mapping[str, Any], *, made: int = 0) -> "Draft":
        """Return the draft of a config's plain fields. Pass `made` of an earlier draft so that no id is used twice."""
        plain = _opened(fields)
        ids: dict[str, tuple[int, ...]] = {}
        for name in LISTS:
            ids[name] = tuple(range(made, made + len(plain[name])))
            made += len(plain[name])
        return cls(plain, ids, made)

    def of_sweep(self, sweep: SweepFile) -> "Draft":
        """Return the draft with the config and the search of a sweep; cards keep their ids as in `replaced`."""
        settings = sweep.settings.plain()
        return self.searching(sweep.config.short(), sweep.domains(), settings)

    def searching(self, fields: Mapping[str, Any], domains: Mapping[str, Any], settings: Mapping[str, Any]) -> "Draft":
        """Return the draft with other plain fields, and what varies in them, by paths that count from 1.

        Paths of the search that lead to no card are left out.
        """
        new = self.replaced(fields)
        found = {new.path_of(where): domain for where, domain in domains.items()}
        known = {path: domain for path, domain in found.items() if path is not None}
        return replace(new, search=Search(on=True, domains=known, settings=dict(settings)))

    def plain(self) -> dict[str, Any]:
        """Return a copy of the fields, as `parse_config` takes them."""
        return copy.deepcopy(dict(self.fields))

    def cards(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        """Return the ids and fields of one list's cards, in order."""
        return list(zip(self.ids[name], self.fields[name], strict=True))

    def add(self, name: str, part: Mapping[str, Any], *, after: int | None = None) -> "Draft":
        """Return the draft with a new card: after the card `after`, or at the end; a layer goes before the output."""
        if after is not None:
            place = self._place(name, after) + 1
        elif name == "layers":
            place = place_of_new_layer(self.fields[name], str(part[LAYERS.key]))
        else:
            place = len(self.ids[name])
        return self._relisted(name, lambda cards: cards.insert(place, (self.made, dict(part))), made=self.made + 1)

    def duplicate(self, name: str, card: int) -> "Draft":
        """Return the draft with a copy of a card after it."""
        new = self.add(name, copy.deepcopy(self.fields[name][self._place(name, card)]), after=card)
        return replace(new, search=self.search.copied((name, card), (name, self.made)))

    def remove(self, name: str, card: int) -> "Draft":
        """Return the draft without a card."""
        return self._relisted(name, lambda cards: cards.pop(self._place(name, card)))

    def move(self, name: str, card: int, by: int) -> "Draft":
        """Return the draft with a card moved by `by` places, at most to the end of the list."""
        place = self._place(name, card)
        target = min(max(place + by, 0), len(self.ids[name]) - 1)
        return self._relisted(name, lambda cards: cards.insert(target, cards.pop(place)))

    def change(self, path: Path, value: Any) -> "Draft":
        """Return the draft with one field set, or removed if the value is UNSET.

        Parts along the path are expanded to fields.
        """
        fields = self.plain()
        *way, last = self._indexed(path)
        holder: Any = _walk(fields, tuple(way))
        if value is UNSET:
            holder.pop(last, None)
        else:
            holder[last] = value
        return replace(self, fields=fields, search=self._search_after(path, value))

    def rearrange(self, path: Path, items: Sequence[Mapping[str, Any]], origins: Sequence[int | None]) -> "Draft":
        """Return the draft with other layers in a list within a card.

        `origins` has the earlier place of each, None for a new one; what varies in them moves along.
        """
        places = {origin: place for place, origin in enumerate(origins) if origin is not None}

        def moved(each: Path) -> Path | None:
            if each[: len(path)] != path or len(each) == len(path):
                return each
            place = places.get(int(each[len(path)]))
            return None if place is None else (*path, place, *each[len(path) + 1 :])

        search = self.search.moved(moved)
        return replace(self.change(path, [dict(item) for item in items]), search=search)

    def vary(self, path: Path, domain: Any | None) -> "Draft":
        """Return the draft in which the setting at a path varies; None ends that."""
        return replace(self, search=self.search.varied(path, domain))

    def with_search(self, search: Search) -> "Draft":
        """Return the draft with another search."""
        return replace(self, search=search)

    def value(self, path: Path) -> Any:
        """Return the value at a path, or None."""
        *way, last = self._indexed(path)
        holder: Any = _walk(self.plain(), tuple(way))
        return holder.get(last) if isinstance(holder, dict) else holder[last]

    def part(self, path: Path) -> dict[str, Any]:
        """Return a copy of the fields of the part at a path, expanded if it was a bare name or missing."""
        return _walk(self.plain(), self._indexed(path))

    def items(self, path: Path) -> list[dict[str, Any]]:
        """Return copies of the parts in the list at a path within a card, such as the layers inside a layer."""
        value, registry = self.part(path[:-1]).get(str(path[-1])), _registry(str(path[-1]))
        given = value if isinstance(value, list | tuple) else [value] if value else []
        return [as_fields(item, registry) for item in given]

    def edited(self, edits: tuple[Edit, ...]) -> "Draft":
        """Return the draft with the edits of a fix applied; other cards keep their ids."""
        ids = {name: list(of) for name, of in self.ids.items()}
        made = self.made
        for edit in edits:
            # Only adding or removing a whole card changes the ids.
            if len(edit.path) != 2 or edit.path[0] not in LISTS or edit.action == "set":
                continue
            cards, place = ids[str(edit.path[0])], int(edit.path[1])
            if edit.action == "remove":
                del cards[place]
            else:
                cards.insert(place, made)
                made += 1
        fields = _opened(apply_edits(self.plain(), edits))
        return Draft(fields, {name: tuple(of) for name, of in ids.items()}, made, self.search)._without_gone()

    def replaced(self, fields: Mapping[str, Any]) -> "Draft":
        """Return the draft with other plain fields.

        Cards keep their ids, and so their widgets, up to the first one of another kind.
        """
        new = Draft.of(fields, made=self.made)
        ids = {}
        for name in LISTS:
            key = _registry(name).key
            kept = []
            for (card, old), part in zip(self.cards(name), new.fields[name], strict=False):
                if old.get(key) != part.get(key):
                    break
                kept.append(card)
            ids[name] = (*kept, *new.ids[name][len(kept) :])
        return Draft(new.fields, ids, new.made, self.search)._without_gone()

    def where(self, path: Path) -> str:
        """Return the path as validation messages and problems write it: `layers.2.units`, counted from 1."""
        return ".".join(str(step + 1) if isinstance(step, int) else step for step in self._indexed(path))

    def path_of(self, where: str) -> Path | None:
        """Return the path of a place that is given as `where` writes it; None if it leads to no card."""
        steps = [int(step) - 1 if step.isdecimal() else step for step in where.split(".")]
        if len(steps) < 2 or steps[0] not in LISTS:
            return tuple(steps)
        cards, place = self.ids[str(steps[0])], steps[1]
        if not isinstance(place, int) or not 0 <= place < len(cards):
            return None
        return (steps[0], cards[place], *steps[2:])

    def searched(self) -> dict[str, Any]:
        """Return what varies, as the `search` of a sweep file."""
        return {self.where(path): domain for path, domain in self.search.domains.items()}

    def disk_paths(self) -> tuple[str, ...]:
        """Return every path of the server's disk that the draft names: of data, of weights, and among their choices."""
        choices = [(str(path[-1]), domain) for path, domain in self.search.domains.items() if self.search.on]
        return tuple(
            dict.fromkeys(found for name, value in [("", self.fields), *choices] for found in _paths(value, name))
        )

    def _search_after(self, path: Path, value: Any) -> Search:
        """Return the search after a change: of a part of another kind, only what that kind has still varies."""
        if not self.search.domains or not (value is UNSET or isinstance(value, Mapping | list)):
            return self.search
        registry = registry_of_field(next(str(step) for step in reversed(path) if isinstance(step, str)))
        kinds = [value, *_listed(self.search.domains.get(path))] if isinstance(value, Mapping) else []
        fields = {name for kind in kinds if registry for name in _names(registry, kind)}
        depth = len(path)
        return self.search.kept(lambda each: each[:depth] != path or len(each) == depth or each[depth] in fields)

    def _without_gone(self) -> "Draft":
        """Return the draft in which nothing varies in cards that are gone."""
        kept = self.search.kept(lambda path: len(path) < 2 or path[0] not in LISTS or path[1] in self.ids[str(path[0])])
        return self if kept is self.search else replace(self, search=kept)

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
            self.search,
        )._without_gone()


def as_fields(value: Any, registry: Registry) -> dict[str, Any]:
    """Return a part, given as a bare name or as fields, as fields with the full name of its kind."""
    if isinstance(value, Component):
        kind = type(value).model_fields
        # Only what differs from the defaults, as in a config that is written by hand.
        own = {name: given for name, given in value.model_dump().items() if given != kind[name].default}
        return {value.key: value.kind, **own}
    expanded = registry.expand(value)
    return dict(expanded) if isinstance(expanded, Mapping) else {}


def _opened(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy in which every list exists and the parts of the config are fields rather than bare names."""
    plain = copy.deepcopy(dict(fields))
    for name in LISTS:
        given = plain.get(name) or []
        items: Iterable[Any] = given if isinstance(given, list | tuple) else [given]
        plain[name] = [as_fields(item, _registry(name)) for item in items]
    for name in _PARTS:
        # Weights may be null, which is no part.
        if plain.get(name) is not None:
            plain[name] = as_fields(plain[name], _registry(name))
    return plain


def _registry(name: str) -> Registry:
    registry = registry_of_field(name)
    if registry is None:
        raise KeyError(name)
    return registry


def _walk(fields: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the fields of the part at `path`, expanded in place if it was a bare name, a number or missing."""
    holder: Any = fields
    owner: type[BaseModel] = Config
    registry: Registry | None = None
    for step in path:
        registry = _registry(step) if isinstance(step, str) else registry
        if isinstance(step, str) and step not in LISTS:
            holder[step] = as_fields(holder.get(step, default_of(owner, step)), _registry(step))
        elif isinstance(step, int) and registry is not None:
            # An item of a list within a layer may still be a bare name.
            holder[step] = as_fields(holder[step], registry)
        holder = holder[step]
        if isinstance(holder, dict) and registry is not None:
            owner = registry.members.get(str(holder.get(registry.key)), owner)
    found: dict[str, Any] = holder
    return found


def _paths(value: Any, name: str) -> Iterator[str]:
    """Yield the paths in plain fields; in the schema, a field holds one if it is called `path`."""
    if isinstance(value, Component):
        value = value.model_dump()
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _paths(inner, name)
    elif name == _PATH and value is not None:
        yield str(value)


def _listed(domain: Any) -> list[Any]:
    return domain if isinstance(domain, list) else []


def _names(registry: Registry, part: Any) -> set[str]:
    """Return the names of the fields that a part of this kind has."""
    cls = registry.members.get(str(as_fields(part, registry).get(registry.key)))
    return {spec.name for spec in describe(cls)} if cls is not None else set()


def default_of(owner: type[BaseModel], name: str) -> Any:
    """Return the default of one field, or None."""
    return next((spec.default for spec in describe(owner) if spec.name == name), None)
