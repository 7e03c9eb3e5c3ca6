"""Values of metrics: what each reading is, and that every store sorts and groups by it alike."""

import math
import random
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import SeedRun, add_runs, run_id_of
from trainer.config import UNTOLD, Directions
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.tracking import (
    Field,
    GroupBy,
    Grouping,
    Kept,
    MetricValue,
    Reading,
    Run,
    RunQuery,
    RunReader,
    Series,
    Sort,
    Status,
    Store,
    Tag,
    open_reader,
    parse_filter,
    values_of,
)
from trainer.tracking.read.sql_engine import sqlite_engine
from trainer.tracking.read.sql_value_columns import values_of_all

SORTS = (
    "val_loss@last",
    "val_loss@kept",
    "loss@kept",
    "maß (1)@kept",
    "val_loss@best",
    "loss@best",
    "accuracy@best:val_loss",
    "val_loss@step:2",
    "val_loss@smoothed:0.6",
    "nothing@best",
)


def series(*values: float, steps: tuple[int, ...] = ()) -> Series:
    return Series(steps=steps or range(1, len(values) + 1), values=values, times=range(len(values)))


HISTORY: Mapping[str, Series] = {
    "val_loss": series(0.9, 0.3, 0.3, math.nan, 0.5),
    "accuracy": series(0.1, 0.7, 0.8, 0.9, math.inf),
    "size": series(1.0, 5.0, 2.0),
    "twice": series(1.0, 2.0, 3.0, steps=(1, 2, 2)),
    "diverged": series(math.nan, math.inf),
    "steps": series(4.0, 3.0, steps=(0, 100)),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("val_loss@best", 0.3),
        # The first of two equal values, as EarlyStopping keeps it.
        ("accuracy@best:val_loss", 0.7),
        ("accuracy@best", 0.9),
        ("val_loss@best:accuracy", math.nan),
        ("val_loss@step:5", 0.5),
        ("val_loss@step:6", None),
        ("twice@step:2", 3.0),
        ("size@best", None),
        ("val_loss@best:size", None),
        ("diverged@smoothed", math.nan),
        ("loss@best", None),
        ("steps@best:val_loss", None),
        ("val_loss@smoothed:0", 0.5),
    ],
)
def test_value_of_a_history(text: str, value: float | None) -> None:
    assert MetricValue.parse(text).of_history(HISTORY, UNTOLD) == pytest.approx(value, nan_ok=True)


def test_smoothed_value_is_the_last_of_the_smoothed_curve() -> None:
    from dashboard.charts.smoothing import smoothed

    found = MetricValue.parse("val_loss@smoothed:0.8").of_history(HISTORY, UNTOLD)

    assert found == pytest.approx(smoothed([0.9, 0.3, 0.3, 0.5], 0.8)[-1])


def test_chosen_direction_tells_what_is_best() -> None:
    assert MetricValue.parse("size@best").of_history(HISTORY, Directions.of(["size"], [])) == 5.0
    assert MetricValue.parse("size@best").of_history(HISTORY, Directions.of([], ["size"])) == 1.0
    assert MetricValue.parse("val_loss@best").of_history(HISTORY, Directions.of(["loss"], [])) == 0.9


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("val_loss@last", "val_loss, last"),
        ("val_loss@kept", "val_loss, kept weights"),
        ("val_loss@best", "val_loss, best"),
        ("val_accuracy@best:val_loss", "val_accuracy at best val_loss"),
        ("a b/c@step:1000", "a b/c at step 1,000"),
        ("val_loss@smoothed:0.95", "val_loss, smoothed 0.95"),
    ],
)
def test_value_is_written_as_it_is_read(text: str, label: str) -> None:
    value = MetricValue.parse(text)

    assert (str(value), value.label) == (text, label)


def test_name_alone_has_the_reading_of_its_place() -> None:
    assert MetricValue.parse("loss") == MetricValue(metric="loss")
    assert MetricValue.parse("loss", bare=Reading.KEPT) == MetricValue(metric="loss", reading=Reading.KEPT)
    assert MetricValue.parse("loss@best:loss") == MetricValue.parse("loss@best")
    assert GroupBy(mode=Grouping.CONFIG, metrics=("loss",)).values[0].reading is Reading.KEPT


@pytest.mark.parametrize(
    "text", ["loss@", "loss@first", "loss@step:-1", "loss@step:²", "loss@step:9e9", "loss@step:99999999999999999999",
             "loss@step:" + "9" * 5_000,             "loss@smoothed:1", "loss@smoothed:nan", "loss@last:2"]
)  # fmt: skip
def test_unknown_reading_says_what_was_expected(text: str) -> None:
    with pytest.raises(ConfigError, match=r"Unknown value '.*expected `@last`.*`@smoothed:WEIGHT`"):
        MetricValue.parse(text)
    with pytest.raises(ConfigError, match="No metric before `@`"):
        MetricValue.parse("@best")


def test_metric_that_no_run_has_names_the_nearest() -> None:
    known = [("metric", "val_loss"), ("param", "loss")]

    assert MetricValue.parse("val_los@best").unknown(known) == (
        "No run has a metric 'val_los'; did you mean 'val_loss'?",
    )
    assert MetricValue.parse("val_loss@best:zzz").unknown(known) == ("No run has a metric 'zzz'.",)


def expected_order(reader: RunReader, sort: Sort) -> list[str]:
    """The ids in the order of values that are computed run by run, from histories."""
    runs = reader.page(RunQuery()).runs
    assert sort.value is not None
    values = {run.run_id: value_of(reader, run, sort.value) for run in runs}

    def place(run: Run) -> tuple[int, float]:
        value = values[run.run_id]
        if value is None or math.isnan(value):
            return (2 if value is None else 1, 0.0)
        return (0, -value if sort.descending else value)

    return [run.run_id for run in sorted(runs, key=place)]


def value_of(reader: RunReader, run: Run, value: MetricValue) -> float | None:
    return values_of([run], {"it": value}, UNTOLD, reader.histories)[run.run_id].get("it")


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("name", SORTS)
def test_runs_are_sorted_by_a_value(reader: RunReader, name: str, descending: bool) -> None:
    sort = Sort(kind="metric", name=name, descending=descending)

    page = reader.page(RunQuery(sort=sort, limit=20))

    assert (page.total, len(page.runs)) == (12, 12)
    assert [run.run_id for run in page.runs] == expected_order(reader, sort)
    assert reader.page(RunQuery(sort=sort, offset=3, limit=2)).runs == page.runs[3:5]


@pytest.mark.parametrize("name", SORTS)
def test_all_runs_read_at_once_have_the_values_of_each_alone(
    seeded: tuple[str, dict[str, str]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.tracking.read.sql_many.MANY", 0)
    reader = open_reader(seeded[0])
    sort = Sort(kind="metric", name=name)

    assert [run.run_id for run in reader.page(RunQuery(sort=sort)).runs] == expected_order(reader, sort)


def test_values_by_columns_are_those_of_each_history(store: Store, home: Home) -> None:
    """Of curves with missing, repeated, unordered, equal and odd points, which are written without MLflow."""
    uri = home.tracking_uri(environment={})
    chance = random.Random(3)
    ids = [f"{number:032x}" for number in range(60)]
    odd = [math.inf, 1.7976931348623157e308, -1.7976931348623157e308, "text", 3]
    points = [
        (key, chance.choice([0.5, 0.25, chance.random(), *odd]), place, step, chance.random() < 0.1, run_id)
        for run_id in ids
        for key in ("val_loss", "accuracy")
        for place, step in enumerate(chance.choices([*range(9), "text"], k=chance.choice([0, 1, 3, 4])))
    ]
    with sqlite3.connect(home.database) as connection:
        connection.executemany("INSERT INTO runs (run_uuid, status, lifecycle_stage) VALUES (?, 'FINISHED', 'active')",
                               [(each,) for each in ids])  # fmt: skip
        connection.executemany("INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)"
                               " VALUES (?, ?, ?, ?, ?, ?)", points)  # fmt: skip
    histories = open_reader(uri).histories(ids, ["val_loss", "accuracy"])
    for name in (*SORTS, "accuracy@best:val_loss", "val_loss@smoothed:0.9", "val_loss@step:3", "val_loss@step:99"):
        value = MetricValue.parse(name)
        with sqlite_engine(home.database).connect() as connected:
            runs, (numbers, exist), apart = values_of_all(connected, value, UNTOLD)
        values = {
            run.decode(): number for run, number in zip(runs[exist].tolist(), numbers[exist].tolist(), strict=True)
        }
        single = {run_id: value.of_history(histories[run_id], UNTOLD) for run_id in ids if run_id not in apart}
        assert repr({run_id: each for run_id in single if (each := values.get(run_id)) is not None}) == repr(
            {run_id: each for run_id, each in single.items() if each is not None}
        ), name


_START = 1_700_000_000_000


def of_optimizer(label: str, optimizer: str, curve: list[float], **changes: object) -> SeedRun:
    fields = {"status": Status.FINISHED, "end_time": _START + 99, **changes}
    return SeedRun(
        label=label, name=label, start_time=_START + int(label), params={"optimizer": optimizer},
        curves={"val_loss": curve, "accuracy": [1 - value for value in curve]}, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def optimizers(store: Store, home: Home) -> RunReader:
    uri = home.tracking_uri(environment={})
    kept = Kept(epoch=2, epochs=3, values={"val_loss": 0.25, "accuracy": 0.75})
    some = [
        of_optimizer("1", "Adam", [0.5, 0.25, 0.5], tags={str(Tag.KEPT): kept.dumps()}),
        of_optimizer("2", "Adam", [0.5, 0.75, 0.75]),
        of_optimizer("3", "SGD", [0.5, math.nan, math.nan]),
        of_optimizer("4", "SGD", [math.nan, math.nan]),
    ]
    add_runs(uri, home.artifacts, some)
    return open_reader(uri)


BY = GroupBy(mode=Grouping.FIELDS, fields=(Field("param", "optimizer"),))


@pytest.mark.parametrize(
    ("metric", "adam", "sgd", "odd"),
    [
        ("val_loss", 0.5, None, 2),
        ("val_loss@last", 0.625, None, 2),
        ("val_loss@best", 0.375, 0.5, 1),
        ("accuracy@best:val_loss", 0.625, 0.5, 0),
        ("accuracy@step:2", 0.5, None, 2),
        ("val_loss@smoothed:0", 0.625, 0.5, 1),
    ],
)
def test_group_summarizes_the_asked_value(
    optimizers: RunReader, metric: str, adam: float, sgd: float | None, odd: int
) -> None:
    for metrics in ((metric,), ("accuracy@best", metric)):
        page = optimizers.groups(RunQuery(sort=Sort(kind="metric", name=metric)), replace(BY, metrics=metrics))
        found = {group.values[0]: group for group in page.groups}

        assert found["Adam"].metrics[metric].mean == adam
        assert (found["SGD"].metrics[metric].mean if metric in found["SGD"].metrics else None) == sgd
        assert found["SGD"].odd.get(metric, 0) == odd


@pytest.mark.parametrize("many", [2_000, 0], ids=["one by one", "columns"])
def test_resumed_run_is_read_again(
    optimizers: RunReader, home: Home, store: Store, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("trainer.tracking.read.sql_many.MANY", many)
    sort = Sort(kind="metric", name="val_loss@best")
    query = RunQuery(sort=replace(sort, descending=False))
    assert [run.name for run in optimizers.page(query).runs][:2] == ["1", "3"]

    log_point(home.database, run_id_of("2"), "val_loss", step=4, value=0.125, end=_START + 500)

    assert [run.name for run in optimizers.page(query).runs][:2] == ["2", "1"]
    few = replace(query, filters=parse_filter("params.optimizer = 'Adam'"))
    assert [run.name for run in optimizers.page(few).runs] == ["2", "1"]
    assert [run.name for run in optimizers.page(query).runs] == ["2", "1", "3", "4"]


def log_point(file: Path, run_id: str, key: str, *, step: int, value: float, end: int) -> None:
    import sqlite3

    with sqlite3.connect(file) as connection:
        connection.execute(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
            (key, value, end, run_id, step),
        )
        connection.execute("UPDATE runs SET end_time = ? WHERE run_uuid = ?", (end, run_id))
    connection.close()


def test_groups_are_read_again_once_the_store_changes(optimizers: RunReader, home: Home) -> None:
    by = replace(BY, metrics=("val_loss@best",))
    first = optimizers.groups(RunQuery(), by)
    assert optimizers.groups(RunQuery(), by) is first

    log_point(home.database, run_id_of("2"), "val_loss", step=4, value=0.125, end=_START + 500)

    found = {group.values[0]: group for group in optimizers.groups(RunQuery(), by).groups}
    assert found["Adam"].metrics["val_loss@best"].smallest == 0.125
