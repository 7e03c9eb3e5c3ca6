"""The cells of the table of groups: a row a group, and below an open one a row for each of its runs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.views.runs.columns import METRIC, RunRows, run_rows
from trainer.comparison.groups import group_metric
from trainer.config import Directions
from trainer.format import count, counted, number, when
from trainer.tracking import GroupBy, Grouping, Run, RunGroup

__all__ = ["GROUP", "group_rows"]

GROUP = "group:"
"""What the id of a group's row begins with, so that none can be a run's id."""

_CLEAR = "transparent"
_REPEAT = re.compile(r"seed \d+(, (split|fold) \d+)?( \(\d+\))?")
_NO_VALUES: Mapping[str, Mapping[str, float]] = {}


def group_rows(
    groups: Sequence[RunGroup],
    by: GroupBy,
    runs: Sequence[Run],
    columns: Sequence[str],
    directions: Directions,
    values: Mapping[str, Mapping[str, float]] = _NO_VALUES,
    *,
    now: float,
) -> RunRows:
    """Return the cells.

    Args:
        groups: in the order of their rows.
        by: how runs are grouped.
        runs: the newest run of each group, and the members of the open ones.
        columns: further columns of the runs.
        directions: the directions in which metrics improve.
        values: run id → column → value, of the columns that are values of metrics.
        now: seconds since 1970.
    """
    metrics = tuple(METRIC + metric for metric in by.metrics)
    fields = [str(each) for each in by.fields if each.kind != "attribute"] if by.mode is Grouping.FIELDS else None
    plain = run_rows(runs, {}, now=now, chosen=[*(fields or ()), *columns, *metrics], values=values)
    # What the runs of one config share, its groups show too.
    of_config = [name for name in plain.shown if name == "dataset" or name.startswith("params.")]
    shared = [name for name in (of_config if fields is None else fields) if name not in _differing(by)]
    shown = ("color", "name", "status", "when", "duration", *dict.fromkeys([*shared, *metrics, *columns]))
    shown = (*shown, "layers") if by.mode is Grouping.CONFIG else shown
    places = {run_id: place for place, run_id in enumerate(plain.run_ids)}
    ids: list[str] = []
    cells: dict[str, list[Any]] = {name: [] for name in shown}
    for group in groups:
        newest = {name: plain.cells[name][places[group.newest]] for name in shown} if group.newest in places else {}
        rows = [(GROUP + group.id, _group_cells(group, by, newest, [*shared, "layers"], directions, now))]
        rows += [
            (run_id, {name: plain.cells[name][places[run_id]] for name in shown})
            for run_id in group.members
            if run_id in places
        ]
        for row_id, row in rows:
            ids.append(row_id)
            for name in shown:
                cells[name].append(row.get(name, ""))
    return plain._replace(run_ids=tuple(ids), cells=cells, shown=shown, metrics=_metrics_in(shown))


def _metrics_in(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in columns if name.startswith(METRIC))


def _differing(by: GroupBy) -> set[str]:
    """Return the columns of params that may differ within a group."""
    differing = {"params.seed", *(str(each) for each in by.fields if by.mode is Grouping.EXCEPT)}
    return differing | ({"dataset"} if "params.dataset" in differing else set())


def _without_seed(name: str) -> str:
    """Return a generated name without the part that says which of several repeats a run is."""
    return " · ".join(part for part in name.split(" · ") if not _REPEAT.fullmatch(part)) or name


def _group_cells(
    group: RunGroup,
    by: GroupBy,
    newest: Mapping[str, Any],
    shared: Sequence[str],
    directions: Directions,
    now: float,
) -> dict[str, Any]:
    all_done = group.finished == group.runs
    words = counted(group.runs, "run") if all_done else f"{count(group.finished)} of {count(group.runs)} finished"
    cells = {name: newest[name] for name in shared if name in newest}
    if by.mode is Grouping.FIELDS:
        pairs = zip(by.fields, group.values, strict=True)
        values = {str(field): "" if value is None else value for field, value in pairs}
        name = ", ".join(f"{field.name} = {'–' if value is None else value}" for field, value in
                         zip(by.fields, group.values, strict=True))  # fmt: skip
        cells |= {column: value for column, value in values.items() if column in newest}
    else:
        name = _without_seed(str(newest.get("name", "")))
    cells |= {"color": [_CLEAR], "name": name, "status": [words, "green" if all_done else "gray"]}
    cells["when"] = when(group.newest_time, now)
    for metric in by.metrics:
        found = group_metric(group, metric, directions)
        best = "" if found.best is None else f", best {number(found.best)}"
        cells[METRIC + metric] = found.words + best
    return cells
