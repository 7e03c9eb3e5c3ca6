"""Values of metrics that are read from the histories of all runs of an SQLite file, by columns.

All points of a metric are one range of its index; as arrays they take a fifth of the time that series of them do.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple, cast

import numpy as np
from sqlalchemy import Connection, and_, case, func, select

from trainer.config import Directions
from trainer.tracking.read.sql_columns import Columns, Flags, Numbers
from trainer.tracking.read.sql_histories import plain_texts, read_histories
from trainer.tracking.read.sql_ids import Ids, Places, SortedIds, numbered
from trainer.tracking.read.sql_many import are_many
from trainer.tracking.read.stored import LARGEST, stored_text
from trainer.tracking.read.tables import metrics
from trainer.tracking.values import MetricValue, Reading

__all__ = ["KnownColumns", "Values", "ValuesFound", "sorted_ids", "values_of_all"]

_MOST_VALUES = 12
_MOST_PLACES = 2**62


class Values(NamedTuple):
    """The values of runs (runs,): NaN if that is the value or there is none, which `exist` distinguishes."""

    numbers: Numbers
    exist: Flags

    def of(self, runs: Places | Flags) -> "Values":
        """Return the values of some of the runs."""
        return Values(self.numbers[runs], self.exist[runs])

    def put(self, runs: Places | Flags, values: "Values") -> None:
        """Replace the values of some of the runs."""
        self.numbers[runs], self.exist[runs] = values


class ValuesFound(NamedTuple):
    """The values of the histories of `runs` (runs,), and the runs that log a step twice, whose are not in it."""

    runs: Ids
    values: Values
    apart: list[str]


class _Known(NamedTuple):
    """The values of `runs` (runs,) that ended at `ended`, in milliseconds since 1970."""

    runs: SortedIds
    ended: Places
    values: Values


class _Points(NamedTuple):
    """The points (points,) of a metric, sorted by run and step; `runs` are places in `names`."""

    names: Ids
    runs: Places
    steps: Places
    values: Numbers

    @property
    def repeated(self) -> Ids:
        """The runs in which a step occurs twice."""
        is_again = (np.diff(self.runs) == 0) & (np.diff(self.steps) == 0)
        repeated: Ids = self.names[np.unique(self.runs[1:][is_again])]
        return repeated


class KnownColumns:
    """Values that were read, kept for ended runs: a history is read again only if its run was resumed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, bool | None], _Known] = OrderedDict()

    def of(self, connection: Connection, value: MetricValue, directions: Directions, columns: Columns) -> Values:
        """Return the values of the runs in columns, which have the attribute `end`."""
        name = str(value), directions.higher_is_better(value.chosen_by) if value.chosen_by else None
        with self._lock:
            known = self._known.get(name)
        ended = columns.ended
        found = Values(np.full(len(columns), math.nan), np.zeros(len(columns), dtype=np.bool_))
        missing = np.ones(len(columns), dtype=np.bool_)
        if known is not None:
            places = known.runs.places(columns.ids)
            missing = (places < 0) | (ended < 0) | (known.ended[places] != ended)
            found.put(~missing, known.values.of(places[~missing]))
        if missing.any():
            _complete(connection, value, directions, columns, found, np.flatnonzero(missing))
            self._keep(name, _joined(known, columns, ended, found))
        return found

    def _keep(self, name: tuple[str, bool | None], known: _Known) -> None:
        with self._lock:
            self._known[name] = known
            self._known.move_to_end(name)
            if len(self._known) > _MOST_VALUES:
                self._known.popitem(last=False)


def _joined(known: _Known | None, columns: Columns, ended: Places, found: Values) -> _Known:
    """Return what is known of runs that ended, those of other queries included."""
    has_ended = ended >= 0
    ids, times, values = columns.ids[has_ended], ended[has_ended], found.of(has_ended)
    if known is not None:
        others = columns.places(known.runs.ids) < 0
        ids = np.concatenate([ids, known.runs.ids[others]])
        times = np.concatenate([times, known.ended[others]])
        theirs = known.values.of(others)
        values = Values(np.concatenate([values.numbers, theirs.numbers]), np.concatenate([values.exist, theirs.exist]))
    runs = SortedIds(ids)
    return _Known(runs, times[runs.order], values.of(runs.order))


def _complete(
    connection: Connection,
    value: MetricValue,
    directions: Directions,
    columns: Columns,
    found: Values,
    missing: Places,
) -> None:
    """Read the values of the runs at the places `missing` into `found`."""
    alone = missing.tolist()
    if are_many(len(missing)):
        every = values_of_all(connection, value, directions)
        places = columns.places(every.runs)
        is_missing = np.append(np.isin(np.arange(len(columns)), missing), False)[places]
        found.put(places[is_missing], every.values.of(is_missing))
        alone = columns.places(np.array(every.apart, dtype=every.runs.dtype)).tolist()
    ids = [columns.run_id(run) for run in alone if run >= 0]
    for run_id, history in read_histories(connection, ids, value.histories).items() if ids else ():
        number = value.of_history(history, directions)
        (run,) = columns.places(np.array([run_id], dtype=columns.ids.dtype))
        found.numbers[run], found.exist[run] = math.nan if number is None else number, number is not None


def sorted_ids(columns: Columns, values: Values, *, descending: bool) -> Ids:
    """Return the ids in the order of the values: NaN after the numbers, then runs without a value."""
    is_nan = np.isnan(values.numbers)
    numbers = np.where(is_nan, 0.0, -values.numbers if descending else values.numbers)
    # The newest of equal runs first, then by id, by which columns are sorted already.
    order = np.lexsort((-columns.starts, numbers, is_nan, ~values.exist))
    return columns.ids[order]


def values_of_all(connection: Connection, value: MetricValue, directions: Directions) -> ValuesFound:
    """Return the value of every run, as `MetricValue.of_history` does; its reading needs histories."""
    own = _points(connection, value.metric)
    judged = _points(connection, value.other) if value.other else own
    apart = np.unique(np.concatenate([own.repeated, judged.repeated]))
    values = _read(own, judged, value, directions)
    single = ~np.isin(own.names, apart) if len(apart) else np.ones(len(own.names), dtype=np.bool_)
    return ValuesFound(own.names[single], values.of(single), [stored_text(each) for each in apart.tolist()])


def _points(connection: Connection, key: str) -> _Points:
    value, step = metrics.c.value, metrics.c.step
    # SQLite columns accept values of any type.
    is_number = and_(~metrics.c.is_nan, func.typeof(value).in_(["real", "integer"]))
    wanted = select(metrics.c.run_uuid, step, case((is_number, value)))
    with (
        plain_texts(connection),
        connection.execute(wanted.where(metrics.c.key == key, func.typeof(step) == "integer")) as result,
    ):
        # One flat list, since so many tuples keep Python's garbage collector busy for longer than the search takes.
        cells = list(chain.from_iterable(cast(Iterable[tuple[Any, ...]], result.cursor)))
    names, runs = numbered(np.array(cells[0::3], dtype=np.bytes_))
    # NULL becomes NaN.
    steps, values = np.array(cells[1::3], dtype=np.int64), np.array(cells[2::3], dtype=np.float64)
    values = np.where(np.abs(values) >= LARGEST, np.copysign(math.inf, values), values)
    order = _order(runs, steps)
    return _Points(names, runs[order], steps[order], values[order])


def _read(own: _Points, judged: _Points, value: MetricValue, directions: Directions) -> Values:
    found = Values(np.full(len(own.names), math.nan), np.zeros(len(own.names), dtype=np.bool_))
    if value.reading is Reading.STEP:
        return _filled(found, own, np.flatnonzero(own.steps == value.step))
    if value.reading is Reading.SMOOTHED:
        return Values(_smoothed(own, value.weight), np.ones_like(found.exist))
    higher = directions.higher_is_better(value.chosen_by)
    if higher is None:
        return found
    best = _best(judged, higher=higher)
    if value.reading is Reading.BEST:
        found.exist[:] = True
        return _filled(found, own, best)
    # The same run and step are the same number in both.
    every = np.unique(np.concatenate([own.steps, judged.steps]))
    places = SortedIds(own.names).places(judged.names)[judged.runs[best]]
    wanted = places * len(every) + np.searchsorted(every, judged.steps[best])
    there = own.runs * len(every) + np.searchsorted(every, own.steps)
    return _filled(found, own, np.flatnonzero(np.isin(there, wanted[places >= 0])))


def _order(runs: Places, steps: Places) -> Places:
    """Return the order by run and step; of points of one run and step, which are read elsewhere, in any."""
    least, most = (int(steps.min()), int(steps.max())) if len(steps) else (0, 0)
    if (most - least + 1) * (len(runs) + 1) < _MOST_PLACES:
        # As one number, which is sorted several times as fast.
        return np.argsort(runs * (most - least + 1) + (steps - least))
    return np.lexsort((steps, runs))


def _best(points: _Points, *, higher: bool) -> Places:
    """Return the first point of the best finite value of each run that has one."""
    finite = np.flatnonzero(np.isfinite(points.values))
    runs, numbers = points.runs[finite], points.values[finite]
    begins = np.flatnonzero(np.diff(runs, prepend=-1))
    if not len(begins):
        return finite
    best = (np.maximum if higher else np.minimum).reduceat(numbers, begins)
    equal = np.flatnonzero(numbers == np.repeat(best, np.diff(begins, append=len(runs))))
    return finite[equal[np.flatnonzero(np.diff(runs[equal], prepend=-1))]]


def _filled(found: Values, points: _Points, chosen: Places) -> Values:
    runs = points.runs[chosen]
    found.numbers[runs], found.exist[runs] = points.values[chosen], True
    return found


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
