"""Group runs that were read, for stores that cannot group; the answers are those of `group_query`."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from trainer.tracking.groups import MOST_MEMBERS, Field, GroupBy, Grouping, GroupPage, Moments, RunGroup, is_seed
from trainer.tracking.read.group_query import USABLE
from trainer.tracking.read.rest_query import valued_first
from trainer.tracking.reader import RunQuery, Sort
from trainer.tracking.run import LoggedDataset, Run, Status
from trainer.tracking.tags import Tag
from trainer.tracking.values import ReadHistories, values_of

__all__ = ["Member", "group_here", "group_members"]

_MARK = "\x1f"


class Member(NamedTuple):
    """A run of a group: what its group's row is made of.

    `key` is its group's, `fields` are the values that runs are grouped by, and `values` those of the metrics.
    """

    run_id: str
    start: int | None
    is_finished: bool
    digest: str
    key: str
    fields: tuple[str | None, ...]
    values: Mapping[str, float]


def group_here(
    found: Sequence[Run],
    query: RunQuery,
    by: GroupBy,
    *,
    data: Mapping[str, Sequence[LoggedDataset]],
    histories: ReadHistories,
    complete: bool,
) -> GroupPage:
    """Return one page of the groups of these runs.

    Args:
        found: the matching runs.
        query: its order and page.
        by: how to group.
        data: run id → the datasets that the run logged; needed to group by config.
        histories: reads those that values in `by` need.
        complete: whether these are all matching runs.
    """
    asked = dict(zip(by.metrics, by.values, strict=True))
    values = values_of(found, asked, query.directions, histories)
    keys = _config_keys(found, data) if by.mode is Grouping.CONFIG else {}
    members = [
        Member(
            run_id=run.run_id,
            start=run.start_time,
            is_finished=run.status is Status.FINISHED,
            digest=run.tags.get(Tag.CONFIG_DIGEST, run.run_id),
            key=keys[run.run_id] if keys else _key(run, by),
            fields=tuple(_value(run, each) if by.mode is Grouping.FIELDS else None for each in by.fields),
            values=values.get(run.run_id, {}),
        )
        for run in found
    ]
    return group_members(members, query, by, complete=complete)


def group_members(found: Sequence[Member], query: RunQuery, by: GroupBy, *, complete: bool = True) -> GroupPage:
    """Return one page of the groups of these members."""
    members: dict[str, list[Member]] = {}
    for member in found:
        members.setdefault(member.key, []).append(member)
    groups = _arranged([_group(key, runs, by) for key, runs in members.items()], query.sort, by)
    page = tuple(groups[query.offset :][: query.limit])
    return GroupPage(groups=page, total=len(groups), runs=len(found), complete=complete)


def _config_keys(found: Sequence[Run], data: Mapping[str, Sequence[LoggedDataset]]) -> dict[str, str]:
    bases = {run.run_id: _config_base(run) for run in found}
    digests = {run.run_id: _MARK.join(sorted({each.digest for each in data.get(run.run_id, ())})) for run in found}
    known: dict[str, str] = {}
    for run_id, base in bases.items():
        known[base] = max(known.get(base, ""), digests[run_id])
    return {run_id: base + _MARK + (digests[run_id] or known[base]) for run_id, base in bases.items()}


def _config_base(run: Run) -> str:
    if (group := run.tags.get(Tag.GROUP)) is not None:
        return "c" + group
    unseeded = _signature(run, [name for name in run.params if is_seed(name)])
    return f"p{run.experiment_id}{_MARK}{unseeded}" if unseeded else "r" + run.run_id


def _key(run: Run, by: GroupBy) -> str:
    if by.mode is Grouping.EXCEPT:
        return _signature(run, [each.name for each in by.fields if each.kind == "param"])
    values = (_value(run, each) for each in by.fields)
    return "".join("-" if value is None else f"{len(value)}:{value}" for value in values)


def _signature(run: Run, left_out: Sequence[str]) -> str:
    return _MARK.join(f"{name}={value}" for name, value in sorted(run.params.items()) if name not in left_out)


def _value(run: Run, field: Field) -> str | None:
    if field.kind == "attribute":
        return {"experiment": run.experiment, "status": str(run.status), "name": run.name}[field.name]
    return (run.params if field.kind == "param" else run.tags).get(field.name)


def _group(key: str, runs: Sequence[Member], by: GroupBy) -> RunGroup:
    newest = max(runs, key=lambda run: f"{run.start or 0}{run.run_id}")
    counted = _counted(runs)
    values = {metric: [run.values[metric] for run in counted if metric in run.values] for metric in by.metrics}
    usable = {metric: [value for value in some if abs(value) < USABLE] for metric, some in values.items()}
    group = RunGroup(
        key=key,
        values=newest.fields,
        runs=len(runs),
        finished=sum(run.is_finished for run in runs),
        counted=len(counted),
        newest=newest.run_id,
        newest_time=max((run.start for run in runs if run.start is not None), default=None),
        metrics={metric: _moments(some) for metric, some in usable.items() if some},
        odd={metric: odd for metric, some in usable.items() if (odd := len(values[metric]) - len(some))},
    )
    if group.id not in by.opened:
        return group
    ordered = sorted(runs, key=lambda run: (-(run.start or 0), run.run_id))
    return replace(group, members=tuple(run.run_id for run in ordered[:MOST_MEMBERS]))


def _counted(runs: Sequence[Member]) -> list[Member]:
    """Return the finished runs, of equal configs only the first."""
    by_config: dict[str, Member] = {}
    for run in sorted(runs, key=lambda run: (run.start or 0, run.run_id)):
        if run.is_finished:
            by_config.setdefault(run.digest, run)
    return list(by_config.values())


def _moments(values: Sequence[float]) -> Moments:
    low, high = min(values), max(values)
    mean = min(max(statistics.fmean(values), low), high)
    squares = math.fsum((value - mean) ** 2 for value in values)
    deviation = math.sqrt(squares / (len(values) - 1)) if len(values) > 1 else 0.0
    return Moments(len(values), mean, deviation, low, high)


def _arranged(groups: Sequence[RunGroup], sort: Sort, by: GroupBy) -> list[RunGroup]:
    """Sort as `group_query` does: numbers, then texts, then groups without a value, in either direction."""
    newest = sorted(groups, key=lambda group: (-(group.newest_time or 0), group.newest))
    return valued_first(newest, lambda group: _sort_value(group, sort, by), descending=sort.descending)


def _sort_value(group: RunGroup, sort: Sort, by: GroupBy) -> tuple[int, Any]:
    field = Field(sort.kind, sort.name)
    if sort.kind == "metric" and sort.name in by.metrics:
        moments = group.metrics.get(sort.name)
        return (2, 0) if moments is None else (0, moments.mean)
    if by.mode is Grouping.FIELDS and field in by.fields:
        text = group.values[by.fields.index(field)]
        if text is None:
            return 2, 0
        try:
            return 0, float(text)
        except ValueError:
            return 1, text
    found = group.runs if (sort.kind, sort.name) == ("attribute", "runs") else group.newest_time
    return (2, 0) if found is None else (0, found)
