import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import loaders, state
from dashboard.keys import RunsKey
from dashboard.loaders import checks
from dashboard.navigation import COMPARE, address_of
from dashboard.views.runs import page as view
from dashboard.views.runs import table as table_view
from dashboard.views.runs.columns import RunRows
from dashboard.views.runs.filters import run_filters
from dashboard.views.runs.group_rows import GROUP
from dashboard.views.runs.kept import take_back
from tests.support.pages import draw_runs, page_of
from tests.support.store import SeedRun, add_run, add_runs, run_id_of
from trainer.config.check import CheckReport
from trainer.errors import StoreUnreachableError
from trainer.execution import queue_name
from trainer.home import Home
from trainer.tracking import Common, Progress, Reading, Run, Status, Tag, open_reader, open_store, queued_runs
from trainer.tracking.run import PARENT_TAG
from trainer.tracking.user import USER_TAG, this_user

FINISHED, SECOND = run_id_of("finished"), run_id_of("second")


@pytest.fixture
def app(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Runs page over a store with a run of every state; it notes where it goes instead of going there."""
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    return page_of(draw_runs)


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Where the page went."""
    places: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(view, "go", lambda page, **query: places.append((page.path, query)))
    return places


def table(app: AppTest) -> dict[str, Any] | None:
    """What the browser is given to draw; None where there is no table."""
    drawn = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "fitboard_runs"]
    return json.loads(drawn[0].json) if drawn else None


def rows(app: AppTest) -> list[dict[str, Any]]:
    return (table(app) or {"rows": []})["rows"]


def columns(app: AppTest) -> list[str]:
    return [column["name"] for column in (table(app) or {"columns": []})["columns"]]


def column(app: AppTest, name: str) -> list[Any]:
    place = columns(app).index(name)
    cells = [row["cells"][place] for row in rows(app)]
    return [cell["text"] for cell in cells] if name.startswith("metrics.") else cells


def names(app: AppTest) -> list[str]:
    return column(app, "name")


def statuses(app: AppTest) -> list[str]:
    return [chip["word"] for chip in column(app, "status")]


def button(app: AppTest, key: str) -> Any:
    return app.button(key=f"runs.{key}")


def test_runs_lists_every_run_newest_first_with_its_main_results(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert len(rows(app)) == 11
    assert names(app)[:2] == ["sklearn-forest", "digits-mlp"]
    assert "<b>bold</b> & <script>alert(1)</script> 100%_done" in names(app)
    assert {"metrics.test_accuracy", "curve", "layers", "progress"} <= set(columns(app))
    assert "NaN" in column(app, "metrics.test_accuracy")
    assert rows(app)[0]["href"] == f"run?id={rows(app)[0]['id']}"
    assert any("11 runs" in caption.value for caption in app.caption)


def test_columns_have_the_order_and_the_widths_of_the_address(app: AppTest) -> None:
    app.run()
    default = columns(app)
    app.query_params["order"] = ["gone", "curve", "status"]
    app.query_params["width"] = ["status:90", "curve:x", "gone:50"]
    app.run()
    assert columns(app)[:4] == ["color", "name", "curve", "layers"]
    assert sorted(columns(app)) == sorted(default)
    widths = {column["name"]: column["width"] for column in (table(app) or {})["columns"]}
    assert {name: width for name, width in widths.items() if width} == {"status": 90}
    button(app, "reset_columns").click().run()
    assert (columns(app), "width" in app.query_params) == (default, False)


def test_search_takes_a_filter_in_the_syntax_of_mlflow(app: AppTest) -> None:
    app.run()
    app.text_input(key="q").set_value("params.seed = '1' and status = 'FINISHED'").run()
    shown = table(app)
    assert shown is not None
    assert [row["id"] for row in shown["rows"]] == [SECOND]
    assert not app.error


def test_filter_with_an_error_says_what_is_wrong_and_keeps_the_list(app: AppTest) -> None:
    app.run()
    app.text_input(key="q").set_value("params.seed = '1'").run()
    shown = rows(app)
    assert [row["id"] for row in shown] == [SECOND]
    app.text_input(key="q").set_value("params.seed = '1' and metrics.loss < 'a'").run()
    assert "must be compared with a number" in app.error[0].value
    assert "The list shows the last complete search" in app.error[0].value
    assert rows(app) == shown
    app.text_input(key="q").set_value("nothing at all has these words").run()
    app.text_input(key="q").set_value("params.seed =").run()
    assert any("No runs match" in words.value for words in app.markdown)
    app.text_input(key="q").set_value("metrics.los < 1").run()
    assert not app.error
    assert "did you mean" in app.warning[0].value


def test_search_finds_by_a_param_and_stands_in_the_address(app: AppTest) -> None:
    app.run()
    app.text_input(key="q").set_value("0.01").run()
    assert names(app) == ["digits-mlp"]
    app.text_input(key="q").set_value("no such run").run()
    assert table(app) is None
    assert any("No runs match" in words.value for words in app.markdown)
    button(app, "all").click().run()
    assert len(rows(app)) == 11


def test_address_filters_and_sorts(app: AppTest) -> None:
    app.query_params["status"] = ["failed", "stopped"]
    app.run()
    assert statuses(app) == ["stopped", "failed"]
    app.query_params["status"] = []
    app.multiselect(key="status").set_value([]).run()
    app.multiselect(key="experiment").set_value(["another program"]).run()
    assert names(app) == ["sklearn-forest"]


def test_sorting_by_a_metric_is_done_in_the_store_and_shows_its_column(app: AppTest) -> None:
    app.run()
    app.selectbox(key="sort").set_value("metrics.test_mae").run()
    assert column(app, "metrics.test_mae")[0] == "1.100"


def test_chosen_columns_stand_beside_the_main_results(app: AppTest) -> None:
    app.run()
    before = columns(app)
    app.multiselect(key="columns").set_value(["params.layer.2.units", "metrics.loss"]).run()
    assert set(before) < set(columns(app))
    assert set(columns(app)) - set(before) == {"params.layer.2.units", "metrics.loss"}


def test_value_of_a_metric_is_added_shown_and_sorted_by(app: AppTest) -> None:
    app.run()
    app.selectbox(key="runs.value.metric").set_value("val_accuracy").run()
    app.selectbox(key="runs.value.reading").set_value(Reading.AT_BEST).run()
    app.selectbox(key="runs.value.other").set_value("val_loss").run()
    button(app, "value.add").click().run()
    added = "metrics.val_accuracy@best:val_loss"
    assert not app.exception
    assert app.multiselect(key="columns").value == [added]
    head = next(each for each in table(app)["columns"] if each["name"] == added)
    assert (head["label"], head["sort"]) == ("val_accuracy at best val_loss", added)

    app.selectbox(key="sort").set_value(added).run()
    shown = [float(cell) for cell in column(app, added) if cell]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) > 3


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"columns": ["metrics.val_loss@first"]}, "Unknown value 'val_loss@first' of a metric"),
        ({"sort": ["metrics.val_loss@first"]}, "Unknown value 'val_loss@first' of a metric"),
        ({"columns": ["metrics.val_los@best"]}, "No run has a metric 'val_los'; did you mean 'val_loss'?"),
        ({"columns": ["metrics.epoch_seconds@best"]}, "“epoch_seconds” are better is unknown; choose it under Better"),
        ({"columns": ["metrics.nope@best"], "group": ["config"]}, "No run has a metric 'nope'."),
    ],
)
def test_value_of_the_address_that_cannot_be_read_is_said_and_all_runs_are_shown(
    app: AppTest, query: dict[str, list[str]], said: str
) -> None:
    app.query_params.update(query)
    app.run()
    assert not app.exception
    assert any(said in warning.value.replace("\\", "") for warning in app.warning)
    assert len(rows(app)) >= 3


def test_groups_summarize_a_chosen_value(app: AppTest) -> None:
    app.query_params.update({"group": ["config"], "columns": ["metrics.val_loss@best"], "lower": ["epoch_seconds"]})
    app.query_params["sort"] = ["metrics.epoch_seconds@best"]
    app.run()
    assert not app.exception
    assert not app.warning
    for name in ("metrics.val_loss@best", "metrics.epoch_seconds@best"):
        assert any("best" in cell for cell in column(app, name))


@pytest.mark.parametrize(
    ("key", "word", "said"),
    [
        ("experiment", "nope", "Experiment “nope” not found."),
        ("status", "lazy", "Unknown status “lazy”; expected queued, running, "),
    ],
)
def test_filter_of_the_address_that_names_nothing_is_said_and_shows_nothing(
    app: AppTest, key: str, word: str, said: str
) -> None:
    app.query_params[key] = [word]
    app.run()
    assert not app.exception
    assert table(app) is None
    assert said in app.warning[0].value.replace("\\", "")
    assert app.query_params[key] in (word, [word])
    button(app, "all").click().run()
    assert len(rows(app)) == 11
    assert not app.warning


@pytest.mark.parametrize("name", ["metrics.nope", "nope", "val_accuracy@best"])
@pytest.mark.parametrize("key", ["sort", "columns"])
def test_column_of_the_address_that_no_run_has_is_said_and_all_runs_are_shown(
    app: AppTest, key: str, name: str
) -> None:
    app.query_params[key] = [name]
    for _ in range(2):
        app.run()
        assert not app.exception
        assert f"Column “{name}” not found." in app.warning[0].value.replace("\\", "")
        assert len(rows(app)) == 11
    app.query_params[key] = []
    if key == "sort":
        app.selectbox(key=key).set_value("name").run()
    else:
        app.multiselect(key=key).set_value([]).run()
    assert not app.warning


def test_filter_that_names_something_beside_nothing_shows_that(app: AppTest) -> None:
    app.query_params["experiment"] = ["nope", "another program"]
    app.run()
    assert names(app) == ["sklearn-forest"]
    assert "Experiment “nope” not found" in app.warning[0].value


def test_compare_goes_to_the_selected_runs(app: AppTest, gone: list[Any]) -> None:
    app.run()
    assert button(app, "compare").disabled
    app.session_state["runs.selected"] = (FINISHED, SECOND)
    app.run()
    button(app, "compare").click().run()
    assert gone == [("compare", {"runs": f"{FINISHED},{SECOND}"})]


def test_compare_takes_along_which_way_metrics_are_better(app: AppTest, gone: list[Any]) -> None:
    app.query_params["lower"] = ["rmse"]
    app.session_state["runs.selected"] = (FINISHED, SECOND)
    app.run()
    assert app.multiselect(key="lower").value == ["rmse"]
    button(app, "compare").click().run()
    assert gone[0][1]["lower"] == ("rmse",)
    assert address_of(COMPARE, **gone[0][1]).endswith("&lower=rmse")


def menu(app: AppTest) -> Any:
    return app.menu_button(key="runs.more")


def choose(app: AppTest, action: str) -> None:
    menu(app).click(action).run()


def test_selection_outlives_a_filter_that_hides_it(app: AppTest) -> None:
    app.session_state["runs.selected"] = (FINISHED,)
    app.run()
    app.text_input(key="q").set_value("sklearn").run()
    assert state_of(app) == (FINISHED,)
    assert not button(app, "rerun").disabled


def state_of(app: AppTest) -> tuple[str, ...]:
    return tuple(app.session_state["runs.selected"])


def test_delete_takes_runs_away_and_undo_brings_them_back(app: AppTest) -> None:
    app.session_state["runs.selected"] = (FINISHED, SECOND)
    app.run()
    choose(app, "delete")
    assert len(rows(app)) == 9
    assert any("2 runs were deleted" in words.value for words in app.markdown)
    button(app, "undo").click().run()
    assert len(rows(app)) == 11
    assert not any("deleted" in words.value for words in app.markdown)


def test_delete_leaves_a_live_run_alone_and_says_so(app: AppTest) -> None:
    app.session_state["runs.selected"] = (run_id_of("queued"),)
    app.run()
    choose(app, "delete")
    assert len(rows(app)) == 11
    assert any("stop it first" in toast.value for toast in app.toast)


def test_rerun_queues_the_same_config_and_names_its_source(app: AppTest) -> None:
    app.session_state["runs.selected"] = (FINISHED, SECOND)
    app.run()
    button(app, "rerun").click().run()
    assert len(rows(app)) == 13
    assert statuses(app)[:2] == ["queued", "queued"]


def test_stop_ends_a_queued_run_where_no_worker_runs(app: AppTest) -> None:
    app.session_state["runs.selected"] = (run_id_of("queued"), FINISHED)
    app.run()
    choose(app, "stop")
    assert any("Asked 1 run to stop" in toast.value for toast in app.toast)
    assert "queued" not in statuses(app)


def test_runs_that_wait_are_moved_to_the_front_in_their_order(app: AppTest, seeded_home: Path) -> None:
    app.session_state["runs.selected"] = (FINISHED, SECOND, run_id_of("killed"))
    app.run()
    assert not any("queue" in label for label in menu(app).options)
    button(app, "rerun").click().run()
    assert column(app, "duration")[:3] == ["behind 2", "behind 1", "next"]
    first, second, third = (run.run_id for run in waiting(seeded_home))
    app.session_state["runs.selected"] = (third, second, FINISHED)
    app.run()
    choose(app, "first")
    assert any("Moved 2 runs to the front" in toast.value.replace("\\", "") for toast in app.toast)
    assert [run.run_id for run in waiting(seeded_home)] == [second, third, first]


def test_actions_that_only_fitboard_s_runs_have_are_not_offered_for_those_of_another_program(
    app: AppTest, seeded_home: Path
) -> None:
    home = Home(seeded_home)
    run = SeedRun(label="theirs", name="sklearn-forest", status=Status.RUNNING, start_time=1_700_000_000_000)
    theirs = add_run(home.tracking_uri(environment={}), home.artifacts, run)
    app.session_state["runs.selected"] = (theirs,)
    app.run()
    assert button(app, "rerun").disabled
    assert "created by another program" in button(app, "rerun").help
    assert not {"Stop", "Delete"} & {label.split()[-1] for label in menu(app).options}
    app.session_state["runs.selected"] = (theirs, FINISHED)
    app.run()
    choose(app, "delete")
    assert any("created by another program" in toast.value for toast in app.toast)
    assert theirs in {row["id"] for row in rows(app)}
    assert FINISHED not in {row["id"] for row in rows(app)}


def waiting(path: Path) -> tuple[Run, ...]:
    home = Home(path)
    return queued_runs(open_reader(home.tracking_uri(environment={})), queue_name(home))


def test_one_s_own_runs_are_listed_alone_and_the_column_says_whose_the_others_are(
    app: AppTest, seeded_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.run()
    assert RunsKey.MINE not in {toggle.key for toggle in app.toggle}, "nobody else uses a store in a home"
    assert "user" not in columns(app)
    store = open_store(Home(seeded_home).tracking_uri(environment={}), Home(seeded_home))
    store.set_tags(FINISHED, {USER_TAG: this_user()})
    monkeypatch.setattr(loaders, "is_shared", lambda: True)
    app.run()
    assert set(column(app, "user")) == {"somebody", "another person", this_user()}
    app.toggle(key=RunsKey.MINE).set_value(True).run()
    assert [row["id"] for row in rows(app)] == [FINISHED]
    assert "user" not in columns(app)
    app.text_input(key=RunsKey.SEARCH).set_value("nowhere").run()
    button(app, "all").click().run()
    assert len(rows(app)) == 11


def test_address_may_ask_for_one_s_own_runs(app: AppTest) -> None:
    app.query_params["mine"] = "true"
    app.run()
    assert rows(app) == []
    assert any("No runs match" in words.value for words in app.markdown)


def test_no_runs_at_all_offers_to_build_one(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    app = page_of(draw_runs).run()
    assert not app.exception
    assert any("No runs yet" in words.value for words in app.markdown)


def test_store_that_is_gone_is_one_sentence_and_the_list_comes_back(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Any) -> Any:
        raise StoreUnreachableError("The store does not answer; start it again.")

    with monkeypatch.context() as patch:
        patch.setattr("dashboard.loaders.run_page", away)
        app.run()
        assert not app.exception
        assert "does not answer" in app.warning[0].value
    app.run()
    assert len(rows(app)) == 11


def test_table_does_not_wait_for_what_all_runs_have_in_common(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "_A_PAGE", 3)
    app.query_params["q"] = "relu"
    answers: list[Any] = [StoreUnreachableError("The store does not answer; start it again.")]

    def common(query: Any, values: Any) -> Common:
        if isinstance(answers[0], StoreUnreachableError):
            raise answers[0]
        return Common(frozenset(answers[0]) & frozenset(values), 9)

    monkeypatch.setattr("dashboard.loaders.common_columns", common)
    app.run()
    assert len(rows(app)) == 3
    assert "dataset" not in columns(app)
    assert "does not answer" in app.warning[0].value
    answers[0] = [("param", "optimizer")]
    app.run()
    assert "dataset" in columns(app), "the page hides a column that other pages have other values of"
    (line,) = [each.value for each in app.caption if each.value.startswith("Same in")]
    assert line.endswith(": optimizer **Adam**")


@pytest.mark.slow
def test_a_page_of_ten_thousand_runs_is_paged_in_the_store(
    many_runs_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(many_runs_home))
    app = page_of(draw_runs).run()
    app.selectbox(key="sort").set_value("metrics.val_loss").run()
    app.pagination(key="page").set_value(3).run()
    assert len(rows(app)) == 50


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5_000, "-1", "²", "٣"])
@pytest.mark.parametrize("group", ["", "config"])
def test_page_of_any_number_shows_runs(app: AppTest, number: str, group: str) -> None:
    app.query_params.update({"page": number, "group": group} if group else {"page": number})
    app.run()
    assert not app.exception
    assert rows(app)


def test_half_a_filter_is_not_taken_for_one_that_nothing_matches(app: AppTest) -> None:
    app.query_params["q"] = "metrics.loss ="
    app.run()
    assert "The filter ends after `=`" in app.error[0].value
    words = " ".join(each.value for each in app.markdown)
    assert "No runs are listed until the filter is complete." in words
    assert "No runs match" not in words


def test_selected_rows_are_ticked_wherever_they_stand(app: AppTest) -> None:
    app.session_state["runs.selected"] = (SECOND, "elsewhere", FINISHED)
    app.run()
    assert (table(app) or {})["selected"] == [SECOND, FINISHED]


def test_what_a_tab_kept_is_restored_once_and_only_as_far_as_the_store_has_it(app: AppTest) -> None:
    kept = (table(app.run()) or {})["kept"]
    assert kept == {"fresh": True, "deleted": [], "selected": [], "members": {}, "open": [], "folded": []}

    sent = {
        "selected": [SECOND, "elsewhere", FINISHED, 3, SECOND],
        "members": {"a": [SECOND, FINISHED], "b": ["elsewhere"], "c": 5},
        "open": ["a", None],
        "folded": "abc",
    }
    restore(app, sent)
    kept = (table(app) or {})["kept"]
    assert kept == {
        "fresh": False,
        "deleted": [],
        "selected": [SECOND, FINISHED],
        "members": {"a": [SECOND, FINISHED]},
        "open": ["a"],
        "folded": [],
    }
    assert button(app, "compare").disabled is False
    restore(app, {"selected": []})
    assert (table(app) or {})["kept"] == kept, "what was selected since is not overwritten"


def test_selection_of_a_run_that_was_deleted_since_is_not_restored(app: AppTest) -> None:
    sent = {"selected": [SECOND, FINISHED]}
    app.session_state["runs.selected"] = (SECOND,)
    app.run()
    choose(app, "delete")
    for key in ("runs.selected", "runs.deleted"):
        del app.session_state[key]
    restore(app, sent)
    assert (table(app) or {})["kept"]["selected"] == [FINISHED]
    app.multiselect(key="status").set_value(["deleted"]).run()
    assert (table(app) or {})["kept"]["deleted"] == [SECOND], "the browser ticks no row that the server would not"


@pytest.mark.parametrize("sent", [None, 7, [], {}, {"selected": {"a": 1}, "members": [1], "open": 3}])
def test_what_another_program_left_in_the_tab_restores_nothing(app: AppTest, sent: object) -> None:
    restore(app, sent)
    assert not app.exception
    assert (table(app) or {})["selected"] == []


def restore(app: AppTest, sent: object) -> None:
    """Does what the browser does after a reload."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "run_filters", lambda *given: take_back(sent) or run_filters(*given))
        app.run()


def test_click_that_arrives_with_what_the_tab_kept_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"selected": ["a"], "open": ["seed 0"]}
    session: dict[str, Any] = {state.RunsKey.TABLE: {"restored": kept, "toggled": f"{GROUP}seed 1"}}
    monkeypatch.setattr(state.st, "session_state", session)
    monkeypatch.setattr(
        loaders, "runs_by_id", lambda ids: [SimpleNamespace(run_id=each, deleted=False) for each in ids]
    )
    calls: dict[str, Callable[[], None]] = {}
    monkeypatch.setattr(table_view, "table_part", lambda **given: calls.update(given))
    rows = RunRows((), {"name": []}, (), (), False)
    table_view.run_table(rows, order=("started", False))
    # Streamlit calls both in an order of its own.
    for name in ("on_toggled_change", "on_restored_change"):
        calls[name]()
    assert (state.runs.selected, state.runs.open_groups) == (("a",), ("seed 0", "seed 1"))
    session[state.RunsKey.TABLE] = {"toggled": f"{GROUP}seed 0"}
    calls["on_toggled_change"]()
    assert state.runs.open_groups == ("seed 1",), "most clicks arrive alone"


def test_ticks_on_other_pages_stay_and_unticking_takes_one_away(monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict[str, Any] = {"runs.selected": ("elsewhere", "a")}
    monkeypatch.setattr(state.st, "session_state", session)
    state.tick_runs(["b"], shown=["a", "b"])
    assert state.runs.selected == ("elsewhere", "b")
    state.tick_runs(["a", "b"], shown=["a", "b"])
    assert state.runs.selected == ("elsewhere", "b", "a")


def test_status_of_a_silent_run_has_a_colour_of_its_own(
    app: AppTest, seeded_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = Progress(time=1.0, epoch=1, epochs=2).dumps()
    run = SeedRun(label="silent", name="silent", status=Status.RUNNING, start_time=1, tags={str(Tag.PROGRESS): tag})
    add_run(Home(seeded_home).tracking_uri(environment={}), seeded_home / "artifacts", run)
    app.run()
    colors = {chip["word"].partition(" ")[0]: chip["color"] for chip in column(app, "status")}
    assert colors["silent"] not in {colors["queued"], colors["finished"], colors["failed"]}


def test_runs_are_grouped_and_a_group_opens_and_selects_its_runs(app: AppTest) -> None:
    app.query_params["group"] = "fields"
    app.query_params["by"] = ["params.seed"]
    app.run()
    assert not app.exception
    found = {row["name"]: row for row in rows(app)}
    assert set(found) == {"seed = 0", "seed = 1", "seed = –"}
    assert (
        column(app, "metrics.test_accuracy")[[row["name"] for row in rows(app)].index("seed = 0")]
        == "0.9629 (n 1), best 0.9629"
    )
    assert all(row["open"] is False for row in rows(app))
    assert any("3 groups of 11 runs" in caption.value for caption in app.caption)

    app.session_state["runs.open_groups"] = (found["seed = 1"]["id"].removeprefix("group:"),)
    app.run()
    assert [row["id"] for row in rows(app) if row.get("within")] == [SECOND]
    app.selectbox(key="runs.grouping").set_value("config").run()
    assert not app.exception
    assert len(rows(app)) > 1


def test_groups_by_no_field_or_an_unknown_one_say_so_and_list_all_runs(app: AppTest) -> None:
    app.query_params["group"] = "fields"
    app.run()
    assert "Choose one or more fields" in app.warning[0].value
    assert len(rows(app)) == 11
    app.multiselect(key="by").set_value(["params.seed"]).run()
    assert len(rows(app)) == 3


def add_nested(home: Path, children: int) -> str:
    """Add a parent with child runs, of which the last failed, all older than any other run; return its id."""
    uri, artifacts = f"sqlite:///{home / 'mlflow.db'}", home / "artifacts"
    parent = add_run(uri, artifacts, SeedRun(label="sweep", name="sweep", status=Status.FINISHED, start_time=1))
    add_runs(
        uri,
        artifacts,
        [
            SeedRun(
                label=f"child {index}",
                name=f"child {index}",
                status=Status.FAILED if index == children else Status.FINISHED,
                start_time=1 + index,
                tags={PARENT_TAG: parent},
            )
            for index in range(1, children + 1)
        ],
    )
    return parent


def test_child_runs_are_a_tree_that_folds_on_every_page_and_under_a_filter(app: AppTest, seeded_home: Path) -> None:
    parent = add_nested(seeded_home, 45)
    app.run()
    first = rows(app)
    # The parent is on the second page of 57 runs, and 39 of its child runs are on the first.
    place = next(place for place, row in enumerate(first) if row["id"] == parent)
    assert (place, len(first)) == (11, 51)
    assert (first[place]["unlisted"], first[place]["open"], first[place]["depth"]) == (True, True, 0)
    assert {(row["unlisted"], row["depth"]) for row in first[place + 1 :]} == {(False, 1)}

    app.session_state["runs.folded"] = (parent,)
    app.run()
    # With its child runs folded, all other runs are on one page.
    assert len(rows(app)) == 12
    assert (rows(app)[-1]["id"], rows(app)[-1]["open"], rows(app)[-1]["unlisted"]) == (parent, False, False)
    assert any("57 runs, 45 of them folded" in caption.value for caption in app.caption)

    app.session_state["runs.folded"] = ()
    app.text_input(key="q").set_value("attributes.run_name = 'child 45'").run()
    assert [(row["name"], row["depth"], row["unlisted"]) for row in rows(app)] == [
        ("sweep", 0, True),
        ("child 45", 1, False),
    ]


def test_quiet_list_is_drawn_again_when_the_store_has_changed(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, float | None]] = []
    monkeypatch.setattr(
        view.st, "fragment", lambda draw, run_every=None: drawn.append((draw.__name__, run_every)) or draw
    )
    versions = ["a"]
    monkeypatch.setattr(view.loaders, "store_version", lambda: versions.pop(0) if len(versions) > 1 else versions[0])
    app.query_params["status"] = ["finished"]
    app.run()
    quiet = [("_page", None), ("_watch", 6)]
    assert drawn == quiet
    drawn.clear()
    # The page is drawn for the first state, and then the store is in the second.
    versions[:] = ["a", "b", "b"]
    app.run()
    assert drawn == [*quiet, *quiet]


def test_list_of_a_shared_store_looks_for_other_people_s_runs_every_two_seconds(
    app: AppTest, tmp_path: Path, seeded_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[tuple[str, float | None]] = []
    monkeypatch.setattr(
        view.st, "fragment", lambda draw, run_every=None: ticks.append((draw.__name__, run_every)) or draw
    )
    monkeypatch.setattr(loaders, "is_shared", lambda: True)
    app.query_params["status"] = ["finished"]
    app.run()
    assert ticks == [("_page", None), ("_watch", 2)]
    before = loaders.store_version()
    store = open_store(Home(seeded_home).tracking_uri(environment={}), Home(tmp_path / "another"))
    store.set_status(run_id_of("queued"), Status.FINISHED)
    # What the next tick compares: one is enough to draw the list again.
    assert loaders.store_version() != before
    app.run()
    assert run_id_of("queued") in {row["id"] for row in rows(app)}


def test_quiet_list_is_drawn_again_when_it_is_old(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(view.st, "fragment", lambda draw, run_every=None: drawn.append(draw.__name__) or draw)
    monkeypatch.setattr(view.loaders, "store_version", lambda: "a")
    # The third reading of the clock, by the second drawing, is no later than the second.
    times = [0.0, 31.0, 31.0]
    clock = SimpleNamespace(time=time.time, monotonic=lambda: times.pop(0) if len(times) > 1 else times[0])
    monkeypatch.setattr(view, "time", clock)
    app.query_params["status"] = ["finished"]
    app.run()
    assert drawn == ["_page", "_watch"] * 2


@pytest.mark.parametrize(("status", "version", "every"), [("running", "a", 2), ("finished", None, 6)])
def test_live_list_and_that_of_a_server_are_drawn_again_by_the_clock(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, status: str, version: str | None, every: int
) -> None:
    drawn: list[tuple[str, float | None]] = []
    monkeypatch.setattr(
        view.st, "fragment", lambda draw, run_every=None: drawn.append((draw.__name__, run_every)) or draw
    )
    monkeypatch.setattr(view.loaders, "store_version", lambda: version)
    app.query_params["status"] = [status]
    app.run()
    assert drawn[-1] == ("_page", every)


def test_list_that_becomes_live_draws_its_table_once(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = []
    table_of_runs = view.run_table
    monkeypatch.setattr(view, "run_table", lambda *given, **named: tables.append(table_of_runs(*given, **named)))
    app.query_params["status"] = ["running"]
    app.run()
    assert len(tables) == 1
