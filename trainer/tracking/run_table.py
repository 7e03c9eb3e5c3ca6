"""Runs as a table with a column for every metric, param and tag, and that table as CSV and Parquet."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from trainer.tracking.reader import RunQuery, RunReader, pages
from trainer.tracking.run import Run

__all__ = ["RunTable", "csv_file", "harmless", "matching", "parquet_file", "table_of"]

_Value = TypeVar("_Value")
_AT_ONCE = 1_000
_TIMES = ("start_time", "end_time")
# What makes a spreadsheet take a cell for a formula; the last four are full-width forms, which some also accept. From
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, kw_only=True)
class RunTable:
    """Runs as columns of equal length, in the order of the runs; a value that a run does not have is None.

    `attributes` are the ids, names, statuses and so on, with times in milliseconds since 1970. `metrics` have the last
    value of each metric. The names of columns begin with `metrics.`, `params.` or `tags.`, as in MLflow.
    """

    attributes: Mapping[str, Sequence[str | int | float | None]]
    metrics: Mapping[str, Sequence[float | None]]
    texts: Mapping[str, Sequence[str | None]]

    @property
    def length(self) -> int:
        """The number of runs."""
        return len(self.attributes["run_id"])


def matching(reader: RunReader, query: RunQuery, limit: int | None = None) -> Iterator[Run]:
    """Yield every run of a query once, or the first `limit`, whatever page the query is about."""
    seen: set[str] = set()

    def unseen() -> Iterator[Run]:
        for run in pages(reader, replace(query, offset=0, limit=_AT_ONCE)):
            # A run that is created meanwhile moves the others to later places, of which some are then read twice.
            if run.run_id not in seen:
                seen.add(run.run_id)
                yield run

    return islice(unseen(), limit)


def table_of(runs: Iterable[Run]) -> RunTable:
    """Return runs as a table. Its metrics, params and tags are in alphabetical order."""
    attributes: dict[str, list[Any]] = {name: [] for name in _ATTRIBUTES}
    metrics: dict[str, list[float | None]] = {}
    params: dict[str, list[str | None]] = {}
    tags: dict[str, list[str | None]] = {}
    place = 0
    for place, run in enumerate(runs, 1):
        for name, value in zip(_ATTRIBUTES, _attributes(run), strict=True):
            attributes[name].append(value)
        _add(metrics, run.metrics, place)
        _add(params, run.params, place)
        _add(tags, run.tags, place)
    texts = {**_columns("params.", params, place), **_columns("tags.", tags, place)}
    return RunTable(attributes=attributes, metrics=_columns("metrics.", metrics, place), texts=texts)


_ATTRIBUTES = ("run_id", "name", "status", "experiment", *_TIMES, "seconds", "artifact_uri")


def _attributes(run: Run) -> tuple[str | int | float | None, ...]:
    status = str(run.status)
    return (run.run_id, run.name, status, run.experiment, run.start_time, run.end_time, run.seconds, run.artifact_uri)


def _add(columns: dict[str, list[_Value | None]], values: Mapping[str, _Value], place: int) -> None:
    """Add the values of the run at this place, from 1; the columns that it lacks stay shorter."""
    for name, value in values.items():
        column = columns.setdefault(name, [])
        column.extend([None] * (place - 1 - len(column)))
        column.append(value)


def _columns(prefix: str, columns: Mapping[str, list[_Value | None]], length: int) -> dict[str, list[_Value | None]]:
    return {prefix + name: columns[name] + [None] * (length - len(columns[name])) for name in sorted(columns)}


def csv_file(table: RunTable) -> bytes:
    """Return the table as CSV in UTF-8: times in ISO 8601 and UTC, missing values empty, and no cell a formula."""
    out = io.StringIO()
    file = csv.writer(out)
    attributes = {
        name: [_iso(value) for value in column] if name in _TIMES else column
        for name, column in table.attributes.items()
    }
    columns: dict[str, Sequence[Any]] = {**attributes, **table.metrics, **table.texts}
    file.writerow([harmless(name) for name in columns])
    for row in zip(*columns.values(), strict=True):
        file.writerow([harmless(value) if isinstance(value, str) else value for value in row])
    # A store may hold half a character, which no encoding can write.
    return out.getvalue().encode(errors="replace")


def harmless(text: str) -> str:
    """Return the text of a cell, with an apostrophe before it if a spreadsheet would take it for a formula.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("a=1")
    ("'=1+1", '-0.5', 'a=1')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text)) and text == text.strip()
    except ValueError:
        return False


def _iso(milliseconds: object) -> str:
    if not isinstance(milliseconds, int):
        return ""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return str(milliseconds)


def parquet_file(table: RunTable) -> bytes:
    """Return the table as Parquet: metrics as doubles, in which NaN and ±Inf are not missing, and times in UTC."""
    import pyarrow as pa
    from pyarrow import parquet

    def column(name: str, values: Sequence[Any]) -> pa.Array:
        if name in table.metrics or name == "seconds":
            # `from_pandas` would make NaN a missing value.
            return pa.array(values, pa.float64(), from_pandas=False)
        if name in _TIMES:
            return pa.array(values, pa.int64()).cast(pa.timestamp("ms", "UTC"))
        return pa.array([None if each is None else _storable(each) for each in values], pa.string())

    columns = {**table.attributes, **table.metrics, **table.texts}
    arrays = {_storable(name): column(name, values) for name, values in columns.items()}
    out = io.BytesIO()
    parquet.write_table(pa.table(arrays), out, compression="zstd")
    return out.getvalue()


def _storable(text: str) -> str:
    return text.encode(errors="replace").decode()
