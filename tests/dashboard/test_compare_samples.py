"""Compare: where two runs differ on samples."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import page_of
from tests.support.predictions import regressed
from tests.support.store import SeedRun, add_runs, config_of, empty_store, fitboard_run, run_id_of
from trainer.data import load
from trainer.home import Home
from trainer.tracking import Status
from trainer.tracking.files import EVALUATION, SAMPLES_FILE
from trainer.tracking.predictions import Predictions


def compare_page() -> None:
    from dashboard.views import compare

    compare.render()


def _run(label: str, kept: Predictions | None) -> SeedRun:
    files = {} if kept is None else {f"{EVALUATION}/{SAMPLES_FILE}": kept.dumps()}
    return fitboard_run(
        label, config_of(name=label, units=len(label)), Status.FINISHED, start_time=1, end_time=2,
        curves={"test_accuracy": [0.9]}, artifacts=files,
    )  # fmt: skip


def _of_digits(home: Home, wrong: list[int]) -> Predictions:
    """Predictions of the test part of `digits`, wrong by 1 for these samples."""
    splits = load(config_of().dataset, home=home)
    predicted = splits.test.y.copy()
    predicted[wrong] = (predicted[wrong] + 1) % 10
    return Predictions(
        part="test", data_digest=splits.digest, samples=len(splits.test.y), labels=tuple("0123456789"),
        rows=splits.test_rows, actual=splits.test.y.astype(np.uint8), predicted=predicted.astype(np.uint8),
        confidence=np.full(len(predicted), 0.75, np.float32),
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with runs that kept their predictions, which the tests only read."""
    home = Home(tmp_path_factory.mktemp("samples") / "home").make()
    uri = home.tracking_uri(environment={})
    empty_store(uri, home.artifacts)
    kept = _of_digits(home, [1, 2, 5])
    runs = [
        _run("one", kept),
        _run("two", _of_digits(home, [5, 7])),
        _run("three", replace(kept, data_digest="0" * 64)),
        _run("also-three", replace(_of_digits(home, [2]), data_digest="0" * 64)),
        _run("without", None),
        _run("near", regressed([1.0, 2.0, 3.0], [1.0, 2.0, 3.5])),
        _run("far-off", regressed([1.0, 2.0, 3.0], [5.0, 2.0, 3.0])),
    ]
    add_runs(uri, home.artifacts, runs)
    return home


@pytest.fixture
def app(home: Home, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return page_of(compare_page)


def _open(app: AppTest, *labels: str, samples: bool = True) -> str:
    app.query_params["runs"] = ",".join(run_id_of(label) for label in labels)
    if samples:
        app.query_params["samples"] = "true"
    app.run()
    assert not app.exception
    return _said(app)


def _said(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption)).replace("\\", "")


def test_two_runs_are_compared_sample_by_sample_with_pictures(app: AppTest) -> None:
    said = _open(app, "one", "two")
    assert "Of 360 test samples, **356** were classified correctly by both runs, **1** only by" in said
    assert "**2** only by" in said
    assert "**1** by neither" in said
    assert "2 samples, the most confident mistakes first." in said
    ways = app.segmented_control(key="compare.outcome")
    assert ways.options == ["Only one: 1", "Only two: 2", "Neither: 1"]
    assert len(app.get("image")) == 2
    ways.set_value("only_first").run()
    assert len(app.get("image")) == 1
    assert not app.exception


def test_details_are_read_only_when_they_are_wanted(app: AppTest) -> None:
    said = _open(app, "one", "two", samples=False)
    assert "Of 360 test samples" in said
    assert not app.get("image")
    assert "compare.outcome" not in [each.key for each in app.segmented_control]


def test_any_two_of_several_runs_are_chosen_and_kept_in_the_address(app: AppTest) -> None:
    _open(app, "one", "two", "without", samples=False)
    app.selectbox(key="compare.sampled.second").set_value(run_id_of("without")).run()
    assert "cannot be compared sample by sample. without did not keep the prediction for each sample" in _said(app)
    assert app.query_params["sampled"] == f"{run_id_of('one')},{run_id_of('without')}"
    app.selectbox(key="compare.sampled.first").set_value(run_id_of("without")).run()
    assert app.query_params["sampled"] == run_id_of("without")
    assert app.selectbox(key="compare.sampled.second").value == run_id_of("one")
    app.query_params["baseline"] = run_id_of("two")
    app.query_params["sampled"] = run_id_of("gone")
    app.run()
    assert not app.exception
    assert app.selectbox(key="compare.sampled.first").value == run_id_of("two")


def test_runs_of_different_samples_are_not_compared(app: AppTest) -> None:
    said = _open(app, "one", "three")
    assert "The two runs cannot be compared sample by sample. The two networks were evaluated on different test" in said


def test_data_that_changed_leave_the_rows_without_inputs(app: AppTest) -> None:
    said = _open(app, "three", "also-three")
    assert "the data have changed since the run read them" in said
    assert list(app.dataframe[-1].value) == ["sample", "true", "predicted by three", "predicted by also-three"]


def test_regressions_are_compared_by_their_errors(app: AppTest) -> None:
    said = _open(app, "near", "far-off")
    assert "Of 3 test samples, the error is smaller for **1** in" in said
    assert "3 samples, the largest differences of the errors first." in said
    assert "the data have changed since the run read them" in said, "the digest is not that of the config's data"
    rows = app.dataframe[-1].value
    assert rows["predicted by near"].tolist() == ["1 (0)", "3.500 (+0.5000)", "2 (0)"]
