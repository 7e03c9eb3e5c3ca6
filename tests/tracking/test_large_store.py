"""What keeps the reader of a database fast among many runs, and right."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.support.bulk_store import EXPERIMENTS, fill_store
from trainer.tracking import Field, GroupBy, Grouping, RunQuery, RunReader, Sort, Status, open_reader, parse_filter
from trainer.tracking.read.search import mentions
from trainer.tracking.read.sql_reader import SqlReader

_COUNT = 200


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("filled") / "mlflow.db"
    fill_store(file, _COUNT)
    return file


@pytest.fixture
def file(filled: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copy(filled, tmp_path / "mlflow.db"))


def _reader(file: Path) -> RunReader:
    return open_reader(f"sqlite:///{file}")


def _change(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def _queries(reader: RunReader) -> list[str]:
    asked: list[str] = []
    assert isinstance(reader, SqlReader)
    event.listen(reader._engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    return asked


def test_filled_store_is_one_of_mlflow(filled: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{filled}")
    known = client.search_experiments()
    runs = client.search_runs([one.experiment_id for one in known], "params.optimizer = 'Adam'", max_results=_COUNT)

    assert {one.name for one in known} == set(EXPERIMENTS)
    assert len(runs) == _COUNT - _COUNT // 100
    assert client.get_metric_history(runs[0].info.run_id, "loss")[-1].value == runs[0].data.metrics["loss"]


@pytest.fixture(params=[2_000, 0], ids=["in SQL", "scanned"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The number of runs from which on words are searched for by scans of whole tables."""
    monkeypatch.setattr("trainer.tracking.read.sql_many.MANY", request.param)
    return int(request.param)


@pytest.mark.usefixtures("many")
def test_words_match_the_same_runs_as_one_by_one(file: Path) -> None:
    _change(file, "INSERT INTO tags SELECT 'mlflow.note.content', 'a % of_it/all', run_uuid FROM runs LIMIT 7")
    _change(file, "UPDATE params SET value = 'Fuﬀ \u212aelvin cafe\u0301' WHERE key = 'loss' AND rowid % 9 = 0")
    _change(file, "UPDATE runs SET name = CAST(x'61ff' AS TEXT) WHERE name = 'trial-20'")
    reader = _reader(file)
    every = reader.page(RunQuery(limit=_COUNT)).runs

    for text in (
        "größe adam",
        "blue adam 256",
        "=8",
        "optimizer=ad größe",
        "er=adam trial-1",
        "digits cafe",
        "café",
        "kelv fuff",
        "%",
        "_it/",
        "\ufffd",
        "epochs",
        every[3].run_id[:3],
        "mlflow",
        "adam",
        "ADAM",
        "größe",
        "GRÖSSE",
        "trial-1",
        "units=8",
        "team=bl",
        "activation",
        "another",
        "zzz",
        "→",
    ):
        found = reader.page(RunQuery(text=text, limit=_COUNT))
        assert {run.run_id for run in found.runs} == {run.run_id for run in every if mentions(run, text)}, text
        assert found.total == len(found.runs)


def test_like_in_a_filter_distinguishes_case(filled: Path) -> None:
    reader = _reader(filled)

    def total(pattern: str) -> int:
        return reader.page(RunQuery(filters=parse_filter(f"params.loss LIKE '{pattern}'"))).total

    assert total("Sparse%entropy") == total("Sparse____gorical%") == _COUNT - _COUNT // 100
    assert total("sparse%") == total("Sparse[C]%") == total("Sparse*") == 0


@pytest.mark.parametrize(
    "query",
    [RunQuery(), RunQuery(text="adam"), RunQuery(sort=Sort(kind="metric", name="val_loss"), offset=50)],
    ids=["newest", "words", "metric"],
)
@pytest.mark.parametrize(
    "change",
    [
        lambda file: _change(file, "UPDATE runs SET lifecycle_stage = 'deleted' WHERE name = 'trial-0'"),
        lambda file: _change(file, "DELETE FROM runs WHERE name = 'trial-0'"),
    ],
    ids=["deleted", "gone"],
)
def test_total_is_never_stale(many: int, file: Path, query: RunQuery, change: Callable[[Path], None]) -> None:
    reader = _reader(file)
    before = reader.page(query).total
    assert reader.page(query).total == before

    change(file)
    assert reader.page(query).total == before - 1


def test_total_follows_another_file_in_the_same_place(file: Path, filled: Path) -> None:
    reader = _reader(file)
    before = reader.page(RunQuery()).total
    _change(file, "UPDATE runs SET lifecycle_stage = 'deleted' WHERE name = 'trial-0'")
    assert reader.page(RunQuery()).total == before - 1

    file.unlink()
    shutil.copy(filled, file)
    assert reader.page(RunQuery()).total == before


def test_new_column_appears(file: Path) -> None:
    reader = _reader(file)
    assert ("tag", "kind") not in reader.columns()

    _change(file, "INSERT INTO tags SELECT 'kind', 'b', run_uuid FROM runs LIMIT 1")
    assert ("tag", "kind") in reader.columns()


@pytest.mark.usefixtures("many")
def test_unchanged_store_is_not_counted_and_searched_again(file: Path) -> None:
    reader = _reader(file)
    asked = _queries(reader)
    query = RunQuery(text="adam", statuses=(Status.FINISHED,))
    first = reader.page(query)
    matching = [each for each in asked if "LIKE" in each]
    assert matching

    asked.clear()
    assert reader.page(query) == first
    assert not [each for each in asked if "LIKE" in each or "count(" in each]


def test_words_that_were_searched_for_are_not_again_for_another_page(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.tracking.read.sql_many.MANY", 0)
    reader = _reader(file)
    asked = _queries(reader)
    query = RunQuery(text="adam größe", sort=Sort(kind="metric", name="val_loss@best"))
    assert reader.page(query).total

    asked.clear()
    by = GroupBy(mode=Grouping.FIELDS, fields=(Field("param", "optimizer"),))
    assert reader.page(replace(query, text="größe", offset=2)).total
    assert reader.groups(query, by).runs == reader.page(query).total
    assert reader.common(query, {("tag", "team"): "Größe M"}).columns
    assert not [each for each in asked if "LIKE" in each]

    _change(file, "UPDATE tags SET value = 'green' WHERE key = 'team'")
    assert not reader.page(query).total


def test_words_are_found_in_runs_with_ids_of_another_form(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _reader(file).page(RunQuery(text="adam", limit=_COUNT)).total
    for table in ("runs", "params", "tags", "metrics", "latest_metrics"):
        _change(file, f"UPDATE {table} SET run_uuid = 'run \"' || substr(run_uuid, 1, 12) WHERE run_uuid LIKE 'a%'")
    monkeypatch.setattr("trainer.tracking.read.sql_many.MANY", 0)
    reader = _reader(file)

    assert reader.page(RunQuery(text="adam")).total == expected
    assert reader.page(RunQuery(text="adam", sort=Sort(kind="metric", name="val_loss@best"))).total == expected
