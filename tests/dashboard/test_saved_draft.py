"""What Build says where a saved draft cannot be read or written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.draft import Draft, History, Saved
from dashboard.loaders import checks
from dashboard.loaders.drafts import load_draft, save_draft
from dashboard.views.build import saved_draft
from tests.support.pages import page_of
from tests.support.store import run_id_of
from trainer.config.check import CheckReport
from trainer.config.recipes import RECIPES
from trainer.home import Home

BROWSER = "b" * 43


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda _: None)
    monkeypatch.setattr(saved_draft, "_browser", lambda: BROWSER)
    yield Home.resolve(tmp_path).make()
    st.cache_data.clear()


def page() -> AppTest:
    def draw() -> None:
        from dashboard.views import build

        build.render()

    return page_of(draw)


def name(app: AppTest) -> str:
    return str(app.text_input(key="build.name:text").value)


def test_new_session_begins_with_the_saved_draft_and_saves_changes(home: Home) -> None:
    begun = History(Draft.of(RECIPES[0].config.short()).change(("name",), "kept"))
    save_draft(home, BROWSER, Saved(begun))
    app = page().run()
    assert name(app) == "kept"
    app.text_input(key="build.name:text").set_value("changed").run()
    found = load_draft(home, BROWSER)
    assert found is not None
    assert found.history.now.plain()["name"] == "changed"
    assert found.history.undo().now.plain()["name"] == "kept"


def test_draft_that_nobody_has_changed_is_not_saved(home: Home) -> None:
    page().run()
    assert load_draft(home, BROWSER) is None


def test_reload_of_an_address_that_fills_build_keeps_what_was_changed_since(home: Home) -> None:
    begun = History(Draft.of(RECIPES[0].config.short()).change(("name",), "changed since"))
    save_draft(home, BROWSER, Saved(begun, filled_from="ab" * 16))
    app = page()
    app.query_params["from"] = "ab" * 16
    app.run()
    assert name(app) == "changed since"
    assert not app.warning


def test_address_names_a_run_by_the_beginning_of_its_id_as_on_every_page(
    seeded_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda _: CheckReport(ok=True, input_shape=()))
    app = page()
    app.query_params["from"] = run_id_of("second")[:8]
    app.run()
    assert not app.warning
    filled = app.session_state["build.drafts"].now.plain()
    assert filled["seed"] == 1
    assert "name" not in filled  # a variant is not called like the run that it comes from


def test_damaged_draft_is_said_once_and_build_starts_anew(home: Home) -> None:
    save_draft(home, BROWSER, Saved(History(Draft.of(RECIPES[0].config.short()))))
    (file,) = home.drafts.iterdir()
    file.write_text("{")
    app = page().run()
    assert not app.exception
    assert "damaged" in app.warning[0].value
    app.text_input(key="build.name:text").set_value("anew").run()
    app.run()
    assert not app.warning
    assert load_draft(home, BROWSER) is not None


def test_draft_that_cannot_be_saved_is_said_and_editing_goes_on(home: Home) -> None:
    home.drafts.write_text("a file where the folder should be")
    app = page().run()
    app.text_input(key="build.name:text").set_value("unsaved").run()
    assert not app.exception
    assert "a reload would lose it" in app.warning[0].value
    assert name(app) == "unsaved"
