"""Compare: where two runs differ on samples."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support.keras_data import reuters
from tests.support.pages import draw_compare, page_of
from tests.support.predictions import predicted_part, regressed
from tests.support.store import SeedRun, add_runs, config_of, empty_store, fitboard_run, run_id_of
from trainer.config import parse_config
from trainer.data import load, store_download, store_words
from trainer.errors import StoreUnreachableError
from trainer.home import Home
from trainer.tracking import Run, Status
from trainer.tracking.files import EVALUATION, SAMPLES_FILE
from trainer.tracking.predictions import Predictions

_MOONS: dict[str, Any] = {"dataset": {"name": "moons"}}


def _run(label: str, kept: Predictions | None, dataset: Mapping[str, Any] | None = None, seed: int = 0) -> SeedRun:
    files = {} if kept is None else {f"{EVALUATION}/{SAMPLES_FILE}": kept.dumps()}
    config = config_of(name=label, units=len(label), seed=seed)
    if dataset is not None:
        config = parse_config({**config.short(), "dataset": dataset})
    return fitboard_run(
        label, config, Status.FINISHED, start_time=1, end_time=2, curves={"test_accuracy": [0.9]}, artifacts=files
    )


def _of_digits(home: Home, wrong: list[int]) -> Predictions:
    return predicted_part(config_of().dataset, home, wrong)


def _pictures_with_values(path: Path) -> tuple[dict[str, str], list[Predictions]]:
    """A dataset of four images with a value each, two of them test data, and two networks' predictions of these."""
    images, values = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8), np.asarray([[0.5], [1.25], [2.5], [3.75]])
    np.savez(path, x_train=images, y_train=values, x_test=images[:2], y_test=values[:2])
    dataset = {"name": "npz", "path": str(path)}
    digest = load(parse_config({**config_of().short(), "dataset": dataset}).dataset, home=Home(path.parent)).digest
    return dataset, [regressed([0.5, 1.25], guess, data_digest=digest) for guess in ([0.75, 1.25], [0.5, 1.5])]


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
    runs += [_run(f"seed{seed}", kept, seed=seed) for seed in (0, 1)]
    moons = parse_config(config_of().short() | _MOONS).dataset
    runs += [_run(f"moons{wrong}", predicted_part(moons, home, [1, wrong]), _MOONS["dataset"]) for wrong in (2, 3)]
    store_download("reuters", reuters(), home=home)
    store_words("reuters", {"oil": 1, "rose": 2}, home=home)
    texts = {"name": "reuters", "maxlen": 8, "num_words": 50}
    newswires = parse_config(config_of().short() | {"dataset": texts}).dataset
    runs += [_run(f"texts{wrong}", predicted_part(newswires, home, [wrong]), texts) for wrong in (2, 3)]
    dataset, networks = _pictures_with_values(home.path / "pictures.npz")
    runs += [_run(f"pictures{place}", kept, dataset) for place, kept in enumerate(networks)]
    add_runs(uri, home.artifacts, runs)
    return home


@pytest.fixture
def app(home: Home, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return page_of(draw_compare)


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
    assert "cannot be compared sample by sample. without has no predictions of its single samples" in _said(app)
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
    assert "3 samples, the largest differences in error first." in said
    assert "the data have changed since the run read them" in said, "the digest is not that of the config's data"
    rows = app.dataframe[-1].value
    assert rows["predicted by near"].tolist() == ["1 (0)", "3.500 (+0.5000)", "2 (0)"]


def test_points_are_drawn_in_the_plane(app: AppTest) -> None:
    said = _open(app, "moons2", "moons3")
    assert "**1** only by" in said
    assert "The samples, colored by which runs classified them correctly." in said
    assert list(app.dataframe[-1].value)[4:] == ["input x", "input y"]


def test_texts_are_shown_in_words(app: AppTest) -> None:
    _open(app, "texts2", "texts3")
    (text,) = app.dataframe[-1].value["text"]
    assert set(text.split()) <= {"oil", "rose", "[OOV]", *map(str, range(6, 50))}
    assert "[OOV]" in text


def test_pictures_of_a_regression_say_both_predictions(app: AppTest) -> None:
    _open(app, "pictures0", "pictures1")
    captions = [picture.caption.replace("\\", "") for each in app.get("image") for picture in each.proto.imgs]
    assert captions[0] == "predicted 0.7500 (+0.2500) and 0.5000 (0), true 0.5000"
    assert len(captions) == 2


def test_predictions_that_cannot_be_read_leave_the_rest_of_the_page(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(run: Run) -> Predictions:
        raise StoreUnreachableError("The store does not respond.")

    monkeypatch.setattr("dashboard.views.compare.samples.kept_predictions", away)
    _open(app, "one", "two")
    assert [each.value.replace("\\", "") for each in app.warning] == ["The store does not respond."]
    assert "## Results" in [each.value for each in app.markdown]


def test_by_group_the_first_two_runs_are_of_two_groups(app: AppTest) -> None:
    app.query_params["groups"] = "true"
    _open(app, "seed0", "seed1", "two", samples=False)
    assert app.selectbox(key="compare.sampled.first").value == run_id_of("seed0")
    assert app.selectbox(key="compare.sampled.second").value == run_id_of("two")
