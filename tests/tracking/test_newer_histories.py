"""Histories that are known already, of which only what was logged since is read."""

import math
import random
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.store import SeedRun, add_run, curves_of
from trainer.home import Home
from trainer.tracking import RunReader, Series, Status, Store, Tag
from trainer.tracking.read.stored import LARGEST, series_of, series_of_columns, stored_value
from trainer.tracking.run import Point


def a_live_run(store: Store, home: Home, *, points: int, ours: bool = False) -> str:
    tags = {str(Tag.CONFIG_DIGEST): "a"} if ours else {}
    curves = {"loss": curves_of(points)["loss"], "val_loss": curves_of(points)["val_loss"]}
    run = SeedRun(label="live", name="live", status=Status.RUNNING, start_time=1_000, tags=tags, curves=curves)
    return add_run(store.tracking_uri, home.artifacts, run)


def logged(store: Store, run_id: str, *steps: int, key: str = "loss") -> None:
    store.log_metrics(run_id, [Point(key, 1 / (1 + step), 9_000_000 + step, step) for step in steps])


def read(reader: RunReader, run_id: str, known: dict[str, Any] | None = None) -> dict[str, Series]:
    return reader.histories([run_id], ["loss", "val_loss"], known=known)[run_id]


def test_only_points_after_the_known_ones_are_read(store: Store, home: Home) -> None:
    run_id = a_live_run(store, home, points=300)
    known = read(store.reader, run_id)
    logged(store, run_id, 301, 302)
    rows: list[int] = []
    engine: Any = store.reader
    event.listen(engine._engine, "before_cursor_execute", lambda *arguments: rows.append(arguments[2].count(" > ")))

    found = read(store.reader, run_id, {run_id: known})

    assert sum(rows) == 1, "one query, of the steps after the last known one"
    assert found["val_loss"] is known["val_loss"]
    assert list(found["loss"].steps) == list(range(1, 303))
    assert found == read(store.reader, run_id)


@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize(
    "steps", [(7, 8), (2, 7), (3,), (6, 6), (6, 6, 9), (1, 2, 3, 4, 5, 6)], ids=lambda steps: "-".join(map(str, steps))
)
def test_known_histories_become_what_a_whole_read_returns(
    store: Store, home: Home, steps: tuple[int, ...], ours: bool
) -> None:
    run_id = a_live_run(store, home, points=6, ours=ours)
    known = {run_id: read(store.reader, run_id)}
    for place, step in enumerate(steps):
        store.log_metrics(run_id, [Point("loss", step + place / 10, 9_000_000 + place, step)])
    logged(store, run_id, 1, key="accuracy")

    found = store.reader.histories([run_id, "0" * 32], known=known)

    assert found == store.reader.histories([run_id, "0" * 32])
    assert list(found[run_id]) == ["accuracy", "loss", "val_loss"]


def test_series_of_columns_is_that_of_their_points() -> None:
    draw = random.Random(0)
    kinds: list[Any] = [0.5, -2.0, math.nan, LARGEST, "text", 3]
    for _ in range(300):
        steps = sorted(draw.choices([1, 2, 3, 4, 5, "third"], k=draw.randint(1, 5)), key=str)
        values = draw.choices(kinds[: draw.choice([2, 6])], k=len(steps))
        times, once = draw.choices([1, 2], k=len(steps)), draw.random() < 0.5
        are_nan = [draw.random() < 0.1 for _ in steps]
        rows = zip(steps, values, times, are_nan, strict=True)
        points = [(step, stored_value(value, nan), time) for step, value, time, nan in rows if step != "third"]
        points.sort(key=lambda point: (point[0], point[2]))

        series = series_of_columns(steps, values, times, are_nan, once_a_step=once)

        expected = series_of(points, once_a_step=once)
        assert [list(series.steps), list(series.times)] == [list(expected.steps), list(expected.times)]
        assert repr(list(series.values)) == repr(list(expected.values))
