"""Build with the user's own tables: kept datasets in the list, and columns to choose instead of to type."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.loaders import checks, own_data
from tests.support.pages import draw_build, opened
from tests.support.series_files import sales
from trainer.home import Home


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: None)
    Home.resolve(tmp_path / "home").make()
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "size": random.normal(50, 10, 60).round(2),
            "color": random.choice(["red", "blue"], 60),
            "weight": 1.0,
            "bought": ["yes", "no"] * 30,
        }
    )
    frame.to_csv(tmp_path / "customers.csv", index=False)
    yield tmp_path / "customers.csv"
    st.cache_data.clear()


def dataset_in(app: AppTest) -> dict[str, object]:
    drafts = app.session_state["build.drafts"]
    return dict(drafts.now.part(("dataset",)))


def test_kept_dataset_is_chosen_by_its_name(table: Path) -> None:
    own_data.keep("My customers", own_data.found(str(table)), {"target": "bought"}, copy=False)
    app = opened(draw_build)
    app.selectbox(key="build.dataset").set_value("kept: My customers").run()
    assert dataset_in(app) == {"name": "csv", "path": str(table), "target": "bought"}
    assert app.selectbox(key="build.dataset").value == "kept: My customers"
    assert "My customers · csv, 60 rows" in app.selectbox(key="build.dataset").options
    assert [each.key for each in app.get("file_uploader")] == ["build.yaml.file"]


def test_columns_are_chosen_from_those_of_the_file(table: Path) -> None:
    own_data.keep("mine", own_data.found(str(table)), {"target": "bought"}, copy=False)
    app = opened(draw_build)
    app.selectbox(key="build.dataset").set_value("kept: mine").run()
    assert app.multiselect(key="build.dataset.target:columns").options == ["size", "color", "weight", "bought"]
    app.multiselect(key="build.dataset.target:columns").set_value(["bought", "size"]).run()
    app.button(key="build.dataset:more-button").click().run()
    app.selectbox(key="build.dataset.weight:column").set_value("weight").run()
    app.selectbox(key="build.dataset.columns:roles.1").set_value("hashed").run()
    app.selectbox(key="build.dataset.split:kind").set_value("group").run()
    app.selectbox(key="build.dataset.split.column:column").set_value("color").run()
    assert dataset_in(app) == {
        "name": "csv",
        "path": str(table),
        "target": ["bought", "size"],
        "weight": "weight",
        "columns": {"color": "hashed"},
        "split": {"by": "group", "column": "color"},
    }
    app.selectbox(key="build.dataset.columns:roles.1").set_value("auto").run()
    assert "columns" not in dataset_in(app)


def test_file_that_cannot_be_read_leaves_boxes_to_type_in(table: Path) -> None:
    own_data.keep("mine", own_data.found(str(table)), {"target": "bought"}, copy=False)
    app = opened(draw_build)
    app.selectbox(key="build.dataset").set_value("kept: mine").run()
    table.unlink()
    app.run()
    assert app.text_input(key="build.dataset.target:texts").value == "bought"
    assert not app.exception


def test_kept_series_is_chosen_drawn_and_changed(table: Path) -> None:
    sales(table.with_name("sales.csv"))
    fields = {"name": "series", "target": "sold", "time": "day", "id": "store", "past": 8, "horizon": 3}
    own_data.keep("stores", own_data.found(str(table.with_name("sales.csv"))), fields, copy=False)
    app = opened(draw_build)
    app.selectbox(key="build.dataset").set_value("kept: stores").run()
    assert "stores · series, 153 rows" in app.selectbox(key="build.dataset").options
    assert not app.exception
    words = " ".join(each.value for each in (*app.markdown, *app.caption)).replace("\\", "")
    assert "8 × 10 · regression" in words
    assert "windows of 153 steps in 3 series, by day." in words
    app.selectbox(key="build.dataset.id:column").set_value("rain").run()
    app.button(key="build.dataset:more-button").click().run()
    app.selectbox(key="build.dataset.split:choice").set_value("id").run()
    assert {name: dataset_in(app)[name] for name in ("split", "id")} == {"split": "id", "id": "rain"}
    assert "'rain' in sales.csv is missing in row" in " ".join(each.value for each in app.error).replace("\\", "")
