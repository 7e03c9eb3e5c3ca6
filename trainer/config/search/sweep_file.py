"""A sweep as a file: a config, its `search` and its `sweep`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainer.config.config import Config
from trainer.config.search.domains import Choices
from trainer.config.search.settings import SweepSettings, parse_settings
from trainer.config.search.space import Space, parse_space
from trainer.config.serialization import dump_config, dump_fields, parse_config, read_mapping
from trainer.errors import ConfigError

__all__ = ["SweepFile", "dump_search", "load_sweep", "parse_sweep"]

_SEARCH, _SWEEP = "search", "sweep"
# What changes neither which trials are proposed nor which are pruned.
_NOT_IDENTITY = frozenset({"trials", "time", "jobs", "confirm"})


@dataclass(frozen=True, kw_only=True)
class SweepFile:
    """A search space and the settings of the search."""

    space: Space
    settings: SweepSettings

    @property
    def config(self) -> Config:
        """The config in which settings vary."""
        return self.space.config

    @property
    def digest(self) -> str:
        """SHA-256 of what decides which trials are proposed: 64 hex digits."""
        told = {"space": self.space.digest, **self.settings.model_dump(mode="json", exclude=set(_NOT_IDENTITY))}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def most_epochs(self) -> int:
        """The number of epochs of the longest trial."""
        varied = [each.domain for each in self.space.dimensions if each.name == "epochs"]
        longest = [max(each.options) if isinstance(each, Choices) else each.high for each in varied]
        return int(max(longest, default=self.config.epochs))

    def with_config(self, config: Config) -> "SweepFile":
        """Return the sweep with another config, whose fields at the varied paths are the same."""
        return replace(self, space=replace(self.space, config=config))

    def with_settings(self, changes: Mapping[str, Any], *, is_stored: bool = False) -> "SweepFile":
        """Return the sweep with some settings changed, as people did now or, stored, earlier.

        Raises:
            ConfigError: a setting is not valid; see `parse_sweep` for those that are stored.
        """
        before = self.settings.plain()
        if "objective" in changes:
            # The direction is that of the objective.
            before.pop("direction", None)
        return replace(self, settings=parse_settings({**before, **changes}, self.space, is_stored=is_stored))

    def dump(self) -> str:
        """Write the sweep as YAML; `load_sweep` reads it back."""
        return dump_config(self.config) + dump_search(self.domains(), self.settings.plain())

    def domains(self) -> dict[str, Any]:
        """Return the values that each path can take, as a person writes them."""
        domains: dict[str, Any] = {}
        for each in self.space.dimensions:
            # The presence and the number of copies of a layer stand together under its path.
            inner = each.name.removeprefix(each.path).removeprefix(".")
            plain = each.domain.plain()
            domains[each.path] = {**domains.get(each.path, {}), inner: plain} if inner else plain
        return domains


def dump_search(domains: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Write what a sweep file has besides the config as YAML: a line for each path, and the settings if there are any.

    Neither need be valid.
    """
    fields = {_SEARCH: dict(domains), **({_SWEEP: dict(settings)} if settings else {})}
    return dump_fields(fields, spread=_SEARCH)


def load_sweep(text: str | bytes, *, is_stored: bool = False) -> SweepFile:
    """Read a sweep from YAML. Raises ConfigError with one sentence as `parse_sweep` does."""
    return parse_sweep(read_mapping(text), is_stored=is_stored)


def parse_sweep(fields: Mapping[str, Any], *, is_stored: bool = False) -> SweepFile:
    """Read a sweep from plain fields: those of a config, `search`, and `sweep`, which may be left out.

    One that is stored may vary and optimize what a new one may not, since earlier versions refused less.

    Raises:
        ConfigError: The config, the space or a setting is not valid.
    """
    if _SEARCH not in fields:
        raise ConfigError(
            "The sweep has no `search`; add it with paths and values, such as "
            "search: {optimizer.learning_rate: [0.01, 0.001]}."
        )
    config = parse_config({key: value for key, value in fields.items() if key not in {_SEARCH, _SWEEP}})
    space = parse_space(config, fields[_SEARCH], is_stored=is_stored)
    sweep = {} if fields.get(_SWEEP) is None else fields[_SWEEP]
    return SweepFile(space=space, settings=parse_settings(sweep, space, is_stored=is_stored))
