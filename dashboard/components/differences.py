"""Where runs side by side differ."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from trainer.config import Config
from trainer.config.differences import differences
from trainer.tracking import Run

__all__ = ["Differences", "config_differences"]

_NOT_COMPARED = ("layers",)
"""Of the params, what the others tell better."""


class Differences(NamedTuple):
    """The fields that are not the same in all runs: a path and each run's value in words.

    `of_params` tells that logged params were compared, since a run has no config.
    """

    rows: tuple[tuple[str, tuple[str, ...]], ...]
    of_params: bool


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
    return Differences(tuple(row for row in rows if row[0] not in left_out), not is_known)


def _param_differences(params: Sequence[Mapping[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    names = dict.fromkeys(name for one in params for name in one if name not in _NOT_COMPARED)
    rows = [(name, tuple(one.get(name, "–") for one in params)) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " × ".join(map(str, value)) if isinstance(value, tuple) else str(value)
