"""The differences between runs: of configs or params, of data, and of environments."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from trainer.config import Config
from trainer.config.differences import differences
from trainer.format import cut, short_number
from trainer.reproduce.environment import differing
from trainer.tracking import LoggedDataset, Run

__all__ = [
    "DATA",
    "Differences",
    "EnvironmentDifferences",
    "Row",
    "config_differences",
    "data_row",
    "environment_differences",
    "shortened",
    "words_of",
]

DATA = "data digest"
"""The name of the row that compares data by their contents."""
# Params that only summarize others.
_NOT_COMPARED = ("layers",)
# Parts of the environment that have a row of their own.
_ELSEWHERE = (DATA,)
_NOTHING, _UNKNOWN = "–", "unknown"
_DIGEST, _LONGEST = 12, 60
# A fraction, also inside the words of a component; not a part of a longer word, such as a version.
_FRACTION = re.compile(r"(?<![\w.-])-?\d+\.\d+(?:e[+-]?\d+)?(?![\w.])")

Row = tuple[str, tuple[str, ...]]
"""A field, and its value in each run."""


class Differences(NamedTuple):
    """The fields that are not the same in all runs.

    `of_params` tells that logged params were compared because a run has no config; runs in `unknown` have neither.
    """

    rows: tuple[Row, ...]
    of_params: bool
    unknown: tuple[str, ...] = ()


class EnvironmentDifferences(NamedTuple):
    """The differences that can change results, those that cannot, and the ids of runs without an environment."""

    rows: tuple[Row, ...]
    harmless: tuple[Row, ...]
    unknown: tuple[str, ...]


def config_differences(
    runs: Sequence[Run], config_of: Callable[[Run], Config | None], *, left_out: Collection[str] = ()
) -> Differences:
    """Compare configs, or params if a run has no config; fields in `left_out` are ignored."""
    configs = [config_of(run) for run in runs]
    known = [config for config in configs if config is not None]
    is_known = len(known) == len(configs)
    if is_known:
        rows = [(path, tuple(words_of(value) for value in values)) for path, values in differences(known)]
    else:
        rows = _param_differences([run.params for run in runs])
    unknown = [run.run_id for run, config in zip(runs, configs, strict=True) if config is None and not run.params]
    return Differences(tuple(row for row in rows if row[0] not in left_out), not is_known, tuple(unknown))


def data_row(runs: Sequence[Run], logged: Mapping[str, Sequence[LoggedDataset]]) -> Row | None:
    """Return the row of data digests; None where all known ones are equal.

    Programs compute digests differently, so equal data may have different ones; foreign digests are marked.
    """
    known = [run for run in runs if logged.get(run.run_id)]
    if len({(run.by_fitboard, frozenset(logged[run.run_id])) for run in known}) < 2:
        return None
    is_mixed = len({run.by_fitboard for run in known}) > 1
    return DATA, tuple(
        _digests(logged.get(run.run_id, ()))
        + (" (another program's)" if is_mixed and run in known and not run.by_fitboard else "")
        for run in runs
    )


def _digests(datasets: Sequence[LoggedDataset]) -> str:
    digests = dict.fromkeys(each.digest for each in datasets)
    return ", ".join(cut(digest, _DIGEST) for digest in digests) or _UNKNOWN


def environment_differences(
    runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]
) -> EnvironmentDifferences:
    """Compare each environment with that of the first run that has one.

    Args:
        runs: the compared runs.
        environments: run id → content of `environment.json`; empty if a run has none.
    """
    known = [run.run_id for run in runs if environments.get(run.run_id)]
    found: dict[str, tuple[bool, str, dict[str, str]]] = {}
    for run_id in known[1:]:
        for each in differing(environments[known[0]], environments[run_id]):
            if each.what not in _ELSEWHERE:
                found.setdefault(each.what, (each.likely, each.a, {}))[2][run_id] = each.b

    def row(what: str, first: str, others: Mapping[str, str]) -> Row:
        values = (others.get(run.run_id, first) if run.run_id in known else _UNKNOWN for run in runs)
        return what, tuple(cut(value, _LONGEST) for value in values)

    rows, harmless = (
        tuple(row(what, first, others) for what, (likely, first, others) in found.items() if likely is wanted)
        for wanted in (True, False)
    )
    return EnvironmentDifferences(rows, harmless, tuple(run.run_id for run in runs if run.run_id not in known))


def _param_differences(params: Sequence[Mapping[str, str]]) -> list[Row]:
    names = dict.fromkeys(name for one in params for name in one if name not in _NOT_COMPARED)
    rows = [(name, tuple(one.get(name, _NOTHING) for one in params)) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def words_of(value: Any) -> str:
    """Return the value of a field in words."""
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " × ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def shortened(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values of one field with at most four digits where a program proposed a number with more.

    They stay as they are if they would no longer differ.
    """
    short = tuple(_FRACTION.sub(lambda found: short_number(float(found[0])), value) for value in values)
    return short if len(set(short)) == len(set(values)) else tuple(values)
