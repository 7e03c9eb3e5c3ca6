"""What varies in a draft: the search space and the settings of a sweep, as plain fields that may still be invalid."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from trainer.config import Config
from trainer.config.search import Space, SweepFile
from trainer.config.search.settings import parse_settings
from trainer.config.search.space import parse_space
from trainer.errors import ConfigError

__all__ = ["NO_SEARCH", "Search", "SearchPath", "SweepValidation", "judge_search"]

SearchPath = tuple[str | int, ...]
"""A path as in `Draft`: in a list it uses the id of the card, so that it stays valid when cards move."""

_SETTING = re.compile(r"sweep\.(\w+)(?:\.\d+)?: ")


@dataclass(frozen=True, kw_only=True)
class Search:
    """What varies, by path and in the form of a sweep file, and the settings that differ from their defaults.

    While it is not `on`, it is kept but has no effect: the draft is a single config.
    """

    on: bool = False
    domains: Mapping[SearchPath, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def switched(self, on: bool) -> "Search":
        """Return the search switched on or off."""
        return replace(self, on=on)

    def varied(self, path: SearchPath, domain: Any | None) -> "Search":
        """Return the search in which the setting at a path has these values; None ends its variation."""
        others = {each: given for each, given in self.domains.items() if each != path or domain is not None}
        # An existing path keeps its place.
        return replace(self, domains=others if domain is None else {**others, path: domain})

    def with_setting(self, name: str, value: Any | None) -> "Search":
        """Return the search with a setting, or with its default if the value is None."""
        others = {each: given for each, given in self.settings.items() if each != name}
        return replace(self, settings=others if value is None else {**self.settings, name: value})

    def kept(self, keeps: Callable[[SearchPath], bool]) -> "Search":
        """Return the search without the paths that `keeps` returns False for."""
        left = {path: domain for path, domain in self.domains.items() if keeps(path)}
        return self if len(left) == len(self.domains) else replace(self, domains=left)

    def moved(self, new_path: Callable[[SearchPath], SearchPath | None]) -> "Search":
        """Return the search with other paths; those that `new_path` returns None for are left out."""
        found = {new_path(path): domain for path, domain in self.domains.items()}
        left = {path: domain for path, domain in found.items() if path is not None}
        return self if left == self.domains else replace(self, domains=left)

    def copied(self, begin: SearchPath, other: SearchPath) -> "Search":
        """Return the search in which everything below `begin` also varies below `other`."""
        copies = {
            (*other, *path[len(begin) :]): domain
            for path, domain in self.domains.items()
            if path[: len(begin)] == begin
        }
        return replace(self, domains={**self.domains, **copies}) if copies else self


NO_SEARCH: Final = Search()
"""The search of a draft in which nothing varies."""


@dataclass(frozen=True, kw_only=True)
class SweepValidation:
    """The result of validating a search: the sweep, or each error with its place.

    A place is a path as in the file (`layers.2.units`, counted from 1), `sweep.trials` for a setting, or empty for the
    search as a whole. `space` is set if it is valid by itself.
    """

    sweep: SweepFile | None = None
    space: Space | None = None
    messages: tuple[tuple[str, str], ...] = ()

    def at(self, where: str) -> str | None:
        """Return the error of a place, if there is one."""
        return next((what for place, what in self.messages if place == where), None)


def judge_search(config: Config, domains: Mapping[str, Any], settings: Mapping[str, Any]) -> SweepValidation:
    """Validate a search, with the paths and values of a sweep file, against a config."""
    try:
        space = parse_space(config, domains)
    except ConfigError as error:
        return SweepValidation(messages=_by_path(config, domains, str(error)))
    try:
        return SweepValidation(sweep=SweepFile(space=space, settings=parse_settings(settings, space)), space=space)
    except ConfigError as error:
        found = _SETTING.match(str(error))
        place = f"sweep.{found[1]}" if found else "sweep"
        return SweepValidation(space=space, messages=((place, _without(str(error), place)),))


def _by_path(config: Config, domains: Mapping[str, Any], message: str) -> tuple[tuple[str, str], ...]:
    """Return the error of each path by itself, or else that of the whole."""
    # Fields of other components exist only together with the choice of these.
    kinds = {
        path: domain
        for path, domain in domains.items()
        if isinstance(domain, list) and _is_parsed(config, path, domain)
    }
    found = []
    for path, domain in domains.items():
        above = {each: given for each, given in kinds.items() if path.startswith(f"{each}.")}
        try:
            parse_space(config, {**above, path: domain})
        except ConfigError as error:
            found.append((path, _without(str(error), path)))
    return tuple(found) or (("", message),)


def _is_parsed(config: Config, path: str, domain: Any) -> bool:
    try:
        parse_space(config, {path: domain})
    except ConfigError:
        return False
    return True


def _without(message: str, place: str) -> str:
    """Return the message without the place that it begins with, which is shown before it."""
    for begin in (f"`{place}`: ", f"{place}: "):
        if message.startswith(begin):
            return message.removeprefix(begin)
    return message
