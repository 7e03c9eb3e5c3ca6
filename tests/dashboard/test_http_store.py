"""Runs over a real MLflow server of a thousand runs: few requests, and what the page says before they are counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.bulk_store import fill_store
from tests.support.hand_clock import HandClock
from tests.support.pages import draw_runs, page_of
from tests.support.server import MlflowServer
from trainer import tracking
from trainer.tracking import RunQuery, RunReader, Sort, open_reader
from trainer.tracking.read import rest_requests
from trainer.tracking.read.rest_reader import RestReader

pytestmark = pytest.mark.slow

_RUNS = 1_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_store(tmp_path_factory.mktemp("thousand") / "mlflow.db", _RUNS)


@pytest.fixture(scope="module")
def by_sql(database: str) -> RunReader:
    return open_reader(database)


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    folder = tmp_path_factory.mktemp("server")
    with MlflowServer(database, folder / "artifacts", folder / "server.log") as running:
        yield running


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The path of every request from now on."""
    from mlflow.utils import rest_utils

    asked: list[str] = []
    ask = rest_utils.http_request

    # MLflow's client passes these by name.
    def noting(host_creds: Any, endpoint: str, method: str, **named: Any) -> Any:
        asked.append(endpoint)
        return ask(host_creds, endpoint, method, **named)

    monkeypatch.setattr(rest_utils, "http_request", noting)
    return asked


def test_page_is_drawn_by_three_requests(
    server: MlflowServer, requests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)

    reader = RestReader(server.uri, HandClock())
    monkeypatch.setattr(tracking, "open_reader", lambda uri: reader)

    app = page_of(draw_runs).run()

    assert not app.exception
    assert len(requests) <= 3, requests
    assert any(caption.value == "More than 200 runs" for caption in app.caption)


def test_redrawn_page_takes_three_requests_and_knows_the_total(
    server: MlflowServer, requests: list[str], by_sql: RunReader
) -> None:
    clock = HandClock()
    reader = RestReader(server.uri, clock)
    exact = by_sql.page(RunQuery())

    first = reader.page(RunQuery(), quick=True)
    assert (first.total, first.more) == (200, True)
    clock.now += 6
    assert reader.page(RunQuery(), quick=True) == exact
    assert RestReader(server.uri).page(RunQuery(offset=5_000), quick=True).total == exact.total
    clock.now += 6
    requests.clear()
    assert reader.page(RunQuery(offset=500), quick=True) == by_sql.page(RunQuery(offset=500))
    assert len(requests) <= 3, requests


def test_what_a_page_shows_of_its_runs_takes_one_more_request(
    server: MlflowServer, requests: list[str], by_sql: RunReader
) -> None:
    reader = RestReader(server.uri, HandClock())
    query = RunQuery(sort=Sort(kind="metric", name="test_accuracy"))
    ids = [run.run_id for run in reader.page(query, quick=True).runs]
    requests.clear()

    assert reader.datasets(ids) == by_sql.datasets(ids)
    assert reader.histories(ids, ["loss"]) == by_sql.histories(ids, ["loss"])
    assert len(requests) == 1, requests


def test_histories_that_one_answer_cannot_hold_are_read_by_few(
    server: MlflowServer, requests: list[str], by_sql: RunReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of 50 runs with 3 points each, 33 are complete in an answer of 100.
    monkeypatch.setattr(rest_requests, "_CUT_AT", 100)
    reader = RestReader(server.uri, HandClock())
    ids = [run.run_id for run in reader.page(RunQuery()).runs]
    requests.clear()

    assert reader.histories(ids, ["loss"]) == by_sql.histories(ids, ["loss"])
    assert len(requests) == 2, requests

    monkeypatch.setattr(rest_requests, "_CUT_AT", 2)
    assert reader.histories(ids[:2], ["loss"]) == by_sql.histories(ids[:2], ["loss"])


def test_words_and_params_are_looked_for_once_in_ten_seconds(
    server: MlflowServer, requests: list[str], by_sql: RunReader
) -> None:
    clock = HandClock()
    reader = RestReader(server.uri, clock)
    query = RunQuery(text="adamw", sort=Sort(kind="param", name="learning_rate"))
    exact = by_sql.page(query)

    assert reader.page(query, quick=True) == exact
    clock.now += 6
    requests.clear()
    assert reader.page(query, quick=True) == exact
    assert len(requests) <= 2, requests
