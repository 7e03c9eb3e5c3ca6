"""How runs are grouped, and what is known of each group."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

from trainer.errors import ConfigError
from trainer.tracking.values import MetricValue, Reading

__all__ = [
    "ATTRIBUTES",
    "MOST_MEMBERS",
    "SEEDS",
    "Field",
    "GroupBy",
    "GroupPage",
    "Grouping",
    "Moments",
    "RunGroup",
    "is_seed",
    "parse_field",
]

ATTRIBUTES = ("experiment", "status", "name")
"""The fields of a run, besides params and tags, that runs can be grouped by."""

MOST_MEMBERS = 100
"""How many runs of an open group are listed."""

SEEDS = ("seed", "random_seed", "random_state", "manual_seed", "rng_seed")
"""Params that are seeds, also as the end of a longer name: `model.random_state`."""


class Grouping(StrEnum):
    """What the runs of a group have in common.

    `CONFIG`: the config but for its seed, and the data that they trained on. Of other programs' runs, which have no
    config, all params but seeds, and the experiment; one without params is alone.
    `FIELDS`: the values of the chosen fields.
    `EXCEPT`: all params but the chosen ones.
    """

    CONFIG = "config"
    FIELDS = "fields"
    EXCEPT = "except"


class Field(NamedTuple):
    """A field of runs: `kind` is attribute (one of `ATTRIBUTES`), param or tag."""

    kind: str
    name: str

    def __str__(self) -> str:
        """As on pages and in addresses: `params.optimizer`, `experiment`."""
        return self.name if self.kind == "attribute" else f"{self.kind}s.{self.name}"


def parse_field(text: str, known: Collection[tuple[str, str]]) -> Field:
    """Return the field of `params.optimizer`, `tags.team`, `experiment`, or of a param's bare name.

    Args:
        text: what was typed.
        known: every (kind, name) in the store, as `RunReader.columns` returns them.

    Raises:
        ConfigError: no run has such a field.
    """
    prefix, _, name = text.partition(".")
    if text in ATTRIBUTES:
        return Field("attribute", text)
    # Tags that programs write for other programs are not listed among the known ones.
    if prefix == "tags" and (("tag", name) in known or "." in name):
        return Field("tag", name)
    if prefix == "params" and ("param", name) in known:
        return Field("param", name)
    if ("param", text) in known:
        return Field("param", text)
    names = [*ATTRIBUTES, *(str(Field(kind, each)) for kind, each in known if kind != "metric")]
    near = get_close_matches(text, [*names, *(name.partition(".")[2] for name in names)], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ", such as `params.optimizer`, `tags.team` or `experiment`."
    raise ConfigError(f"No run has a field {text!r}; expected a param, a tag or {', '.join(ATTRIBUTES)}{hint}")


def is_seed(param: str) -> bool:
    """Return whether a param is a seed, by the end of its name: `seed`, `model.random_state`."""
    return param.replace("/", ".").rpartition(".")[2] in SEEDS


@dataclass(frozen=True, kw_only=True)
class GroupBy:
    """How to group runs. `metrics` are summarized; of the groups in `opened`, by `RunGroup.id`, the runs are listed.

    Metrics are values as `MetricValue` writes them. A name alone is the value of the kept weights, as on Compare.
    """

    mode: Grouping
    fields: tuple[Field, ...] = ()
    metrics: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[MetricValue, ...]:
        """What `metrics` name.

        Raises:
            ConfigError: one is not a value that can be read.
        """
        return tuple(MetricValue.parse(metric, bare=Reading.KEPT) for metric in self.metrics)


class Moments(NamedTuple):
    """A metric over the finished runs of a group that have a finite value; of equal configs only one run counts.

    `deviation` is the sample standard deviation, 0 for one value.
    """

    n: int
    mean: float
    deviation: float
    smallest: float
    largest: float


@dataclass(frozen=True, kw_only=True)
class RunGroup:
    """A group of runs.

    `values` are those of the fields that runs are grouped by, None where the runs have none. `counted` are the
    finished runs without repetitions of a config, over which metrics are summarized.
    """

    key: str
    values: tuple[str | None, ...]
    runs: int
    finished: int
    counted: int
    newest: str
    """The id of the run that was queued or started last."""
    newest_time: int | None
    metrics: Mapping[str, Moments] = field(default_factory=dict)
    """Those that a finished run has a finite value of."""
    odd: Mapping[str, int] = field(default_factory=dict)
    """Metric → number of finished runs whose value is not finite, where there are any."""
    members: tuple[str, ...] = ()
    """The ids of its newest runs, newest first, if the group is open."""

    @property
    def id(self) -> str:
        """A short identifier, the same in every process."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:10]


@dataclass(frozen=True, kw_only=True)
class GroupPage:
    """One page of groups, the total numbers of groups and runs, and whether all matching runs were read."""

    groups: tuple[RunGroup, ...]
    total: int
    runs: int
    complete: bool = True
