"""Where runs side by side differ: in their configs or params, in their data, in their environments."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from trainer.config import Config
from trainer.config.differences import differences
from trainer.format import cut
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
]

DATA = "data digest"
"""The row that tells data apart, whatever they are called."""
_NOT_COMPARED = ("layers",)
"""Of the params, what the others tell better."""
_ELSEWHERE = (DATA,)
"""Of the environment, what has a row of its own."""
_NOTHING, _UNKNOWN = "–", "not known"
_DIGEST, _LONGEST = 12, 60

Row = tuple[str, tuple[str, ...]]
"""What differs, and how it is in each run in words."""


class Differences(NamedTuple):
    """The fields that are not the same in all runs.

    `of_params` tells that logged params were compared, since a run has no config; of the runs with the ids in
    `unknown` there are not even params.
    """

    rows: tuple[Row, ...]
    of_params: bool
    unknown: tuple[str, ...] = ()


class EnvironmentDifferences(NamedTuple):
    """What differs between environments: what can change numbers, and what cannot; ids of runs that have none."""

    rows: tuple[Row, ...]
    harmless: tuple[Row, ...]
    unknown: tuple[str, ...]


def config_differences(
    runs: Sequence[Run], config_of: Callable[[Run], Config | None], *, left_out: Collection[str] = ()
) -> Differences:
    """Where the configs differ, or where the params do if one of the runs has no config; but in `left_out`."""
    configs = [config_of(run) for run in runs]
    known = [config for config in configs if config is not None]
    is_known = len(known) == len(configs)
    if is_known:
        rows = [(path, tuple(_words(value) for value in values)) for path, values in differences(known)]
    else:
        rows = _param_differences([run.params for run in runs])
    unknown = [run.run_id for run, config in zip(runs, configs, strict=True) if config is None and not run.params]
    return Differences(tuple(row for row in rows if row[0] not in left_out), not is_known, tuple(unknown))


def data_row(runs: Sequence[Run], logged: Mapping[str, Sequence[LoggedDataset]]) -> Row | None:
    """What the runs learned from; None where it is the same in all of which it is known.

    The digests of two programs are made differently, so that equal data have unequal ones; whose they are is said.
    """
    known = [run for run in runs if logged.get(run.run_id)]
    if len({(run.by_fitboard, frozenset(logged[run.run_id])) for run in known}) < 2:
        return None
    is_mixed = len({run.by_fitboard for run in known}) > 1
    return DATA, tuple(
        _digests(logged.get(run.run_id, ()))
        + (" (another program’s)" if is_mixed and run in known and not run.by_fitboard else "")
        for run in runs
    )


def _digests(datasets: Sequence[LoggedDataset]) -> str:
    digests = dict.fromkeys(each.digest for each in datasets)
    return ", ".join(cut(digest, _DIGEST) for digest in digests) or _UNKNOWN


def environment_differences(
    runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]
) -> EnvironmentDifferences:
    """Where the environments differ, each against that of the first run that has one.

    Args:
        runs: what is compared.
        environments: run id → `environment.json`; empty where a run has none.
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


def _words(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " × ".join(map(str, value)) if isinstance(value, tuple) else str(value)
