"""Columns of many runs of an SQLite store, each read by one scan of its table.

To look each run up in an index takes several times as long as soon as most runs of a store are read. A column travels
as one text, since a hundred thousand rows of several columns take longer to become objects than to be found.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Table, and_, case, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from trainer.tracking.read.sql_histories import plain_texts
from trainer.tracking.read.sql_ids import DIGITS, Ids, Places, SortedIds
from trainer.tracking.read.sql_query import matching_runs
from trainer.tracking.read.sql_words import Scanned
from trainer.tracking.read.stored import stored_text
from trainer.tracking.read.tables import datasets, inputs, latest_metrics, runs
from trainer.tracking.reader import RunQuery
from trainer.tracking.run import Status

__all__ = [
    "Coded",
    "Columns",
    "Flags",
    "LastValues",
    "Numbers",
    "Pairs",
    "UnusualStoreError",
    "coded",
    "digests_of_data",
    "last_values",
    "texts_of",
]

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_MARK = "\x1f"
# In the place of NULL, which `group_concat` would leave out.
_NOTHING = "\x1e"
_LAST = np.dtype([("metric", "i8"), ("value", "f8"), ("run", f"S{DIGITS}")])
_ENDED = {str(status) for status in Status if status.ended}


class UnusualStoreError(Exception):
    """The store holds what one text cannot carry: ids of other lengths, control characters, bytes that are no text."""


class Coded(NamedTuple):
    """Texts of runs: `places` (runs,) are those in `texts`, which are distinct; -1 for runs that have none."""

    places: Places
    texts: Sequence[str]

    def at(self, run: int) -> str | None:
        """Return the text of a run."""
        place = int(self.places[run])
        return None if place < 0 else self.texts[place]


class Pairs(NamedTuple):
    """What a scan returned: ids in one text, and the text that belongs to each."""

    ids: bytes
    texts: list[str]


class Columns:
    """The runs of a query, sorted by id, and columns of them: arrays (runs,) in that order.

    Args:
        connection: to an SQLite file.
        query: its filters.
        attributes: `status`, `name`, `experiment` and `end`, where they are needed.

    Raises:
        UnusualStoreError: the runs have to be read row by row.
    """

    def __init__(self, connection: Connection, query: RunQuery, attributes: Sequence[str] = ()) -> None:
        every = {
            "status": func.coalesce(runs.c.status, _NOTHING),
            "name": func.coalesce(runs.c.name, _NOTHING),
            "experiment": runs.c.experiment_id,
        }
        names = [name for name in attributes if name != "end"]
        wanted = [_integer(runs.c.start_time), *([_ended()] if "end" in attributes else [])]
        numbers = (func.group_concat(number, ",") for number in wanted)
        texts = (func.group_concat(every[name], _MARK) for name in names)
        asked = func.group_concat(runs.c.run_uuid, ""), func.min(func.length(runs.c.run_uuid)), *numbers, *texts
        with plain_texts(connection):
            ids, shortest, *found = connection.execute(matching_runs(query).with_only_columns(*asked)).one()
        start, *end = (np.fromstring(text or b"", dtype=np.int64, sep=",") for text in found[: len(wanted)])
        if ids and (shortest != DIGITS or len(ids) != DIGITS * len(start)):
            raise UnusualStoreError
        self._sorted = SortedIds(_ids(ids or b""))
        self.ids = self._sorted.ids
        self.starts = start[self._sorted.order]
        """Milliseconds since 1970 (runs,), -1 for runs without a start."""
        self.ended = end[0][self._sorted.order] if end else np.zeros(0, dtype=np.int64)
        """Milliseconds since 1970 (runs,), 0 where the end is unknown and -1 for live runs; empty without `end`."""
        self._texts = {name: _pairs(ids, text).texts for name, text in zip(names, found[len(wanted) :], strict=True)}
        self._placed: list[tuple[bytes, Places]] = []

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.ids)

    def attribute(self, name: str) -> Coded:
        """Return one of `attributes`: the status, the name or the experiment's id."""
        places, texts = coded(self._texts[name])
        nothing = texts.index(_NOTHING) if _NOTHING in texts else -1
        return Coded(np.where(places == nothing, -1, places)[self._sorted.order], texts)

    def run_id(self, run: int) -> str:
        """Return the id of a run."""
        return str(self.ids[run].decode())

    def texts(self, ids: bytes, found: Coded) -> Coded:
        """Return the texts of the runs."""
        return Coded(self._arranged(ids, found.places, -1), found.texts)

    def numbers(self, ids: bytes, values: Numbers) -> Numbers:
        """Return the numbers of the runs, NaN for those that have none."""
        return self._arranged(ids, values, math.nan)

    def places(self, ids: Ids) -> Places:
        """Return the place of each of these ids among the runs, -1 for others."""
        return self._sorted.places(ids)

    def places_in(self, text: bytes) -> Places:
        """Return the place of each of the ids in a text of a scan."""
        for known, places in self._placed:
            if known == text:
                return places
        places = self.places(_ids(text))
        # Columns of one table mostly have the same ids in the same order.
        self._placed.append((text, places))
        return places

    def _arranged(self, ids: bytes, values: npt.NDArray[Any], missing: float) -> npt.NDArray[Any]:
        places = self.places_in(ids)
        arranged = np.full(len(self), missing, dtype=values.dtype)
        known = places >= 0
        arranged[places[known]] = values[known]
        return arranged


def coded(texts: Sequence[str]) -> Coded:
    """Return the place of each text among the distinct ones."""
    seen = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return Coded(np.fromiter(map(seen.__getitem__, texts), np.int64, len(texts)), list(seen))


def texts_of(table: Table, keys: Sequence[str]) -> Callable[[Connection], dict[str, Pairs]]:
    """Return a scan for these params or tags of all runs."""

    def scan(connection: Connection) -> dict[str, Pairs]:
        if not keys:
            return {}
        asked: list[ColumnElement[Any]] = []
        for key in keys:
            is_this = table.c.key == key
            asked += _concatenated(case((is_this, table.c.run_uuid)), case((is_this, table.c.value)))
        wanted = select(*asked).where(Scanned(table.c.key).in_(keys), table.c.value.is_not(None))
        found = connection.execute(wanted).one()
        return {key: _pairs(found[2 * place], found[2 * place + 1]) for place, key in enumerate(keys)}

    return scan


def digests_of_data(connection: Connection) -> Pairs:
    """Scan for the data that all runs logged: a run has one entry for each."""
    rows = connection.execute(select(datasets.c.dataset_uuid, datasets.c.digest))
    known = {stored_text(stored): stored_text(digest) for stored, digest in rows}
    wanted = select(*_concatenated(inputs.c.destination_id, inputs.c.source_id))
    logged = wanted.where(inputs.c.destination_type == "RUN", Scanned(inputs.c.source_type) == "DATASET")
    found = _pairs(*connection.execute(logged).one())
    return Pairs(found.ids, [known.get(each, "") for each in found.texts])


class LastValues:
    """The last values of metrics.

    Args:
        keys: the metrics.
        rows: place of the metric in `keys`, value and id of each.
    """

    def __init__(self, keys: Sequence[str], rows: npt.NDArray[np.void]) -> None:
        self._keys, self._rows = keys, rows

    def of(self, key: str) -> tuple[bytes, Numbers]:
        """Return the ids of the runs that have a metric, and the values; those that are not finite are infinite."""
        wanted = self._rows[self._rows["metric"] == self._keys.index(key)]
        return wanted["run"].tobytes(), wanted["value"]


def last_values(keys: Sequence[str]) -> Callable[[Connection], LastValues]:
    """Return a scan for the last values of these metrics of all runs."""
    names = list(dict.fromkeys(keys))
    if not names:
        return lambda _connection: LastValues((), np.zeros(0, dtype=_LAST))
    place = case(*((latest_metrics.c.key == key, literal(place)) for place, key in enumerate(names)))
    last = latest_metrics.c.value
    # SQLite columns accept values of any type. Not as NaN, of which SQLite makes NULL.
    is_number = and_(~latest_metrics.c.is_nan, func.typeof(last).in_(["real", "integer"]))
    value = case((is_number, last), else_=literal(math.inf))
    wanted = select(place, value, latest_metrics.c.run_uuid).where(Scanned(latest_metrics.c.key).in_(names))

    def scan(connection: Connection) -> LastValues:
        with connection.execute(wanted) as result:
            # One flat list, since so many tuples keep Python's garbage collector busy for longer than the scan takes.
            cells = list(chain.from_iterable(cast(Iterable[tuple[Any, ...]], result.cursor)))
        rows = np.empty(len(cells) // 3, dtype=_LAST)
        for place, name in enumerate(("metric", "value", "run")):
            rows[name] = np.array(cells[place::3], dtype=_LAST[name])
        return LastValues(names, rows)

    return scan


def _concatenated(ids: ColumnElement[Any], texts: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [func.group_concat(ids, ""), func.group_concat(texts, _MARK)]


def _pairs(ids: bytes | None, texts: bytes | None) -> Pairs:
    if ids is None or texts is None:
        return Pairs(b"", [])
    try:
        split = texts.decode().split(_MARK)
    except UnicodeDecodeError:
        raise UnusualStoreError from None
    if len(ids) != DIGITS * len(split) or b"\0" in texts:
        raise UnusualStoreError
    return Pairs(ids, split)


def _ended() -> ColumnElement[int]:
    end = _integer(runs.c.end_time)
    return case((runs.c.status.in_(sorted(_ENDED)), func.max(end, 0)), else_=-1)


def _integer(column: ColumnElement[Any]) -> ColumnElement[int]:
    # SQLite columns accept values of any type.
    return case((func.typeof(column) == "integer", column), else_=-1)


def _ids(text: bytes) -> Ids:
    if len(text) % DIGITS:
        raise UnusualStoreError
    return np.frombuffer(text, dtype=f"S{DIGITS}")
