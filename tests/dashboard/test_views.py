"""The menu of saved views on Runs and Compare."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import loaders
from dashboard.loaders import checks
from tests.support.pages import draw_compare, draw_runs, page_of
from tests.support.store import run_id_of
from trainer.config.check import CheckReport
from trainer.home import Home
from trainer.tracking import Store, View, ViewPage, open_store, views_of
from trainer.tracking.views import view_value
from trainer.tracking.write.views import save_view

FINISHED, SECOND = run_id_of("finished"), run_id_of("second")


@pytest.fixture
def store(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    loaders.forget_experiments()
    home = Home(seeded_home)
    return open_store(home.tracking_uri(environment={}), home)


@pytest.fixture
def app(store: Store) -> AppTest:
    return page_of(draw_runs)


def kept(store: Store) -> tuple[View, ...]:
    return views_of(store.reader.experiments()).views


def experiment(store: Store, name: str = "Default") -> str:
    return next(each.experiment_id for each in store.reader.experiments() if each.name == name)


def view_links(app: AppTest) -> list[Any]:
    """The links of the listed views; the page has others, which open none."""
    return [each for each in app.get("page_link") if "view=" in each.proto.query_string]


def links(app: AppTest) -> list[str]:
    """The labels of the listed views."""
    return [each.proto.label for each in view_links(app)]


def warned(app: AppTest) -> list[str]:
    return [each.value.replace("\\", "") for each in app.warning]


def name_field(app: AppTest) -> Any:
    return next(each for each in app.text_input if str(each.key).startswith("views.name"))


def press(app: AppTest, key: str) -> None:
    next(each for each in app.button if each.key == key).click().run()
    assert not app.exception


def search(app: AppTest, text: str) -> None:
    """Type into the search box, which a browser writes into the address too."""
    app.query_params["q"] = text
    app.text_input(key="q").set_value(text).run()


def choose(app: AppTest, view_id: str, action: str) -> None:
    """Choose an action in the menu of a view, which AppTest has no class for."""
    app.session_state["views.changing"] = (view_id, action)
    app.run()


def test_view_of_runs_is_saved_with_the_address_and_opened_again(app: AppTest, store: Store) -> None:
    app.query_params["columns"] = ["metrics.val_loss", "params.seed"]
    app.query_params["page"] = "2"
    app.run()
    search(app, "digits")
    name_field(app).set_value("Best <b>*one*</b>")
    app.selectbox(key="views.experiment").set_value("another program")
    press(app, "views.saved")

    (view,) = kept(store)
    assert (view.name, view.page, view.experiment) == ("Best <b>*one*</b>", ViewPage.RUNS, "another program")
    assert dict(view.query)["q"] == "digits"
    assert [value for name, value in view.query if name == "columns"] == ["metrics.val_loss", "params.seed"]
    assert not {"page", "view"} & dict(view.query).keys()
    assert app.query_params["view"] == view.id
    assert [each.value for each in app.toast] == ["Saved the view “Best \\<b\\>\\*one\\*\\<\\/b\\>”\\."]

    assert name_field(app).value == ""
    (link,) = view_links(app)
    assert (link.proto.page_script_hash, link.proto.label) != ("", "")
    assert link.proto.query_string.endswith(f"&view={view.id}")
    assert {"q=digits", "columns=metrics.val_loss", "columns=params.seed"} < set(link.proto.query_string.split("&"))
    assert not app.warning


def test_changed_view_is_saved_again(app: AppTest, store: Store) -> None:
    view = save_view(store, experiment(store), "mine", ViewPage.RUNS, [("q", "digits")])
    app.query_params["q"] = "digits"
    app.query_params["view"] = view.id
    app.run()
    assert "views.overwrite" not in {each.key for each in app.button}
    search(app, "seed")
    press(app, "views.overwrite")
    assert [each.query for each in kept(store)] == [(("q", "seed"),)]
    assert "views.overwrite" not in {each.key for each in app.button}


def test_view_without_a_name_is_refused_and_nothing_is_lost(app: AppTest, store: Store) -> None:
    app.run()
    name_field(app).set_value("x" * 251)
    press(app, "views.saved")
    assert "at most 250 characters" in app.error[0].value
    assert name_field(app).value == "x" * 251
    name_field(app).set_value("x")
    press(app, "views.saved")
    assert not app.error
    assert [each.name for each in kept(store)] == ["x"]


def test_view_is_renamed_and_deleted(app: AppTest, store: Store) -> None:
    view = save_view(store, experiment(store), "mine", ViewPage.RUNS, [])
    app.query_params["view"] = view.id
    app.run()
    choose(app, view.id, "rename")
    app.text_input(key="views.new_name").set_value(" ")
    press(app, "views.renamed")
    assert "must have a visible character" in app.error[0].value
    app.text_input(key="views.new_name").set_value("ours")
    press(app, "views.renamed")
    assert ([each.name for each in kept(store)], links(app)) == (["ours"], ["ours"])

    choose(app, view.id, "delete")
    press(app, "views.cancelled")
    assert kept(store)
    choose(app, view.id, "delete")
    press(app, "views.deleted")
    assert not kept(store)
    assert links(app) == []
    assert "view" not in app.query_params
    assert not app.warning


def test_view_that_names_what_is_gone_says_so_in_one_sentence(app: AppTest, store: Store) -> None:
    view = save_view(store, experiment(store), "old", ViewPage.RUNS, [("q", "metrics.nope > 1")])
    app.query_params["view"] = view.id
    app.query_params["columns"] = ["metrics.gone", "params.away"]
    app.query_params["experiment"] = ["lost", "Default"]
    app.query_params["q"] = "metrics.nope > 1"
    app.run()
    assert not app.exception
    assert warned(app) == [
        "The view “old” no longer fits this store: Experiment “lost” not found; Column “metrics.gone” not found; "
        "Column “params.away” not found; and 1 more."
    ]


def test_address_of_a_deleted_view_says_so_and_keeps_its_filters(app: AppTest) -> None:
    app.query_params["view"] = "0" * 32
    app.query_params["q"] = "digits"
    app.run()
    assert warned(app) == ["The saved view in the address was not found; it may have been deleted."]
    assert app.text_input(key="q").value == "digits"


def test_views_of_mlflow_are_listed_and_those_that_cannot_be_read_are_named(app: AppTest, store: Store) -> None:
    state: dict[str, Any] = {"searchFilter": "digits", "startTime": "LAST_HOUR"}
    value = json.dumps({"name": "From MLflow", "createdAt": 1, "state": json.dumps(state)})
    store.tag_experiment(experiment(store), "mlflow.sharedViewState.aa", value)
    store.tag_experiment(experiment(store), "fitboard.view.bb", "nonsense")
    app.run()
    (link,) = view_links(app)
    assert link.proto.label == "From MLflow"
    assert "experiment=Default&q=digits" in link.proto.query_string
    assert "Not shown here: the period of time" in link.proto.help
    assert any("1 view cannot be read: fitboard.view.bb" in each.value.replace("\\", "") for each in app.caption)
    assert not any(str(each.key).startswith("views.more") for each in app.get("menu_button"))


def test_view_of_compare_keeps_its_runs_and_names_those_that_are_gone(store: Store) -> None:
    app = page_of(draw_compare)
    app.query_params["runs"] = f"{FINISHED},{SECOND}"
    app.query_params["metric"] = ["val_loss"]
    app.run()
    name_field(app).set_value("two")
    press(app, "views.saved")
    (view,) = kept(store)
    assert (view.page, dict(view.query)) == (ViewPage.COMPARE, {"runs": f"{FINISHED},{SECOND}", "metric": "val_loss"})

    app.query_params["runs"] = f"{FINISHED},{SECOND},{'f' * 32},{'e' * 32}"
    app.run()
    (words,) = warned(app)
    assert words.startswith("The view “two” no longer fits this store: ")
    assert words.count(";") >= 1


def test_of_many_views_some_are_listed_and_all_are_found(app: AppTest, store: Store) -> None:
    for number in range(25):
        value = view_value(f"view {number:02}", ViewPage.RUNS, [])
        store.tag_experiment(experiment(store), f"fitboard.view.{number}", value)
    app.query_params["view"] = "24"
    app.run()
    assert links(app) == ["view 24", *(f"view {number:02}" for number in range(9))]
    assert "10 of 25 views are listed." in [each.value for each in app.caption]
    app.text_input(key="views.find").set_value("VIEW 2").run()
    assert links(app) == ["view 24", "view 20", "view 21", "view 22", "view 23"]
    app.text_input(key="views.find").set_value("nope").run()
    assert links(app) == []
    assert "No view has “nope” in its name." in [each.value.replace("\\", "") for each in app.caption]
