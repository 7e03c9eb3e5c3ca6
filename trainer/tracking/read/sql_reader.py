"""Read runs directly from MLflow's database, without importing MLflow: milliseconds among 10,000 runs."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import OperationalError

from trainer.tracking.errors import database_errors, database_url, is_half_written, lost_tables
from trainer.tracking.groups import GroupBy, GroupPage
from trainer.tracking.read.answers import Answers
from trainer.tracking.read.artifacts import list_artifacts, read_artifact
from trainer.tracking.read.search import OTHERS_TAGS
from trainer.tracking.read.sql_common import exceptions
from trainer.tracking.read.sql_engine import server_engine, sqlite_engine, undo_half_write, uri_of
from trainer.tracking.read.sql_groups import read_groups
from trainer.tracking.read.sql_histories import chunks, read_histories, rows_of
from trainer.tracking.read.sql_many import are_many, in_large_file
from trainer.tracking.read.sql_query import (
    counted_runs,
    experiment_annotations,
    experiment_names,
    ids_from,
    logged_datasets,
    number_of_runs,
    recorded_configs,
    sorted_runs,
)
from trainer.tracking.read.sql_values import KnownValues, listed_runs, sorted_by_value
from trainer.tracking.read.sql_version import FileVersion, ServerVersion, Version
from trainer.tracking.read.sql_words import all_keys
from trainer.tracking.read.stored import in_order_of_use, stored_integer, stored_text, stored_value
from trainer.tracking.read.tables import experiments, latest_metrics, params, runs, tags
from trainer.tracking.reader import Column, Common, Histories, Recorded, RunPage, RunQuery, Sort
from trainer.tracking.run import Experiment, LoggedDataset, Run, Series, Status
from trainer.tracking.schema import has_tables
from trainer.tracking.values import MetricValue

if TYPE_CHECKING:
    from trainer.tracking.read.sql_ids import Ids
    from trainer.tracking.read.sql_word_scan import KnownWords

__all__ = ["SqlReader"]

_Answer = TypeVar("_Answer")
_CHECKED = "fitboard.schema"
# Pages of ids and counts: what some people look at while the store does not change.
_MOST_ANSWERS = 256
# Each has the ids of all runs.
_MOST_ORDERS = 8
# Each has a value of every run: four to twelve megabytes at 100,000 runs.
_MOST_COLUMNS = 16


class SqlReader:
    """A `RunReader` over a database. A file that does not exist, or a database without tables, reads as an empty store.

    Once the database had tables, their absence is an error: an empty list would say that all runs are deleted.

    Args:
        uri: as MLflow takes it, `sqlite:///file` or `postgresql://…`.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        url = database_url(uri)
        with database_errors(uri):
            self._file = Path(url.database).absolute() if url.drivername.startswith("sqlite") and url.database else None
            self._engine = sqlite_engine(self._file) if self._file else server_engine(uri)
        self._version: Version = FileVersion(self._file, uri_of(self._file)) if self._file else ServerVersion()
        self._answers = Answers(_MOST_ANSWERS)
        self._orders = Answers(_MOST_ORDERS)
        self._columns = Answers(_MOST_COLUMNS)
        self._values = KnownValues()
        self._words: KnownWords | None = None
        self._had_tables = False

    def close(self) -> None:
        """Close the connections to the database; a later call opens new ones."""
        self._engine.dispose()

    def version(self) -> Hashable | None:
        """Return the state of the database; None while it does not exist, and of a server other than PostgreSQL."""
        return self._ask(self._version, None)

    def page(self, query: RunQuery, *, quick: bool = False) -> RunPage:
        """Return the runs of a query, paged, filtered and sorted in the store; all answers are quick."""

        def ask(connection: Connection) -> RunPage:
            ids, total = self._listed(connection, query)
            every = self._listed(connection, replace(query, folded=(), offset=0, limit=1))[1] if query.folded else total
            return RunPage(runs=_runs(connection, ids), total=total, folded=every - total)

        return self._ask(ask, RunPage(runs=(), total=0))

    def groups(self, query: RunQuery, by: GroupBy) -> GroupPage:
        """Return one page of groups of the matching runs, grouped and summarized in the store."""
        nothing = GroupPage(groups=(), total=0, runs=0)

        def ask(connection: Connection) -> GroupPage:
            version = self._version(connection)

            def read() -> GroupPage:
                searched = self._searched(connection, version, query)
                return read_groups(connection, searched, by, self._values, self._columns.at(version))

            return self._answers.of(version, (query, by), read)

        return self._ask(ask, nothing)

    def _listed(self, connection: Connection, query: RunQuery) -> tuple[list[str], int]:
        """Return the ids of one page, and the number of all matching runs."""
        version = self._version(connection)
        value = query.sort.value
        if value is not None and value.histories:
            every = self._orders.of(
                version,
                replace(query, offset=0, limit=0),
                lambda: self._by_value(connection, self._searched(connection, version, query), value),
            )
            return [stored_text(each) for each in every[query.offset :][: query.limit]], len(every)
        all_pages = replace(query, sort=Sort(), offset=0, limit=0)

        def count() -> int:
            return connection.scalar(number_of_runs(self._searched(connection, version, query))) or 0

        def one_page() -> list[str]:
            return list(connection.scalars(sorted_runs(self._searched(connection, version, query))))

        # To match words or filters takes far longer than to count, so both are done at once.
        if (query.text.split() or query.filters or query.tags) and not self._answers.knows(version, all_pages):
            searched = self._searched(connection, version, query, is_first=True)
            rows = connection.execute(counted_runs(searched)).all()
            ids = [run_id for run_id, _ in rows]
            # Without a row there is no count either; a page beyond the end has to link to the last one.
            total = rows[0][1] if rows else count() if query.offset else 0
            self._answers.of(version, query, lambda: ids)
            return ids, self._answers.of(version, all_pages, lambda: total)
        ids = self._answers.of(version, query, one_page)
        return ids, self._answers.of(version, all_pages, count)

    def _searched(
        self, connection: Connection, version: Hashable | None, query: RunQuery, *, is_first: bool = False
    ) -> RunQuery:
        """Return a query for the same runs, whose words have been searched for where one scan does that faster."""
        if not query.text.split() or not in_large_file(connection):
            return query
        # Here, since most programs that read runs search for none and need no NumPy.
        from trainer.tracking.read.sql_columns import UnusualStoreError
        from trainer.tracking.read.sql_word_scan import KnownWords

        self._words = self._words or KnownWords()
        try:
            return self._words.searched(connection, version, query, is_first=is_first)
        except UnusualStoreError:
            return query

    def _by_value(self, connection: Connection, query: RunQuery, value: MetricValue) -> "Sequence[str] | Ids":
        if in_large_file(connection):
            # Here, since most programs that read runs sort none by such values and need no NumPy.
            from trainer.tracking.read.sql_columns import Columns, UnusualStoreError
            from trainer.tracking.read.sql_value_columns import sorted_ids

            # A store that columns cannot carry is read row by row.
            with suppress(UnusualStoreError):
                columns = Columns(connection, query, ["end"])
                if are_many(len(columns)):
                    found = self._values.of_columns(connection, value, query.directions, columns)
                    return sorted_ids(columns, found, descending=query.sort.descending)
        listed = listed_runs(connection, query)
        values = self._values.of(connection, value, query.directions, listed)
        return sorted_by_value(values, listed, descending=query.sort.descending)

    def get(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """Return the runs with these ids in that order, deleted ones included; unknown ids are omitted."""
        return self._ask(lambda connection: _runs(connection, run_ids), ())

    def find(self, prefix: str, *, deleted: bool = False) -> tuple[str, ...]:
        """Return at most ten ids that start with `prefix`, of deleted runs too if `deleted`."""
        return self._ask(lambda connection: tuple(connection.scalars(ids_from(prefix, deleted=deleted))), ())

    def histories(
        self, run_ids: Sequence[str], keys: Sequence[str] | None = None, *, known: Histories | None = None
    ) -> dict[str, dict[str, Series]]:
        """Return run id → metric → history, of the given metrics or of all except `system/…`.

        Of the histories in `known`, which an earlier call returned, only the points logged since are read.
        """
        nothing: dict[str, dict[str, Series]] = {}
        found = self._ask(lambda connection: read_histories(connection, run_ids, keys, known), nothing)
        return {run_id: found.get(run_id, {}) for run_id in run_ids}

    def datasets(self, run_ids: Sequence[str]) -> dict[str, tuple[LoggedDataset, ...]]:
        """Return run id → the datasets that the run logged, by context, name and digest."""

        def ask(connection: Connection) -> dict[str, list[LoggedDataset]]:
            found: dict[str, list[LoggedDataset]] = {}
            for chunk in chunks(run_ids):
                for run_id, *fields in connection.execute(logged_datasets(chunk)):
                    found.setdefault(run_id, []).append(LoggedDataset(*map(stored_text, fields)))
            return found

        nothing: dict[str, list[LoggedDataset]] = {}
        found = self._ask(ask, nothing)
        return {run_id: in_order_of_use(found.get(run_id, ())) for run_id in run_ids}

    def recorded(self, experiment: str, limit: int, *, also: str | None = None) -> tuple[Recorded, ...]:
        """Return names and configs of an experiment's latest runs, latest first; the run `also` precedes them."""

        def ask(connection: Connection) -> tuple[Recorded, ...]:
            rows = connection.execute(recorded_configs(experiment, limit, also))
            return tuple(
                Recorded(run_id=run_id, name=stored_text(name), config_text=text and stored_text(text))
                for run_id, name, text in rows
            )

        return self._ask(ask, ())

    def experiments(self) -> tuple[Experiment, ...]:
        """Return every experiment that is not deleted."""

        def ask(connection: Connection) -> tuple[Experiment, ...]:
            tags: dict[int, dict[str, str]] = {}
            for number, key, value in connection.execute(experiment_annotations()):
                tags.setdefault(number, {})[key] = value or ""
            rows = connection.execute(experiment_names())
            return tuple(
                Experiment(experiment_id=str(number), name=name, tags=tags.get(number, {})) for number, name in rows
            )

        return self._ask(ask, ())

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return every (kind, name) to sort or show runs by."""

        def ask(connection: Connection) -> tuple[tuple[str, str], ...]:
            return self._answers.of(self._version(connection), "columns", lambda: _columns(connection))

        return self._ask(ask, ())

    def common(self, query: RunQuery, values: Mapping[Column, str]) -> Common:
        """Return which of these params and tags have the given value in all of the newest 10,000 runs of the query."""

        def ask(connection: Connection) -> Common:
            searched = self._searched(connection, self._version(connection), query)
            among, *differs = connection.execute(exceptions(searched, values)).one()
            same = [column for column, is_other in zip(values, differs, strict=True) if among and not is_other]
            return Common(frozenset(same), among)

        return self._ask(ask, Common(frozenset(), 0))

    def artifact(self, run: Run, path: str) -> bytes | None:
        """Return an artifact of the run, or None if it does not exist."""
        return read_artifact(run.artifact_uri, path, tracking_uri=self._uri)

    def artifacts(self, run: Run, folder: str = "") -> tuple[str, ...]:
        """Return the paths of the files and folders in a folder of the run's artifacts."""
        return list_artifacts(run.artifact_uri, folder, tracking_uri=self._uri)

    def _ask(self, question: Callable[[Connection], _Answer], nothing: _Answer) -> _Answer:
        # SQLite would report an error for a missing file; an empty one is a store that is being created.
        if self._file is not None and not (self._file.is_file() and self._file.stat().st_size):
            return self._without_tables(nothing)
        with database_errors(self._uri):
            try:
                return self._answer(question, nothing)
            except OperationalError as error:
                if self._file is None or not is_half_written(error):
                    raise
            undo_half_write(self._file)
            return self._answer(question, nothing)

    def _answer(self, question: Callable[[Connection], _Answer], nothing: _Answer) -> _Answer:
        with self._engine.connect() as connection:
            # `info` lives as long as the database's connection, which outlives this one in a pool.
            if _CHECKED not in connection.info:
                if not has_tables(connection, self._uri):
                    return self._without_tables(nothing)
                connection.info[_CHECKED] = self._had_tables = True
            return question(connection)

    def _without_tables(self, nothing: _Answer) -> _Answer:
        if self._had_tables:
            raise lost_tables(self._uri)
        return nothing


def _columns(connection: Connection) -> tuple[tuple[str, str], ...]:
    tables = (("metric", latest_metrics), ("param", params), ("tag", tags))
    found = [(kind, key) for kind, table in tables for key in connection.scalars(all_keys(table))]
    return tuple((kind, key) for kind, key in found if kind != "tag" or not key.startswith(OTHERS_TAGS))


def _runs(connection: Connection, run_ids: Sequence[str]) -> tuple[Run, ...]:
    """Return the complete runs with these ids, in that order."""
    described = select(runs, experiments.c.name.label("experiment")).join(
        experiments, experiments.c.experiment_id == runs.c.experiment_id
    )
    found = {row.run_uuid: row for row in rows_of(connection, described, runs, run_ids)}
    numbers, newest = _latest(connection, run_ids)
    texts = [_texts(connection, table, run_ids) for table in (params, tags)]
    return tuple(
        Run(
            run_id=run_id,
            name=stored_text(row.name),
            experiment_id=str(row.experiment_id),
            experiment=stored_text(row.experiment),
            status=Status(row.status),
            start_time=stored_integer(row.start_time),
            end_time=stored_integer(row.end_time) if Status(row.status).ended else None,
            artifact_uri=stored_text(row.artifact_uri),
            deleted=row.lifecycle_stage == "deleted",
            metrics=numbers.get(run_id, {}),
            last_metric_time=newest.get(run_id),
            params=texts[0].get(run_id, {}),
            tags=texts[1].get(run_id, {}),
        )
        for run_id, row in ((run_id, found[run_id]) for run_id in run_ids if run_id in found)
    )


def _latest(connection: Connection, run_ids: Sequence[str]) -> tuple[dict[str, dict[str, float]], dict[str, int]]:
    """Return run id → metric → last value, and run id → time of the newest of them."""
    columns = (latest_metrics.c[name] for name in ("run_uuid", "key", "value", "is_nan", "timestamp"))
    numbers: dict[str, dict[str, float]] = {}
    newest: dict[str, int] = {}
    for run_id, key, value, is_nan, time in rows_of(connection, select(*columns), latest_metrics, run_ids):
        numbers.setdefault(run_id, {})[stored_text(key)] = stored_value(value, is_nan)
        known = stored_integer(time)
        if known is not None:
            newest[run_id] = max(known, newest.get(run_id, known))
    return numbers, newest


def _texts(connection: Connection, table: Table, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return run id → key → value of `params` or `tags`."""
    texts: dict[str, dict[str, str]] = {}
    for run_id, key, value in rows_of(connection, select(table.c.run_uuid, table.c.key, table.c.value), table, run_ids):
        texts.setdefault(run_id, {})[stored_text(key)] = stored_text(value)
    return texts
