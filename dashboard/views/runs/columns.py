"""The cells of the table of runs, by column."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from dashboard.charts.colors import color_of
from dashboard.charts.sparkline import sparkline, sparkline_metric
from dashboard.components.status import look
from dashboard.components.verdicts import verdict_words
from trainer.config import UNTOLD, Directions, main_metrics
from trainer.execution import Expected, silent_since
from trainer.format import count, duration, number, roughly, short_number, when
from trainer.tracking import MetricValue, Run, Series, Sort

__all__ = [
    "METRIC",
    "ORDERS",
    "OWN_COLUMNS",
    "PARAM",
    "TAG",
    "RunRows",
    "clicked_sort",
    "column_name",
    "is_logged",
    "param_words",
    "run_rows",
    "sort_column",
    "sort_of",
    "value_of_column",
]

METRIC, PARAM, TAG = "metrics.", "params.", "tags."
ORDERS = {"started": "start_time", "name": "name", "status": "status", "duration": "duration"}
"""The orders that are always offered: name on the page → name in a `Sort`."""
OWN_COLUMNS = ("verdict", "user")
"""Columns that can be added besides metrics, params and tags."""
_PREFIXES = {"metric": METRIC, "param": PARAM, "tag": TAG}
# The table's own columns that runs can be sorted by.
_FIXED = {"when": "started", "name": "name", "status": "status", "duration": "duration", "dataset": "params.dataset"}
_ALWAYS = f"{PARAM}learning_rate"
# The table's own columns that show one param.
_PARAMS = {name: PARAM + name for name in ("dataset", "layers")}
# Params that are shown before others if they vary.
_FIRST_PARAMS = ("optimizer", "batch_size", "epochs", "loss", "seed")
# Params that have a column of their own or are part of one.
_ELSEWHERE = ("dataset", "layers", "parameters", "learning_rate")
# Params whose digits are an identifier, not a quantity.
_NAMES = ("seed", "random_state", "id")
_QUANTITY = re.compile(r"(-?[1-9]\d{3,17})(?:\.0*|(\.\d+))?")
# What may have more digits than a person types, since a sweep proposed it.
_FRACTION = re.compile(r"-?\d{0,3}\.\d{6,}(e-?\d+)?")
_MOST_VARYING, _LONGEST_PARAM = 4, 24

_NOTHING: Mapping[str, Expected] = {}
_NO_VALUES: Mapping[str, Mapping[str, float]] = {}


class RunRows(NamedTuple):
    """The table: the ids of the runs, and their cells by column. `shown` are the columns in order."""

    run_ids: tuple[str, ...]
    cells: Mapping[str, Sequence[Any]]
    shown: tuple[str, ...]
    metrics: tuple[str, ...]
    """The columns that hold metrics: `metrics.val_loss`."""
    live: bool
    """Whether one of the runs has not ended."""
    best: Mapping[tuple[str, str], int] = MappingProxyType({})
    """(run id, column) of the best values → number of compared runs."""
    deleted: frozenset[str] = frozenset()
    """The ids of those runs that are deleted."""


def column_name(kind: str, name: str) -> str:
    """Return the name of one of `RunReader.columns` as MLflow writes it: `metrics.val_loss`."""
    return _PREFIXES[kind] + name


def is_logged(column: str) -> bool:
    """Return whether a column is a metric, a param or a tag, which runs may have or not."""
    return column.startswith((METRIC, PARAM, TAG))


def param_words(name: str, value: str) -> str:
    """Return a param as the table shows it: `8,970` for `8970`, `0.003457` for `0.0034567890123456`.

    Args:
        name: the param's name; seeds and ids are returned unchanged.
        value: the param as it was logged.
    """
    if re.split(r"[._]", name)[-1] in _NAMES or name.endswith(_NAMES[1]):
        return value
    if _FRACTION.fullmatch(value) and float(short := short_number(float(value))) != float(value):
        return short.replace("-", "−", value.startswith("-"))
    found = _QUANTITY.fullmatch(value)
    return value if found is None else count(int(found[1])) + (found[2] or "")


def sort_of(column: str, *, ascending: bool) -> Sort:
    """Return the store's order for a column of the page."""
    for kind, prefix in _PREFIXES.items():
        if column.startswith(prefix):
            return Sort(kind=kind, name=column.removeprefix(prefix), descending=not ascending)
    return Sort(name=ORDERS.get(column, "start_time"), descending=not ascending)


def sort_column(cell_column: str) -> str | None:
    """Return the order that a click on a column's header selects; None if runs cannot be sorted by that column."""
    column = _FIXED.get(cell_column, cell_column)
    return column if column in ORDERS or is_logged(column) else None


def value_of_column(column: str) -> MetricValue | None:
    """Return which value of a metric a column shows: `metrics.val_loss@best`; None for other columns, and for the last.

    Raises:
        ConfigError: it is not a value that can be read.
    """
    return MetricValue.parse(column.removeprefix(METRIC)) if column.startswith(METRIC) and "@" in column else None


def clicked_sort(cell_column: str, now: tuple[str, bool], directions: Directions = UNTOLD) -> tuple[str, bool] | None:
    """Return the order after a click on a column's header, as (column, ascending): the best first, then reversed.

    None if runs cannot be sorted by that column.
    """
    column = sort_column(cell_column)
    if column is None:
        return None
    if now[0] == column:
        return column, not now[1]
    value = value_of_column(column)
    name = column.removeprefix(METRIC) if value is None else value.metric
    smaller_first = column.startswith(METRIC) and directions.higher_is_better(name) is False
    return column, smaller_first or column in {"name", "params.dataset"}


def run_rows(
    runs: Sequence[Run],
    curves: Mapping[str, Mapping[str, Series]],
    *,
    now: float,
    chosen: Sequence[str] = (),
    sorted_by: str = "",
    expected: Mapping[str, Expected] = _NOTHING,
    same: Container[str] = (),
    values: Mapping[str, Mapping[str, float]] = _NO_VALUES,
) -> RunRows:
    """Return the cells of a page of runs.

    Args:
        runs: in the order of the rows.
        curves: run id → metric → history, for the sparklines.
        now: seconds since 1970.
        chosen: columns, such as `metrics.val_loss` or `verdict`, to show in this order before the default ones: the
            main results of these runs, the learning rate, and the params that vary among them.
        sorted_by: the column that runs are sorted by, which is always shown.
        expected: run id → expected start of a queued run.
        same: columns with one value in all listed runs, which are left out unless they are chosen or sorted by.
        values: run id → column → value, of the columns that are values of metrics.
    """
    live = any(not run.status.ended for run in runs)
    main = [METRIC + name for name in main_metrics([run.metrics for run in runs])]
    extra = list(dict.fromkeys([*chosen, *main, *_default_params(runs)]))
    own = {*ORDERS, "params.dataset"}
    extra += [sorted_by] if sorted_by and sorted_by not in {*extra, *own} else []
    metrics = [column for column in extra if column.startswith(METRIC)]
    others = [column for column in extra if not column.startswith(METRIC)]
    shown = _first_columns(runs, chosen, live=live)
    defaults = [name for name in (*metrics, *others) if name not in chosen]
    shown += [*dict.fromkeys(chosen), *defaults, "curve", "layers"]
    asked = {*chosen, sorted_by}
    shown = [name for name in shown if (param := _PARAMS.get(name, name)) not in same or param in asked]
    valued = {column for column in metrics if value_of_column(column) is not None}
    cells = {
        column: [_read(values, run, column) if column in valued else _cell(run, column, now, curves) for run in runs]
        for column in shown
    }
    starts = [_start(expected.get(run.run_id)) for run in runs]
    cells["duration"] = [start or words for start, words in zip(starts, cells["duration"], strict=True)]
    ids, deleted = _ids(runs), frozenset(_ids([run for run in runs if run.deleted]))
    return RunRows(ids, cells, tuple(shown), tuple(metrics), live, deleted=deleted)


def _first_columns(runs: Sequence[Run], chosen: Sequence[str], *, live: bool) -> list[str]:
    """Return the first columns; whose runs they are is among them if several people's are listed."""
    is_mixed = len({run.author for run in runs if run.by_fitboard}) > 1
    user = ["user"] if is_mixed and "user" not in chosen else []
    return ["color", "name", *user, "status", *(["progress"] if live else []), "when", "duration", "dataset"]


def _ids(runs: Sequence[Run]) -> tuple[str, ...]:
    return tuple(run.run_id for run in runs)


def _default_params(runs: Sequence[Run]) -> list[str]:
    """Return the learning rate, and at most four params that vary among these runs and have short values."""
    names = dict.fromkeys([*_FIRST_PARAMS, *sorted({name for run in runs for name in run.params})])
    found = []
    for name in names:
        values = {run.params[name] for run in runs if name in run.params}
        # The column `layers` says more about a network than the fields of its layers.
        is_shown = name in _ELSEWHERE or name.startswith("layer.")
        if not is_shown and len(values) > 1 and max(map(len, values)) <= _LONGEST_PARAM:
            found.append(PARAM + name)
    has_rate = any(_ALWAYS.removeprefix(PARAM) in run.params for run in runs)
    return [*([_ALWAYS] if has_rate else []), *found[:_MOST_VARYING]]


def _cell(run: Run, column: str, now: float, curves: Mapping[str, Mapping[str, Series]]) -> Any:
    if column.startswith(METRIC):
        name = column.removeprefix(METRIC)
        return _measured(run, name)
    if column.startswith(PARAM):
        return run.params.get(column.removeprefix(PARAM), "")
    if column.startswith(TAG):
        return run.tags.get(column.removeprefix(TAG), "")
    if column == "curve":
        return _sparkline(run, curves.get(run.run_id, {}))
    return _OWN[column](run, now)


def _status(run: Run, now: float) -> list[str]:
    """Return the status and its colour."""
    shown = look(run, now)
    return [shown.word, shown.color]


def _measured(run: Run, name: str) -> str:
    """Return the last value, by which the store sorts, and the value of the kept epoch if it differs."""
    if name not in run.metrics:
        return ""
    last, kept = number(run.metrics[name]), number(run.kept_metrics[name])
    return last if last == kept else f"{last} (kept {kept})"


def _read(values: Mapping[str, Mapping[str, float]], run: Run, column: str) -> str:
    value = values.get(run.run_id, {}).get(column)
    return "" if value is None else number(value)


def _start(expected: Expected | None) -> str:
    """Return when a queued run will start, or how many runs are ahead of it."""
    if expected is None:
        return ""
    if expected.seconds is None:
        return f"behind {expected.ahead}" if expected.ahead else "next"
    return f"in ~{roughly(expected.seconds)}"


def _sparkline(run: Run, curves: Mapping[str, Series]) -> list[float]:
    metric = sparkline_metric(run.metrics)
    return sparkline(curves[metric].values) if metric is not None and metric in curves else []


def _progress(run: Run, now: float) -> float | None:
    # Whole per cent, so that the browser redraws the bar only when it moves.
    return None if run.status.ended or run.progress is None else round(run.progress.share, 2)


def _duration(run: Run, now: float) -> str:
    """Return how long the run took, or has taken until now or, if it is silent, until its last heartbeat."""
    if run.seconds is not None or run.status.ended or run.started_at is None:
        return duration(run.seconds)
    heard = silent_since(run, now=now)
    if heard is not None:
        return duration(max(0.0, heard - run.started_at / 1000))
    return f"{duration(max(0.0, now - run.started_at / 1000))} …"


_OWN: Mapping[str, Callable[[Run, float], Any]] = {
    "color": lambda run, now: [color_of(run)],
    "name": lambda run, now: run.title,
    "status": _status,
    "progress": _progress,
    "when": lambda run, now: when(run.start_time, now),
    "duration": _duration,
    "dataset": lambda run, now: run.params.get("dataset", ""),
    "layers": lambda run, now: run.params.get("layers", ""),
    "verdict": lambda run, now: verdict_words(run),
    "user": lambda run, now: run.author or "",
}
