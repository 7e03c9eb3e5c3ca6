"""Compare's charts of settings."""

import math
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.compare import lines
from dashboard.views.compare import importance, settings
from dashboard.views.compare.setting_table import setting_table
from tests.support.pages import draw_compare, page_of
from tests.support.runs import a_run
from tests.support.sweep import swept_home


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home with thirty runs that differ in settings, and their ids."""
    return swept_home(tmp_path_factory.mktemp("swept"))


@pytest.fixture
def app(swept: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("FITBOARD_HOME", str(swept[0]))
    return page_of(draw_compare)


def asked(app: AppTest, run_ids: list[str], **query: str) -> AppTest:
    app.query_params["runs"] = ",".join(run_ids)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption))


def test_parallel_coordinates_have_an_axis_per_setting(app: AppTest, swept: tuple[Path, list[str]]) -> None:
    asked(app, swept[1])
    assert app.multiselect(key="setting").value == ["learning_rate", "seed", "layer.2.units"]
    assert app.selectbox(key="target").value == "val_accuracy"
    assert "Drag along an axis to select the runs that pass there" in said(app)


def test_brushed_runs_can_be_compared_alone(app: AppTest, swept: tuple[Path, list[str]]) -> None:
    app.query_params["brush"] = ["val_accuracy:0.9:1", "gone:0:0.1", "seed:high:low", "seed:1:0", "seed"]
    asked(app, swept[1])
    assert "of 30 runs selected" in said(app)
    assert r"Best val\_accuracy:" in said(app)
    app.button(key="compare.only").click().run()
    assert not app.exception
    kept = "".join(app.query_params["runs"]).split(",")
    assert 2 <= len(kept) < 15
    assert set(kept) < set(swept[1])
    assert "brush" not in app.query_params
    assert "runs selected" not in said(app)


def test_setting_in_the_address_that_no_run_has_is_named(app: AppTest, swept: tuple[Path, list[str]]) -> None:
    asked(app, swept[1][:4], settings="Scatter", x="momentum", color="run")
    assert [each.value for each in app.warning] == ["None of these runs has the metric or differing param “momentum”."]


def test_param_and_metric_of_one_name_are_told_apart() -> None:
    runs = [
        a_run(run_id=f"{place:032x}", params={"loss": kind}, metrics={"loss": float(place)})
        for place, kind in enumerate(("mse", "mae", "huber"))
    ]
    table = setting_table(runs, lines([run.run_id for run in runs], {}), "loss")
    assert [each.name for each in table.settings] == ["loss (param)"]
    assert table.variable("loss").numbers == (0.0, 1.0, 2.0)
    assert table.variable("loss (param)").texts == ("mse", "mae", "huber")
    assert list(table.of([*table.settings, table.target]).columns) == ["run_id", "run", "loss (param)", "loss"]


def test_importances_name_method_and_runs(app: AppTest, swept: tuple[Path, list[str]]) -> None:
    asked(app, swept[1], settings="Importance")
    assert "permutation importance of a random forest, over 30 finished runs" in said(app)


def test_importances_below_20_runs_are_refused_with_the_reason(app: AppTest, swept: tuple[Path, list[str]]) -> None:
    asked(app, swept[1][:19], settings="Importance")
    assert r"at least 20 finished runs with a finite val\_accuracy, got 19" in said(app)


def test_of_many_settings_the_first_40_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [
        a_run(run_id=f"{place:032x}", params={"a": str(place)}, metrics={"loss": float(place)}) for place in range(20)
    ]
    ranked: list[int] = []
    monkeypatch.setattr(importance, "importances_of", lambda _, __, params, ___: ranked.append(len(params[0])))
    table = setting_table(runs, lines([run.run_id for run in runs], {}), "loss")
    many = tuple(table.settings[0]._replace(name=f"s{place}") for place in range(60))
    importance.draw_importances(table._replace(settings=many))
    assert ranked == [40]


def test_runs_without_the_metric_are_counted_and_others_that_change_together_named() -> None:
    runs = [
        a_run(run_id=f"{place:032x}", params={"a": str(place), "b": str(-place)}, metrics={"loss": value})
        for place, value in enumerate((0.1, 0.2, math.nan, math.inf))
    ]
    table = setting_table(runs, lines([run.run_id for run in runs], {}), "loss")
    assert [each.name for each in table.settings] == ["a"]
    (words,) = settings._said(runs, table, {})
    assert (
        words
        == "2 runs without a finite loss are left out. a stands for b as well: in these runs they change together."
    )


@pytest.mark.parametrize("chart", ["Scatter", "Slices"])
def test_other_charts_are_drawn(app: AppTest, swept: tuple[Path, list[str]], chart: str) -> None:
    asked(app, swept[1][:6], settings=chart)
    assert ("Rings are means" in said(app)) == (chart == "Slices")


def test_two_runs_have_no_section_of_settings(app: AppTest, swept: tuple[Path, list[str]]) -> None:
    asked(app, swept[1][:2])
    assert "## Settings" not in [each.value for each in app.markdown]
