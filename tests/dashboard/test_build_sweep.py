"""Build as the start of a sweep."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import navigation, sweep_actions
from dashboard.draft import Draft
from dashboard.loaders import checks, search_space
from tests.support.pages import draw_build, page_of
from tests.support.store import empty_store
from tests.support.sweeps import NETWORK, SEARCH
from trainer.config import Config
from trainer.config.check import CheckReport, Problem, Severity
from trainer.config.search import load_sweep
from trainer.execution import timing
from trainer.home import Home
from trainer.sweeps.records import sweep_file_of, sweeps
from trainer.tracking import open_reader

SWITCH, START = "build.sweep.on", "start-sweep"


def look(config: Config) -> CheckReport:
    """As an inspector would: more than 300 units do not fit."""
    units = getattr(config.layers[1], "units", 0)
    problem = Problem(severity=Severity.ERROR, where="layers.2", message="Too many units.")
    problems = (problem,) if units > 300 else ()
    return CheckReport(ok=not problems, input_shape=(None, 8, 8), memory_bytes=1000 * units, problems=problems)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", look)
    monkeypatch.setattr(search_space, "check_report", look)
    # A process of its own, which loads TensorFlow.
    monkeypatch.setattr(search_space, "start_measuring", lambda *_, **__: pytest.fail("measured"))
    monkeypatch.setattr(search_space, "seconds_of", lambda home, configs: [2.0] * len(configs))
    home = Home.resolve(tmp_path).make()
    empty_store(home.tracking_uri(environment={}), home.artifacts)
    yield home
    st.cache_data.clear()


@pytest.fixture
def app(home: Home) -> AppTest:
    """Build with the switch on."""
    app = page_of(draw_build).run()
    return changed(app.toggle(key=SWITCH).set_value(True))


def changed(widget: Any) -> AppTest:
    app: AppTest = widget.run()
    assert not app.exception
    return app


def draft(app: AppTest) -> Draft:
    found: Draft = app.session_state["build.drafts"].now
    return found


def vary(app: AppTest, name: str) -> AppTest:
    return changed(next(button for button in app.button if button.label == f"Vary {name}").click())


def shown(app: AppTest) -> str:
    blocks: list[Any] = [*app.markdown, *app.caption, *app.error, *app.warning]
    return "\n".join(str(block.value) for block in blocks).replace("\\", "")


def units(app: AppTest, kind: str) -> str:
    return f"build.layers.{draft(app).ids['layers'][1]}.units:{kind}"


def test_switches_are_there_only_for_a_sweep(home: Home) -> None:
    app = page_of(draw_build).run()
    assert not [button.label for button in app.button if button.label.startswith("Vary")]
    app = changed(app.toggle(key=SWITCH).set_value(True))
    assert [button.label for button in app.button if button.label.startswith("Vary")]
    assert "train" not in {button.key for button in app.button}
    assert app.button(key=START).disabled
    assert "Nothing varies yet" in shown(app)


def test_number_becomes_a_range_in_the_form_and_the_text(app: AppTest) -> None:
    app = vary(app, "Layer 2 (Dense), units")
    assert app.text_input(key=units(app, "low")).value == "32"
    app = changed(app.text_input(key=units(app, "low")).set_value("64"))
    app = changed(app.selectbox(key=units(app, "scale")).set_value("step"))
    app = changed(app.text_input(key=units(app, "step")).set_value("64"))
    assert "  layers.2.units: {low: 64, high: 512, step: 64}" in app.text_area[0].value
    assert "8 combinations" in shown(app)
    assert not app.button(key=START).disabled
    app = changed(app.selectbox(key=units(app, "scale")).set_value("list"))
    app = changed(app.text_input(key=units(app, "values")).set_value("64, 128, 256"))
    assert "  layers.2.units: [64, 128, 256]" in app.text_area[0].value
    app = changed(
        next(button for button in app.button if button.label == "Stop varying Layer 2 (Dense), units").click()
    )
    assert app.text_input(key=units(app, "integer")).value == "128"


def test_error_of_a_range_is_beside_it_and_starts_nothing(app: AppTest) -> None:
    app = vary(app, "Layer 2 (Dense), units")
    app = changed(app.text_input(key=units(app, "low")).set_value("600"))
    assert "units**: expected low below high, got low 600 and high 512." in shown(app)
    assert app.button(key=START).disabled
    app = changed(app.text_input(key=units(app, "low")).set_value("x"))
    assert app.text_input(key=units(app, "low")).value == "x"
    assert 'expected a finite number for low, got "x".' in shown(app)
    app = changed(next(button for button in app.button if button.label == "Undo").click())
    assert app.text_input(key=units(app, "low")).value == "32", "what is typed in one box is undone together"


def test_choices_presence_repetition_and_kinds_vary(app: AppTest) -> None:
    app = vary(app, "Layer 2 (Dense), activation")
    dense, dropout = draft(app).ids["layers"][1:3]
    choices = f"build.layers.{dense}.activation:choices"
    app = changed(app.multiselect(key=choices).set_value(["relu", "none"]))
    app = vary(app, "optimizer")
    search = draft(app).searched()
    assert search == {"layers.2.activation": ["relu", None], "optimizer": [{"name": "Adam"}, {"name": "SGD"}]}
    app = changed(app.text_input(key="build.optimizer:option-1").set_value("{name: SGD, momentum: 0.9}"))
    app = changed(app.selectbox(key="build.optimizer:another-2").set_value("RMSprop"))
    assert draft(app).searched()["optimizer"][1:] == [{"name": "SGD", "momentum": 0.9}, {"name": "RMSprop"}]
    for name in ("present", "repeat"):
        app = _menu(app, dropout, name)
    assert draft(app).searched()["layers.3"] == {"present": [True, False], "repeat": {"low": 1, "high": 3}}
    app = changed(app.text_input(key=f"build.layers.{dropout}:times-high").set_value("2"))
    assert "layers.3: {present: [true, false], repeat: {low: 1, high: 2}}" in app.text_area[0].value
    assert not app.button(key=START).disabled
    assert "24 combinations" in shown(app)


def _menu(app: AppTest, card: int, name: str) -> AppTest:
    """Choose from the menu of a layer, which `AppTest` of Streamlit 1.67 cannot press."""
    found = draft(app)
    first = {"present": [True, False], "repeat": {"low": 1, "high": 3}}[name]
    before = found.search.domains.get(("layers", card), {})
    history = app.session_state["build.drafts"]
    app.session_state["build.drafts"] = history.do(found.vary(("layers", card), {**before, name: first}))
    return changed(app)


def test_space_is_checked_before_it_is_searched(app: AppTest) -> None:
    app = vary(app, "Layer 2 (Dense), units")
    assert "checked configs cannot be trained" in shown(app)
    assert "2 × layers.2: Too many units." in shown(app)
    assert "The largest takes" in shown(app)
    assert "A trial takes 2 s, the sweep about 2 min." in shown(app)
    app = changed(app.text_input(key="build.sweep.trials").set_value("10"))
    assert "the sweep about 2 min." not in shown(app)
    app = changed(app.text_input(key=units(app, "low")).set_value("400"))
    assert "None of 10 checked configs of the space can be trained, for example" in shown(app)


def test_settings_are_chosen_and_refused(app: AppTest) -> None:
    app = vary(app, "epochs")
    assert app.selectbox(key="build.sweep.sampler").value == "default"
    assert "Tries every combination once" in shown(app), "five combinations are fewer than the trials"
    app = changed(app.selectbox(key="build.sweep.sampler").set_value("sobol"))
    app = changed(app.selectbox(key="build.sweep.pruner").set_value("median"))
    app = changed(app.multiselect(key="build.sweep.objective").set_value(["val_loss"]))
    assert app.selectbox(key="build.sweep.direction-0").value == "minimize"
    app = changed(app.text_input(key="build.sweep.confirm").set_value("2x3"))
    assert "sweep: {sampler: sobol, pruner: median, objective: [val_loss], confirm: 2x3}" in app.text_area[0].value
    app = changed(app.multiselect(key="build.sweep.objective").set_value(["val_loss", "val_accuracy"]))
    assert "The pruner median needs a single objective" in shown(app)
    assert app.button(key=START).disabled
    app = changed(app.selectbox(key="build.sweep.pruner").set_value("none"))
    app = changed(app.text_input(key="build.sweep.trials").set_value("0"))
    assert "trials**: expected a value of at least 1, got 0." in shown(app)


def test_grid_without_an_end_is_refused_in_words(app: AppTest) -> None:
    app = vary(app, "optimizer.learning_rate")
    app = changed(app.selectbox(key="build.sweep.sampler").set_value("grid"))
    assert "has infinitely many values; give it a step" in shown(app)


def test_start_queues_the_sweep_once(home: Home, app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[Any] = []
    monkeypatch.setattr("dashboard.views.build.start_sweep.go", lambda page, **query: went.append((page, query)))
    monkeypatch.setattr(sweep_actions, "name_of_person", lambda: "lea")
    app = vary(app, "Layer 3 (Dropout), rate")
    app = changed(app.text_input(key="build.sweep.trials").set_value("4"))
    app = changed(app.button(key=START).click())
    app = changed(app.button(key=START).click())
    reader = open_reader(home.tracking_uri(environment={}))
    (run,) = sweeps(reader, 5)
    assert went[0] == (navigation.SWEEP, {"id": run.run_id})
    assert run.author == "lea"
    kept = sweep_file_of(reader, run)
    assert kept.settings.trials == 4
    assert kept.space == load_sweep(app.text_area[0].value).space
    again = page_of(draw_build)
    again.query_params["from"] = run.run_id
    opened = again.run()
    assert not opened.exception
    assert opened.toggle(key=SWITCH).value
    assert draft(opened).searched() == {"layers.3.rate": {"low": 0.1, "high": 0.5}}


def test_text_with_a_search_becomes_a_sweep_and_without_one_a_config(home: Home) -> None:
    app = page_of(draw_build).run()
    app = changed(app.text_area[0].set_value(NETWORK + SEARCH))
    assert app.toggle(key=SWITCH).value
    assert draft(app).searched() == load_sweep(NETWORK + SEARCH).domains() | {
        "optimizer": ["adam", {"name": "SGD", "momentum": 0.9}]
    }
    app = changed(app.text_area[0].set_value(NETWORK + "search: {layers.2.unitz: [1, 2]}\n"))
    assert "Line 9**, **layers.2.unitz**" in shown(app)
    assert "did you mean layers.2.units?" in shown(app)
    app = changed(app.text_area[0].set_value(NETWORK))
    assert not app.toggle(key=SWITCH).value
    assert not draft(app).searched()


def test_networks_that_differ_are_measured() -> None:
    space = load_sweep(
        NETWORK + "search: {optimizer.learning_rate: [0.1, 0.2], layers.2.units: [1, 2, 3, 4, 5, 6]}"
    ).space
    names = [each.name for each in space.dimensions]
    configs = [
        space.config_of(dict(zip(names, [units, rate], strict=True))) for units in range(1, 7) for rate in (0.1, 0.2)
    ]
    chosen = timing.to_measure(configs)
    assert [getattr(config.layers[1], "units", 0) for config in chosen] == [1, 2, 3, 4]
