"""Large SQLite stores for benchmarks, written by bulk insert: 100,000 runs in less than two minutes.

python -m tests.support.bulk_store /tmp/store.db 100000

The runs are spread over five experiments and vary in optimizer, learning rate, units, batch size and seed, so that
they form groups of ten seeds. One in a hundred is deleted, one in fifty failed; some have NaN or no test result.
"""

import random
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.store import config_of, curves_of, digest_of, empty_store, run_id_of
from trainer.tracking.tags import Tag
from trainer.tracking.write.params import params_of

__all__ = ["EXPERIMENTS", "bulk_runs", "fill_store"]

EXPERIMENTS = ("Default", "digits search", "moons", "images", "texts")
"""Six of ten runs are in the first, one in each other."""

_EPOCHS = 3
_OPTIMIZERS, _BATCHES = ("Adam", "SGD", "RMSprop", "AdamW"), (32, 64, 128, 256)
_TEAMS = ("blue", "green", "Größe M")
_CURVES = 64
_SEEDS = 10
# 2026-01-01, so that every store of a size is the same.
_FIRST_START = 1_767_225_600_000
_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "locking_mode = EXCLUSIVE")
_BATCH = 20_000

_Row = tuple[Any, ...]


class _Variant(NamedTuple):
    """What the runs of one config share."""

    params: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]


def fill_store(file: Path, count: int, *, epochs: int = _EPOCHS, metrics: Collection[str] = ()) -> str:
    """Create an SQLite store with `count` runs of `epochs` epochs each, and return its tracking URI.

    Args:
        file: the database, which must not exist.
        count: the number of runs.
        epochs: points of each curve.
        metrics: the names of the metrics to log; by default all of `curves_of`.
    """
    uri = f"sqlite:///{file}"
    empty_store(uri, file.parent / "artifacts")
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    indices = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
        " ('params', 'tags', 'metrics', 'latest_metrics')"
    ).fetchall()
    # Building an index once takes a fraction of the time of updating it at every row.
    for name, _ in indices:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute("BEGIN")
    _add_experiments(connection, file.parent)
    for first in range(0, count, _BATCH):
        _add_runs(connection, range(first, min(first + _BATCH, count)), epochs, metrics)
    connection.execute("COMMIT")
    for _, sql in indices:
        connection.execute(sql)
    connection.close()
    return uri


def bulk_runs(most: int) -> list[str]:
    """Return the ids of the first runs that are not deleted."""
    return [_id(number) for number in range(2 * most) if not _is_deleted(number)][:most]


def _add_experiments(connection: sqlite3.Connection, folder: Path) -> None:
    columns = "experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time"
    rows = [
        (number, name, str(folder / "artifacts" / str(number)), "active", _FIRST_START, _FIRST_START)
        for number, name in enumerate(EXPERIMENTS)
        if number
    ]
    connection.executemany(f"INSERT INTO experiments ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)


def _add_runs(connection: sqlite3.Connection, numbers: Sequence[int], epochs: int, metrics: Collection[str]) -> None:
    curves = [_curves(epochs, seed, metrics) for seed in range(min(_CURVES, len(numbers)))]
    variants = {which: _variant(which) for which in {number // _SEEDS for number in numbers}}

    def variant(number: int) -> _Variant:
        return variants[number // _SEEDS]

    def write(table: str, columns: str, rows: Callable[[int], Iterator[_Row]]) -> None:
        marks = ", ".join("?" for _ in columns.split(","))
        every = chain.from_iterable(map(rows, numbers))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", every)

    write(
        "runs",
        "run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri,"
        " experiment_id",
        lambda number: iter([_run(number)]),
    )
    write("params", "key, value, run_uuid", lambda number: _params(number, variant(number)))
    write("tags", "key, value, run_uuid", lambda number: _tags(number, variant(number)))
    points = "key, value, timestamp, step, is_nan, run_uuid"
    write("metrics", points, lambda number: _points(number, curves[number % len(curves)]))
    write("latest_metrics", points, lambda number: _last(number, curves[number % len(curves)]))


def _curves(epochs: int, seed: int, metrics: Collection[str]) -> dict[str, list[float]]:
    return {key: values for key, values in curves_of(epochs, seed=seed).items() if not metrics or key in metrics}


def _variant(which: int) -> _Variant:
    units, rate = 2 ** (3 + which % 6), 10.0 ** -(1 + which // 6 % 4)
    optimizer, batch = _OPTIMIZERS[which // 24 % 4], _BATCHES[which // 96 % 4]
    config = config_of(name=None, units=units, rate=rate)
    params = params_of(config, {"parameters": 65 * units + 10 * units + 10})
    params |= {"optimizer": optimizer, "batch_size": str(batch)}
    digest = digest_of(f"config {which}")
    tags = {
        Tag.GROUP: digest,
        Tag.CONFIG: config.canonical_json(),
        Tag.QUEUE: "testhost/01234567",
        "mlflow.user": ("somebody", "another person")[which % 2],
        "mlflow.source.type": "LOCAL",
        "team": _TEAMS[which % 3],
    }
    del params["seed"]
    return _Variant(tuple(params.items()), tuple((str(key), value) for key, value in tags.items()))


def _is_deleted(number: int) -> bool:
    return number % 100 == 3


def _name(number: int) -> str:
    return f"trial-{number}"


def _id(number: int) -> str:
    return run_id_of(f"bulk {number}")


def _start(number: int) -> int:
    # Runs of one minute, except that a few start at the same time.
    return _FIRST_START + number // 2 * 120_000


def _run(number: int) -> _Row:
    status = "FAILED" if number % 50 == 7 else "KILLED" if number % 100 == 9 else "FINISHED"
    stage = "deleted" if _is_deleted(number) else "active"
    # Six of ten in the first experiment, one in each of the others.
    experiment = max(0, number % 10 - 5)
    start, end = _start(number), _start(number) + 1_000 * (2 + number % 97)
    place = f"/artifacts/{experiment}/{_id(number)}/artifacts"
    return _id(number), _name(number), "LOCAL", "somebody", status, start, end, stage, place, experiment


def _params(number: int, variant: _Variant) -> Iterator[_Row]:
    run_id = _id(number)
    yield from ((key, value, run_id) for key, value in variant.params)
    yield "seed", str(number % _SEEDS), run_id


def _tags(number: int, variant: _Variant) -> Iterator[_Row]:
    run_id = _id(number)
    yield from ((key, value, run_id) for key, value in variant.tags)
    yield "mlflow.runName", _name(number), run_id
    yield str(Tag.CONFIG_DIGEST), digest_of(f"run {number}"), run_id
    yield str(Tag.STARTED), str(_start(number) + 500), run_id


def _values(number: int, curves: dict[str, list[float]]) -> Iterator[tuple[str, list[float]]]:
    """Yield the metrics of a run: the curves of a few, shifted a little so that hardly two values are equal."""
    shift = random.Random(number).uniform(0, 0.05)
    for key, values in curves.items():
        if key.startswith("test_") and number % 33 == 5:
            continue
        yield key, values if key == "learning_rate" else [value + shift for value in values]


def _points(number: int, curves: dict[str, list[float]]) -> Iterator[_Row]:
    run_id, start = _id(number), _start(number)
    for key, values in _values(number, curves):
        first = max(map(len, curves.values())) if key.startswith("test_") else 1
        for step, value in enumerate(values, start=first):
            # MLflow stores NaN as 0 with a flag.
            is_nan = key == "val_loss" and number % 200 == 11
            yield key, 0.0 if is_nan else value, start + 1_000 * step, step, is_nan, run_id


def _last(number: int, curves: dict[str, list[float]]) -> Iterator[_Row]:
    points = {row[0]: row for row in _points(number, curves)}
    yield from points.values()


if __name__ == "__main__":
    sys.stdout.write(f"{fill_store(Path(sys.argv[1]).absolute(), int(sys.argv[2]))}\n")
