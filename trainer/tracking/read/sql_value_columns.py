"""Values of metrics that are read from the histories of all runs of an SQLite file, by columns.

All points of a metric are one range of its index; as arrays they take a fifth of the time that series of them do.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, and_, case, func, select

from trainer.config import Directions
from trainer.tracking.read.sql_columns import Numbers, Places
from trainer.tracking.read.sql_histories import plain_texts
from trainer.tracking.read.stored import LARGEST, stored_text
from trainer.tracking.read.tables import metrics
from trainer.tracking.values import MetricValue, Reading

__all__ = ["ValuesFound", "values_of_all"]

_POINT = np.dtype([("run", "S32"), ("step", "i8"), ("value", "f8"), ("is_other", "?")])


class ValuesFound(NamedTuple):
    """Run id → value, None where a history has none; and the runs that log a step twice, whose are not in it."""

    values: dict[str, float | None]
    apart: list[str]


class _Points(NamedTuple):
    """The points (points,) of a metric, sorted by run and step; `runs` are places in `names`."""

    names: npt.NDArray[np.bytes_]
    runs: Places
    steps: Places
    values: Numbers

    @property
    def repeated(self) -> npt.NDArray[np.bytes_]:
        """The runs in which a step occurs twice."""
        is_again = (np.diff(self.runs) == 0) & (np.diff(self.steps) == 0)
        return np.unique(self.names[self.runs[1:][is_again]])


def values_of_all(connection: Connection, value: MetricValue, directions: Directions) -> ValuesFound:
    """Return the value of every run, as `MetricValue.of_history` does; its reading needs histories."""
    own = _points(connection, value.metric)
    judged = _points(connection, value.other) if value.other else own
    apart = {stored_text(run) for run in np.concatenate([own.repeated, judged.repeated]).tolist()}
    found = dict.fromkeys(map(stored_text, own.names.tolist()))
    found |= _read(own, judged, value, directions)
    return ValuesFound({run: each for run, each in found.items() if run not in apart}, sorted(apart))


def _points(connection: Connection, key: str) -> _Points:
    value, step = metrics.c.value, metrics.c.step
    # SQLite columns accept values of any type.
    is_number = and_(~metrics.c.is_nan, func.typeof(value).in_(["real", "integer"]))
    wanted = select(metrics.c.run_uuid, step, case((is_number, value), else_=0.0), ~is_number)
    with (
        plain_texts(connection),
        connection.execute(wanted.where(metrics.c.key == key, func.typeof(step) == "integer")) as result,
    ):
        rows = np.fromiter(cast(Iterable[tuple[bytes, int, float, int]], result.cursor), dtype=_POINT)
    names, runs = np.unique(rows["run"], return_inverse=True)
    values = np.where(rows["is_other"], math.nan, rows["value"])
    values = np.where(np.abs(values) >= LARGEST, np.copysign(math.inf, values), values)
    order = np.lexsort((rows["step"], runs))
    return _Points(names, runs[order], rows["step"][order], values[order])


def _read(own: _Points, judged: _Points, value: MetricValue, directions: Directions) -> dict[str, float]:
    if value.reading is Reading.STEP:
        return _named(own, own.steps == value.step)
    if value.reading is Reading.SMOOTHED:
        return dict(zip(map(stored_text, own.names.tolist()), _smoothed(own, value.weight).tolist(), strict=True))
    higher = directions.higher_is_better(value.chosen_by)
    if higher is None:
        return {}
    finite = np.flatnonzero(np.isfinite(judged.values))
    runs, numbers = judged.runs[finite], judged.values[finite]
    # Sorting is stable, so that the first of equal values stays the first.
    order = np.lexsort((-numbers if higher else numbers, runs))
    best = finite[order[np.flatnonzero(np.diff(runs[order], prepend=-1))]]
    if value.reading is Reading.BEST:
        nothing = dict.fromkeys(map(stored_text, own.names.tolist()), math.nan)
        return nothing | _named(own, best)
    # The same run and step are the same number in both.
    every = np.unique(np.concatenate([own.steps, judged.steps]))
    places = np.searchsorted(own.names, judged.names[judged.runs[best]])
    is_known = own.names[np.minimum(places, len(own.names) - 1)] == judged.names[judged.runs[best]]
    wanted = places * len(every) + np.searchsorted(every, judged.steps[best])
    there = own.runs * len(every) + np.searchsorted(every, own.steps)
    return _named(own, np.isin(there, wanted[is_known]))


def _named(points: _Points, chosen: npt.NDArray[np.bool_] | Places) -> dict[str, float]:
    names = map(stored_text, points.names[points.runs[chosen]].tolist())
    return dict(zip(names, points.values[chosen].tolist(), strict=True))


def _smoothed(points: _Points, weight: float) -> Numbers:
    """Return the moving average at the end of each run (runs,): the n-th points of all runs at once."""
    begins = np.flatnonzero(np.diff(points.runs, prepend=-1))
    sizes = np.diff(begins, append=len(points.runs))
    mean, share = np.zeros(len(begins)), np.zeros(len(begins))
    for place in range(int(sizes.max(initial=0))):
        going = np.flatnonzero(sizes > place)
        values = points.values[begins[going] + place]
        is_finite = np.isfinite(values)
        going, values = going[is_finite], values[is_finite]
        mean[going] = weight * mean[going] + (1 - weight) * values
        share[going] = weight * share[going] + (1 - weight)
    with np.errstate(invalid="ignore"):
        return np.asarray(mean / share, dtype=np.float64)
