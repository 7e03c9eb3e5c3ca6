"""Groups of many runs, which are read by columns: the same as those that the database makes by joins."""

import math
import random
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.support.groups import assert_alike
from tests.support.store import SeedRun, add_runs, run_id_of
from trainer.home import Home
from trainer.tracking import (
    Field,
    GroupBy,
    Grouping,
    GroupPage,
    Kept,
    RunQuery,
    RunReader,
    Sort,
    Status,
    Store,
    Tag,
    open_reader,
    open_store,
    parse_filter,
)
from trainer.tracking.read import sql_groups
from trainer.tracking.read.group_columns import GroupedColumns
from trainer.tracking.read.sql_reader import SqlReader

METRICS = ("val_loss", "val_accuracy@last")
BY_PARAM = GroupBy(mode=Grouping.FIELDS, fields=(Field("param", "rate"),), metrics=METRICS)
WAYS = [
    BY_PARAM,
    replace(BY_PARAM, fields=(Field("param", "rate"), Field("tag", "team"))),
    replace(BY_PARAM, fields=(Field("attribute", "experiment"), Field("attribute", "status"))),
    replace(BY_PARAM, fields=(Field("attribute", "name"),), metrics=("val_loss@best",)),
    GroupBy(mode=Grouping.CONFIG, metrics=METRICS),
    GroupBy(mode=Grouping.EXCEPT, fields=(Field("param", "seed"), Field("tag", "team")), metrics=METRICS),
]
SORTS = [
    Sort(),
    Sort(descending=False),
    Sort(kind="metric", name="val_loss"),
    Sort(kind="metric", name="val_loss", descending=False),
    Sort(kind="param", name="rate"),
    Sort(kind="param", name="rate", descending=False),
    Sort(name="runs"),
]
QUERIES = [
    RunQuery(),
    RunQuery(text="größe"),
    RunQuery(filters=parse_filter("params.rate = '0.1'")),
    RunQuery(deleted=True),
    RunQuery(statuses=(Status.RUNNING,), text="nothing has this"),
]
_START = 1_700_000_000_000


def _run(number: int, chance: random.Random) -> SeedRun:
    """Return a run, some of whose params, tags, data and values are missing, equal to others' or not finite."""
    rate = chance.choice(["0.1", "0.01", "1e-1", "10", "fast", "Ärger", ""])
    params = {"rate": rate, "seed": str(number % 3)}
    tags = {"team": chance.choice(["blue", "Größe M"])} if chance.random() < 0.7 else {}
    if chance.random() < 0.5:
        tags |= {str(Tag.GROUP): f"g{rate}", str(Tag.CONFIG_DIGEST): f"{rate} {number % 4}"}
    if chance.random() < 0.3:
        kept = Kept(epoch=1, epochs=2, values={"val_loss": chance.choice([0.125, math.inf, math.nan])})
        tags[str(Tag.KEPT)] = kept.dumps()
    last = chance.choice([0.5, 0.25, math.nan, math.inf, -math.inf, 1e200, chance.random()])
    curves = {"val_loss": [9.0, last], "val_accuracy": [0.1, chance.random()]}
    started = _START + number // 2 * 1000
    return SeedRun(
        label=f"many {number}",
        name=f"run {number % 7}",
        status=chance.choice([Status.FINISHED, Status.FINISHED, Status.FINISHED, Status.FAILED, Status.RUNNING]),
        start_time=started,
        end_time=started + 5,
        params=params if chance.random() < 0.9 else {},
        tags=tags,
        curves=curves if chance.random() < 0.9 else {},
        data_digest=chance.choice(["", "same", "other"]),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store of 80 runs of two experiments, three of them deleted."""
    home = Home(tmp_path_factory.mktemp("many")).make()
    uri = home.tracking_uri(environment={})
    store = open_store(uri, home)
    store.prepare()
    chance = random.Random(7)
    add_runs(uri, home.artifacts, [_run(number, chance) for number in range(80)])
    ids = [run_id_of(f"many {number}") for number in range(80)]
    store.experiment_id("other")
    with sqlite3.connect(home.database) as connection:
        connection.executemany("UPDATE runs SET experiment_id = 1 WHERE run_uuid = ?", [(each,) for each in ids[::3]])
        connection.executemany("UPDATE runs SET start_time = NULL WHERE run_uuid = ?", [(each,) for each in ids[::40]])
        connection.executemany(
            "UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = ?", [(each,) for each in ids[1:4]]
        )
    return uri


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Has the number of runs of each page of groups that was made of columns."""
    found: list[int] = []
    page = GroupedColumns.page

    def counted(grouped: GroupedColumns, query: RunQuery, by: GroupBy) -> GroupPage:
        answer = page(grouped, query, by)
        found.append(answer.runs)
        return answer

    monkeypatch.setattr(GroupedColumns, "page", counted)
    return found


def _pages(reader: RunReader, query: RunQuery, by: GroupBy) -> GroupPage:
    opened = tuple(group.id for group in reader.groups(replace(query, limit=500), by).groups[::2])
    return reader.groups(replace(query, limit=20, offset=1), replace(by, opened=opened))


@pytest.mark.parametrize("by", WAYS, ids=lambda by: f"{by.mode}-{len(by.fields)}")
@pytest.mark.parametrize("query", QUERIES)
def test_columns_group_as_joins_do(
    address: str, read_here: list[int], monkeypatch: pytest.MonkeyPatch, by: GroupBy, query: RunQuery
) -> None:
    for sort in SORTS if query == RunQuery() else SORTS[2:3]:
        asked = replace(query, sort=sort)
        monkeypatch.setattr(sql_groups, "FEW", 2_000)
        joined = _pages(open_reader(address), asked, by)
        assert not read_here
        monkeypatch.setattr(sql_groups, "FEW", 0)
        found = _pages(open_reader(address), asked, by)
        assert read_here
        assert_alike(found, joined)
        read_here.clear()


@pytest.mark.parametrize("name", ["control \x1f", "control \0"])
def test_texts_that_no_column_carries_are_grouped_by_joins(
    store: Store, home: Home, read_here: list[int], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    uri = home.tracking_uri(environment={})
    add_runs(uri, home.artifacts, [_run(number, random.Random(number)) for number in range(4)])
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE runs SET name = ? WHERE run_uuid IN (SELECT run_uuid FROM runs LIMIT 2)", (name,))
    monkeypatch.setattr(sql_groups, "FEW", 0)
    groups = open_reader(uri).groups(RunQuery(), replace(BY_PARAM, fields=(Field("attribute", "name"),))).groups

    assert sorted(group.runs for group in groups) == [1, 1, 2]
    assert not read_here


def test_few_runs_that_match_words_are_grouped_by_joins(
    address: str, read_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = open_reader(address).groups(RunQuery(text="größe"), BY_PARAM)
    monkeypatch.setattr(sql_groups, "FEW", expected.runs + 1)

    assert_alike(open_reader(address).groups(RunQuery(text="größe"), BY_PARAM), expected)
    assert not read_here


def test_columns_are_read_once_until_the_store_changes(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_groups, "FEW", 0)
    file = Path(shutil.copy(address.removeprefix("sqlite:///"), tmp_path / "mlflow.db"))
    reader = SqlReader(f"sqlite:///{file}")
    first = reader.groups(RunQuery(), BY_PARAM)
    scanned: list[str] = []
    event.listen(reader._engine, "before_cursor_execute", lambda *arguments: scanned.append(arguments[2]))

    def tables() -> set[str]:
        found = {each for each in ("params", "tags", "latest_metrics") for text in scanned if f"FROM {each}" in text}
        scanned.clear()
        return found

    opened = reader.groups(RunQuery(), replace(BY_PARAM, opened=(first.groups[0].id,)))
    assert opened.groups[0].members
    assert reader.groups(RunQuery(sort=Sort(name="runs"), limit=2), BY_PARAM).total == first.total
    assert not tables()
    by_team = reader.groups(RunQuery(), WAYS[1])
    assert_alike(by_team, open_reader(address).groups(RunQuery(), WAYS[1]))
    assert tables() == {"tags"}

    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE params SET value = '0.1' WHERE key = 'rate'")
    connection.close()
    assert reader.groups(RunQuery(), BY_PARAM).total < first.total
    assert tables() == {"params", "tags", "latest_metrics"}
