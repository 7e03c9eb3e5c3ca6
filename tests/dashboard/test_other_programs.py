"""Pages, commands and readers over a store that scikit-learn, Keras and loops of people filled through MLflow."""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dashboard.loaders import checks
from tests.support.commands import call
from tests.support.other_programs import CLIENT_RUNS
from tests.support.pages import draw_compare, draw_run, draw_runs, opened, page_of
from tests.support.server import MlflowServer
from trainer.config.check import CheckReport
from trainer.home import Home
from trainer.tracking import Run, RunQuery, RunReader, Series, Sort, open_reader, pages
from trainer.tracking.read.sql_reader import SqlReader
from trainer.tracking.steps import by_epochs

pytestmark = pytest.mark.slow

_BY_PROGRAMS = ("grid search", "one fit", "keras fit")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose store was filled in another process, since autolog changes the libraries that it is for."""
    home = Home(tmp_path_factory.mktemp("others")).make()
    uri = home.tracking_uri(environment={})
    subprocess.run([sys.executable, "-m", "tests.support.other_programs", uri, "keras"], check=True)
    return home


@pytest.fixture(scope="module")
def reader(filled: Home) -> RunReader:
    return open_reader(filled.tracking_uri(environment={}))


@pytest.fixture(scope="module")
def named(reader: RunReader) -> dict[str, Run]:
    return {run.name: run for run in pages(reader, RunQuery())}


@pytest.fixture
def home(filled: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FITBOARD_HOME", str(filled.path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    return filled.path


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str] | None]:
    """The metrics of each history that was read from now on; None for all."""
    asked: list[Sequence[str] | None] = []
    read = SqlReader.histories

    def noting(reader: SqlReader, ids: Sequence[str], keys: Sequence[str] | None = None) -> Any:
        asked.append(keys)
        return read(reader, ids, keys)

    monkeypatch.setattr(SqlReader, "histories", noting)
    return asked


def test_runs_lists_every_run_and_nests_those_of_a_search(home: Path, keys: list[Sequence[str] | None]) -> None:
    app = opened(draw_runs)

    assert not app.exception
    assert not app.error
    (drawn,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "fitboard_runs")
    rows = json.loads(drawn.json)["rows"]
    names = [row["name"] for row in rows]
    assert {*CLIENT_RUNS, *_BY_PROGRAMS} - set(names) == {"removed"}
    assert names.count("twin") == 2
    place = names.index("grid search")
    assert [row["depth"] for row in rows[place : place + 5]] == [0, 1, 1, 1, 0]
    assert rows[place]["open"] is True
    # Of two thousand histories only those of the sparklines are read.
    assert {key for each in keys for key in each or ["all"]} <= {"loss", "training_log_loss", "val_loss"}


@pytest.mark.parametrize("name", [*(name for name in CLIENT_RUNS if name != "removed"), *_BY_PROGRAMS])
def test_page_of_each_run_is_drawn(name: str, home: Path, named: dict[str, Run]) -> None:
    app = opened(draw_run, id=named[name].run_id)

    assert not app.exception
    assert not app.error


def test_page_of_a_run_with_a_thousand_metrics_draws_a_few_or_those_that_are_chosen(
    home: Path, named: dict[str, Run], keys: list[Sequence[str] | None]
) -> None:
    run_id = named["many metrics 0"].run_id
    app = opened(draw_run, id=run_id)
    assert any("Shows 24 of 1,000 metrics" in caption.value for caption in app.caption)

    keys.clear()
    app = page_of(draw_run)
    app.query_params["id"] = run_id
    app.query_params["metrics"] = ["layer.77/weight norm", "nope"]
    app.run()
    assert not app.exception
    assert keys == [("layer.77/weight norm",)]
    assert any("Shows 1 of 1,000 metrics" in caption.value for caption in app.caption)
    assert any("“nope” not found" in warning.value for warning in app.warning)

    app.query_params["metrics"] = [f"layer.{index}/weight norm" for index in range(30)]
    assert not app.run().exception


def test_compare_reads_only_the_metrics_that_it_draws(
    home: Path, named: dict[str, Run], keys: list[Sequence[str] | None]
) -> None:
    chosen = ["many metrics 0", "many metrics 1", "odd steps", "odd values", "batches", "keras fit"]
    app = opened(draw_compare, runs=",".join(named[name].run_id for name in chosen))

    assert not app.exception
    assert not app.error
    assert None not in keys
    assert len({key for each in keys for key in each or ()}) < 20


def test_histories_are_as_they_were_logged(reader: RunReader, named: dict[str, Run]) -> None:
    def history(name: str, key: str = "loss") -> Series:
        run_id = named[name].run_id
        return reader.histories([run_id], [key])[run_id][key]

    assert list(history("odd steps").steps) == [1, 2, 3, 5, 5, 5, 6, 8]
    values = history("odd values").values
    assert [values[0], *map(math.isnan, values[1:2]), *values[2:]] == [1.0, True, math.inf, -math.inf, 1e308, 5e-324]
    assert len(history("batches", "train_loss_step").steps) == 40
    assert list(history("batches", "val_loss").steps) == [9, 19, 29, 39]
    kept = by_epochs(named["keras fit"], history("keras fit", "val_loss"))
    assert kept is not None
    assert list(kept.steps) == [1, 2, 3]
    # Steps of a program that does not say what it counts stay steps.
    assert by_epochs(named["batches"], history("batches", "val_loss")) is None


def test_commands_answer_about_each_run(home: Path, named: dict[str, Run], capsys: pytest.CaptureFixture[str]) -> None:
    every: list[tuple[str, ...]] = [("runs",), ("runs", "--json"), ("runs", "--filter", "metrics.`val/loss é` < 1")]
    every += [("show", run.run_id) for run in named.values()]
    every += [("show", named["many metrics 0"].run_id, "--json")]
    every += [("compare", named["odd values"].run_id, named["odd steps"].run_id)]
    for words in every:
        status = call(*words, "--home", home)
        said = capsys.readouterr()
        assert status in {0, 1, 2}, words
        assert "Internal error" not in said.err, words
        assert len(said.err.strip().splitlines()) <= 1, words


def test_server_over_the_same_store_tells_the_same(
    filled: Home, reader: RunReader, named: dict[str, Run], tmp_path: Path
) -> None:
    uri = filled.tracking_uri(environment={})
    with MlflowServer(uri, tmp_path / "artifacts", tmp_path / "server.log") as server:
        remote = open_reader(server.uri)
        ids = [run.run_id for run in named.values()]
        assert repr(remote.get(ids)) == repr(reader.get(ids))
        for sort in (Sort(), Sort(kind="metric", name="loss"), Sort(kind="param", name="C"), Sort(name="name")):
            theirs, ours = (each.page(RunQuery(sort=sort)) for each in (remote, reader))
            assert [run.run_id for run in theirs.runs] == [run.run_id for run in ours.runs], sort
        odd = ["loss", "val/loss é", "layer.7/weight norm", "train_loss_step", "validation_loss"]
        assert repr(remote.histories(ids, odd)) == repr(reader.histories(ids, odd))
        assert set(remote.columns()) == set(reader.columns())
