"""What `fitboard train` and `fitboard rerun` train in the foreground; five trainings answer all the questions."""

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import SMALL, call
from trainer.home import Home
from trainer.reproduce import rerun_verdicts
from trainer.tracking import Store, open_store
from trainer.tracking.run import Point

pytestmark = pytest.mark.slow

Answer = dict[str, Any]


@pytest.fixture(scope="module")
def home(fresh_home: Callable[[Path], Home], tmp_path_factory: pytest.TempPathFactory) -> Home:
    return fresh_home(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="module")
def store(home: Home) -> Store:
    return open_store(home.tracking_uri(environment={}), home)


def _answer(home: Home, *words: object, status: int = 0) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        found = call(*words, "--json", "--home", home.path)
    assert found == status, err.getvalue()
    answer: Answer = json.loads(out.getvalue())
    return answer


@pytest.fixture(scope="module")
def seeds(home: Home) -> Answer:
    """Two runs of one config."""
    config = home.path / "small.yaml"
    config.write_text(SMALL)
    return _answer(home, "train", config, "--seeds", 2)


@pytest.fixture(scope="module")
def tuned_config(home: Home, seeds: Answer) -> Path:
    """A config that starts from the weights of the first run."""
    config = home.path / "tuned.yaml"
    config.write_text(f"{SMALL}weights: {{source: run, run: {seeds['runs'][0]['run_id']}}}\n")
    return config


@pytest.fixture(scope="module")
def tuned(home: Home, tuned_config: Path) -> Answer:
    return _answer(home, "train", tuned_config)


def test_run_finishes_and_answers_in_json(seeds: Answer, tuned: Answer) -> None:
    for shown in (*seeds["runs"], tuned):
        assert shown["status"] == "FINISHED"
        assert shown["parameters"] == 650
        assert len(shown["history"]["val_accuracy"]) == 2
        assert len(shown["weights_sha256"]) == 64
        assert shown["seconds"] > 0
        assert 0 < shown["metrics"]["test_accuracy"] <= 1


def test_seeds_are_summarized(seeds: Answer) -> None:
    accuracy = seeds["summary"]["test_accuracy"]
    values = [run["metrics"]["test_accuracy"] for run in seeds["runs"]]
    assert accuracy["n"] == 2
    assert accuracy["mean"] == pytest.approx(sum(values) / 2)
    assert accuracy["low"] <= accuracy["mean"] <= accuracy["high"]


def test_fine_tuned_run_starts_from_the_weights_of_the_first(home: Home, seeds: Answer, tuned: Answer) -> None:
    first = seeds["runs"][0]
    assert tuned["weights_of"] == first["run_id"]
    assert tuned["start_weights_sha256"] == first["weights_sha256"]
    assert tuned["history"]["loss"][0] < first["history"]["loss"][0]


def test_weights_of_a_run_that_is_not_in_the_store_are_refused(
    home: Home, tuned_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("train", tuned_config, "--home", home.path, "--set", f"weights.run={'f' * 32}") == 2
    assert f"run {'f' * 32} is not in the store" in capsys.readouterr().err


def test_rerun_is_verified(home: Home, store: Store, tuned: Answer) -> None:
    again = _answer(home, "rerun", tuned["run_id"])
    verdict = again["verdict"]
    assert verdict["identical"] is True
    assert verdict["first_difference"] is None
    differing = {each["what"] for each in verdict["environment"]}
    assert differing <= {"git commit"}, "the checkout may move on meanwhile"
    assert rerun_verdicts(store.get(tuned["run_id"])) == {again["run_id"]: True}


def test_rerun_says_where_it_differs(home: Home, store: Store, seeds: Answer) -> None:
    first = seeds["runs"][1]["run_id"]
    store.log_metrics(first, [Point("val_loss", 0.5, 4_000_000_000_000, 2)])
    again = _answer(home, "rerun", first, status=1)
    assert again["status"] == "FINISHED"
    assert again["verdict"]["first_difference"]["metric"] == "val_loss"
    assert rerun_verdicts(store.get(first)) == {again["run_id"]: False}
