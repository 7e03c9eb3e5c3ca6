"""Compare, by group: which differences to the baseline are real."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions
from dashboard.views.compare.report import report_of
from tests.support.pages import draw_compare, page_of
from tests.support.predictions import classified
from tests.support.store import SeedRun, add_runs, config_of, empty_store, fitboard_run, run_id_of
from trainer.config import UNTOLD, Config, parse_config
from trainer.home import Home
from trainer.tracking import Run, Status, open_reader
from trainer.tracking.files import EVALUATION, SAMPLES_FILE

GOOD, BAD = [0.951, 0.953, 0.952, 0.950, 0.951], [0.937, 0.938, 0.936, 0.939, 0.938]


def _with_predictions(label: str, units: int, right: int) -> SeedRun:
    """A run that kept its predictions of 100 samples, of which so many are right."""
    kept = classified([0] * 100, [0] * right + [1] * (100 - right))
    config = config_of(name=label, units=units).model_copy(update={"epochs": 7})
    return fitboard_run(
        f"{label}0", config, Status.FINISHED, start_time=1, end_time=2, curves={"test_accuracy": [right / 100]},
        artifacts={f"{EVALUATION}/{SAMPLES_FILE}": kept.dumps()},
    )  # fmt: skip


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page over two configs with five seeds each, and a third with one."""
    home = Home(tmp_path / "home").make()
    uri = home.tracking_uri(environment={})
    empty_store(uri, home.artifacts)
    made = [(64, "narrow", BAD), (128, "wide", GOOD), (256, "single", GOOD[:1])]
    runs = [
        fitboard_run(
            f"{label}{seed}", config_of(name=label, units=units, seed=seed), Status.FINISHED, start_time=seed + 1,
            end_time=seed + 2, curves={"val_accuracy": [value - 0.01], "test_accuracy": [value], "loss": [1 - value]},
        )
        for units, label, values in made
        for seed, value in enumerate(values)
    ]  # fmt: skip
    runs += [_with_predictions("first", 64, 10), _with_predictions("other", 128, 90)]
    add_runs(uri, home.artifacts, runs)
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    page = page_of(draw_compare)
    page.query_params["groups"] = "true"
    return page


def _open(app: AppTest, *labels: str) -> str:
    """Open the page for all runs of these labels, and return the text of the verdicts."""
    runs = [run_id_of(f"{label}{seed}") for label in labels for seed in range(1 if label == "single" else 5)]
    app.query_params["runs"] = ",".join(runs)
    app.run()
    assert not app.exception
    return _verdicts(app)


def _verdicts(app: AppTest) -> str:
    return app.table[-1].value.to_string().replace("\\", "")


def _said(app: AppTest) -> str:
    return " ".join(each.value for each in app.caption).replace("\\", "")


def test_real_difference_is_said_with_its_size(app: AppTest) -> None:
    words = _open(app, "narrow", "wide")
    assert "better by 0.0" in words
    assert "better in 100 % of pairs of runs" in words
    assert "from the baseline, tested by Welch's t-test, over 5 seeds, one split of the data" in _said(app)


def test_baseline_is_chosen_by_a_click_and_kept_in_the_address(app: AppTest) -> None:
    _open(app, "narrow", "wide")
    app.selectbox(key="compare.baseline").set_value(run_id_of("wide0")).run()
    assert "worse by 0.0" in _verdicts(app)
    assert app.query_params["baseline"] == run_id_of("wide0")
    app.query_params["baseline"] = run_id_of("gone")
    app.run()
    assert not app.exception


def test_baseline_in_the_address_is_taken(app: AppTest) -> None:
    app.query_params["baseline"] = run_id_of("wide0")
    assert "worse by 0.0" in _open(app, "narrow", "wide")


def test_baseline_that_is_not_compared_is_left_for_the_first_group(app: AppTest) -> None:
    app.query_params["baseline"] = run_id_of("gone")
    assert "better by 0.0" in _open(app, "narrow", "wide")


def test_single_run_says_nothing_of_its_config_and_how_to_learn_more(app: AppTest) -> None:
    words = _open(app, "narrow", "single")
    assert "better" not in words
    assert "No difference can be tested: a config has 1 finished run. Repeat each config with several seeds" in _said(
        app
    )
    assert "one run says nothing about other seeds" in _open(app, "narrow", "wide", "single")


def test_networks_of_single_runs_are_compared_on_their_samples(app: AppTest) -> None:
    app.query_params["groups"] = "false"
    app.query_params["runs"] = ",".join([run_id_of("first0"), run_id_of("other0")])
    app.run()
    assert not app.exception
    assert "better by 0." in _verdicts(app)
    assert "(these two networks)" in _verdicts(app)
    assert "tested by exact McNemar test" in _said(app)
    assert "which says nothing about the configs themselves" in _said(app)


def test_single_runs_can_be_repeated_with_other_seeds(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views.compare import verdicts

    went: list[dict[str, str]] = []
    monkeypatch.setattr(verdicts, "go", lambda page, **query: went.append(query))
    monkeypatch.setattr("dashboard.actions.checks.refuse_impossible", lambda config: None)
    app.query_params["groups"] = "false"
    app.query_params["runs"] = ",".join([run_id_of("first0"), run_id_of("other0")])
    app.run()
    app.button(key="compare.repeat").click().run()
    assert not app.exception
    ids = went[0]["runs"].split(",")
    assert len(ids) == 10
    assert went[0]["groups"] == "true"
    app.button(key="compare.repeat").click().run()
    assert len(went) == 1, "the missing runs are queued by then"


def test_configs_on_several_datasets_are_ranked(app: AppTest) -> None:
    home = Home(Path(os.environ["FITBOARD_HOME"]))
    made = []
    for place, kind in enumerate(("digits", "iris", "wine", "moons", "circles")):
        for units in (16, 64, 128):
            fields = {**config_of(name=None, units=units).model_dump(mode="json"), "dataset": {"name": kind}}
            made.append(
                fitboard_run(
                    f"{kind}{units}", parse_config(fields), Status.FINISHED, start_time=1, end_time=2,
                    curves={"test_accuracy": [0.5 + units / 1_000 + place / 100]},
                    name=f"{units} <b>units</b> on {kind}",
                )
            )  # fmt: skip
    add_runs(home.tracking_uri(environment={}), home.artifacts, made)
    app.query_params["groups"] = "false"
    app.query_params["runs"] = ",".join(run_id_of(run.label) for run in made)
    app.run()
    assert not app.exception
    (table,) = [each.value for each in app.table if "Mean ranks" in each.proto.alt]
    assert list(table.iloc[:, -1].astype(str)) == ["3", "2", "1"]
    said = " ".join(each.value for each in app.markdown).replace("\\", "")
    assert "128 <b>units</b> on digits is better than 16 <b>units</b> on digits" in said
    assert "named by their runs on digits" in _said(app)


def _runs(*labels: str) -> list[Run]:
    reader = open_reader(Home(Path(os.environ["FITBOARD_HOME"])).tracking_uri(environment={}))
    return list(reader.get([run_id_of(label) for label in labels]))


def test_report_of_single_runs_compares_their_networks_too(app: AppTest) -> None:
    assert "(these two networks)" in report_of(_runs("first0", "other0"), (), UNTOLD, "").decode()


def test_repeats_are_queued_in_the_experiment_where_the_run_is_now(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Config] = []

    def enqueue(store: Any, config: Config, **options: Any) -> str:
        queued.append(config)
        return str(len(queued))

    (run,) = _runs("first0")
    monkeypatch.setattr(actions, "enqueue", enqueue)
    monkeypatch.setattr("dashboard.actions.checks.refuse_impossible", lambda config: None)
    outcome = actions.repeat([replace(run, experiment="moved here")], 3)
    assert outcome == (("1", "2"), ())
    assert [(config.seed, config.experiment) for config in queued] == [(1, "moved here"), (2, "moved here")]
