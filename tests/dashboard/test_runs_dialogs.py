"""The dialogs of the Runs page for the selected runs, over a real store."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.colors import color_of, colors_of
from dashboard.charts.compare import lines
from dashboard.components.markdown import note_markdown
from dashboard.loaders import checks
from tests.support.pages import draw_runs, page_of
from tests.support.runs import a_run
from tests.support.store import run_id_of
from trainer.config.check import CheckReport
from trainer.home import Home
from trainer.tracking import Run, RunQuery, Status, open_reader, open_store
from trainer.tracking.note import NOTE_TAG, written_part

FINISHED, SECOND, RUNNING = run_id_of("finished"), run_id_of("second"), run_id_of("running")


@pytest.fixture
def app(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Runs page over a store with a run of every state."""
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    return page_of(draw_runs)


def chosen(app: AppTest, action: str, *run_ids: str) -> AppTest:
    """The page after these runs were selected and this action of the menu was chosen."""
    app.session_state["runs.selected"] = run_ids
    app.run()
    app.menu_button(key="runs.more").click(action).run()
    assert not app.exception
    return app


def stored(home: Path, run_id: str) -> Run:
    return open_reader(Home(home).tracking_uri(environment={})).get([run_id])[0]


def toasts(app: AppTest) -> list[str]:
    return [toast.value.replace("\\", "") for toast in app.toast]


def errors(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


def type_in(app: AppTest, key: str, text: Any) -> None:
    app.text_input(key=f"runs.{key}").set_value(text)


def press(app: AppTest, key: str) -> None:
    app.button(key=f"runs.{key}").click().run()
    assert not app.exception


def table(app: AppTest) -> dict[str, Any]:
    drawn = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "fitboard_runs"]
    return json.loads(drawn[0].json)


def is_open(app: AppTest) -> bool:
    return bool(app.session_state["runs.dialog"])


def test_tag_is_set_on_all_selected_runs_and_removed_again(app: AppTest, seeded_home: Path) -> None:
    chosen(app, "tag", FINISHED, RUNNING)
    type_in(app, "tag_name", "team")
    type_in(app, "tag_value", "=1+1 <b>😀</b>")
    press(app, "tags_applied")
    assert toasts(app) == ["Tagged 2 runs."]
    assert not is_open(app)
    assert {stored(seeded_home, each).tags["team"] for each in (FINISHED, RUNNING)} == {"=1+1 <b>😀</b>"}
    assert "tags.team" in app.multiselect(key="columns").options

    chosen(app, "tag", FINISHED)
    app.multiselect(key="runs.tags_removed").set_value(["team"])
    press(app, "tags_applied")
    assert "team" not in stored(seeded_home, FINISHED).tags
    assert "team" in stored(seeded_home, RUNNING).tags


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("", "", "nothing to change"),
        ("", "x", "needs a name"),
        ("fitboard.owner", "x", "written by programs"),
        ("team", "x" * 100_000, "at most 8,000 characters"),
    ],
)
def test_tag_that_is_refused_is_one_sentence_in_the_dialog_which_keeps_what_was_typed(
    app: AppTest, name: str, value: str, said: str
) -> None:
    chosen(app, "tag", FINISHED)
    type_in(app, "tag_name", name)
    type_in(app, "tag_value", value)
    press(app, "tags_applied")
    assert len(errors(app)) == 1
    assert said in errors(app)[0]
    assert is_open(app)
    assert app.text_input(key="runs.tag_value").value == value


def test_rename_numbers_the_runs_and_begins_with_the_name_of_a_single_one(app: AppTest, seeded_home: Path) -> None:
    chosen(app, "rename", FINISHED, SECOND)
    type_in(app, "name", "trial {n}")
    press(app, "renamed")
    assert [stored(seeded_home, each).name for each in (FINISHED, SECOND)] == ["trial 1", "trial 2"]

    chosen(app, "rename", SECOND)
    assert app.text_input(key="runs.name").value == "trial 2"
    type_in(app, "name", " ")
    press(app, "renamed")
    assert "visible character" in errors(app)[0]
    assert is_open(app)


def test_note_of_one_run_is_edited_and_added_to_those_of_several(app: AppTest, seeded_home: Path) -> None:
    chosen(app, "note", FINISHED)
    app.text_area(key="runs.note_text").set_value("# <script>alert(1)</script>\n\n=1+1")
    press(app, "note_saved")
    assert toasts(app) == ["Annotated 1 run."]

    chosen(app, "note", FINISHED, SECOND)
    assert app.text_area(key="runs.note_text").value == ""
    app.text_area(key="runs.note_text").set_value("Both.")
    press(app, "note_saved")
    notes = [written_part(stored(seeded_home, each).tags[NOTE_TAG]) for each in (FINISHED, SECOND)]
    assert notes == ["# <script>alert(1)</script>\n\n=1+1\n\nBoth.", "Both."]


def test_run_that_was_deleted_meanwhile_is_told_and_the_others_are_changed(app: AppTest, seeded_home: Path) -> None:
    store = open_store(Home(seeded_home).tracking_uri(environment={}), Home(seeded_home))
    chosen(app, "rename", FINISHED, SECOND)
    store.delete(FINISHED)
    type_in(app, "name", "new")
    press(app, "renamed")
    assert toasts(app) == ["Renamed 1 run.", "digits-mlp is deleted; restore it first."]
    assert stored(seeded_home, SECOND).name == "new"

    chosen(app, "rename", SECOND)
    store.delete(SECOND)
    press(app, "renamed")
    assert errors(app) == ["new is deleted; restore it first."]


def test_run_that_is_no_longer_in_the_store_is_told(app: AppTest) -> None:
    chosen(app, "rename", FINISHED, "ab" * 16)
    assert any("1 run is no longer in the store" in each.value for each in app.warning)
    app.session_state["runs.selected"] = ("ab" * 16,)
    app.run()
    assert not app.exception
    assert not [each for each in app.text_input if each.key == "runs.name"]


def test_color_of_a_run_is_its_own_on_every_page_until_it_is_automatic_again(app: AppTest, seeded_home: Path) -> None:
    automatic = color_of(stored(seeded_home, FINISHED))
    chosen(app, "color", FINISHED)
    app.pills(key="runs.color").set_value("Other").run()
    app.color_picker(key="runs.other_color").set_value("#12AB34").run()
    press(app, "colored")
    run = stored(seeded_home, FINISHED)
    assert run.tags["mlflow.runColor"] == color_of(run) == "#12ab34"
    assert [row["cells"][0] for row in table(app)["rows"] if row["id"] == FINISHED] == ["#12ab34"]
    assert [line.color for line in lines([FINISHED], {}, colors=colors_of([run]))] == ["#12ab34"]

    chosen(app, "color", FINISHED)
    app.pills(key="runs.color").set_value("Automatic").run()
    press(app, "colored")
    assert color_of(stored(seeded_home, FINISHED)) == automatic != "#12ab34"


@pytest.mark.parametrize("tag", ["red", "#12", '#123456"><script>', "", "x" * 8_000])
def test_color_tag_that_is_no_color_leaves_the_automatic_one(tag: str) -> None:
    assert color_of(a_run(tags={"mlflow.runColor": tag})) == color_of(a_run())


def test_runs_move_to_an_experiment_and_reruns_go_there_too(app: AppTest, seeded_home: Path) -> None:
    chosen(app, "move", FINISHED, RUNNING)
    app.selectbox(key="runs.target").set_value("another program").run()
    press(app, "moved")
    assert toasts(app) == ["Moved 1 run.", "digits-mlp has not ended yet; stop it first."]
    assert stored(seeded_home, FINISHED).experiment == "another program"
    assert stored(seeded_home, RUNNING).experiment == "Default"
    app.session_state["runs.selected"] = (FINISHED,)
    app.run()
    press(app, "rerun")
    newest = open_reader(Home(seeded_home).tracking_uri(environment={})).page(RunQuery(limit=1)).runs[0]
    assert (newest.status, newest.experiment) == (Status.SCHEDULED, "another program")


def test_experiment_is_created_without_a_selection(app: AppTest) -> None:
    chosen(app, "experiment")
    type_in(app, "experiment_name", "another program")
    press(app, "experiment_made")
    assert "already exists" in errors(app)[0]
    type_in(app, "experiment_name", "new <b>😀</b>")
    press(app, "experiment_made")
    assert toasts(app) == ["Created the experiment."]
    assert "new <b>😀</b>" in app.multiselect(key="experiment").options


def test_export_offers_all_matching_and_the_selected_runs(app: AppTest) -> None:
    app.run()
    press(app, "export")
    assert app.radio(key="runs.exported").options == ["All that match the filters (11)"]
    chosen(app, "export", FINISHED, SECOND)
    assert app.radio(key="runs.exported").options == ["Selected (2)", "All that match the filters (11)"]
    assert {each.label for each in app.get("download_button")} == {"CSV", "Parquet"}
    app.session_state["runs.selected"] = ()
    app.text_input(key="q").set_value("no such run").run()
    assert any("No runs match, and none are selected" in each.value for each in app.caption)


def test_picture_in_a_note_is_not_fetched() -> None:
    for text in ("![a](http://x/y.png)", "\\![a](http://x/y.png)", "\\\\![a][1]"):
        assert "![" not in note_markdown(text)


def test_deleted_runs_are_listed_by_their_status_restored_and_removed_permanently(
    app: AppTest, seeded_home: Path
) -> None:
    with contextlib.closing(sqlite3.connect(Home(seeded_home).database)) as database, database:
        # The seeded runs share their files with other tests.
        database.execute("UPDATE runs SET artifact_uri = ? || '/' || run_uuid || '/artifacts'", (str(seeded_home),))
    chosen(app, "delete", FINISHED, SECOND)
    assert "status “deleted”" in next(each.value for each in app.caption if "deleted" in each.value)
    press(app, "dismiss")
    app.multiselect(key="status").set_value(["deleted"]).run()
    assert {row["id"] for row in table(app)["rows"]} == {FINISHED, SECOND}
    app.multiselect(key="status").set_value(["deleted", "failed"]).run()
    assert "No runs match" in "".join(each.value for each in app.markdown)
    app.multiselect(key="status").set_value(["deleted"]).run()

    chosen(app, "restore", SECOND)
    assert toasts(app) == ["Restored 1 run."]
    assert not stored(seeded_home, SECOND).deleted

    Home(seeded_home).run(FINISHED).mkdir(parents=True)
    (Home(seeded_home).run(FINISHED) / "checkpoint-0000001-000000000.bin").write_bytes(b"x" * 2_000_000)
    chosen(app, "remove", FINISHED, SECOND, RUNNING)
    said = "".join(each.value for each in app.markdown)
    assert "This permanently deletes 2 runs with 1 file (artifacts, models and checkpoints) and frees 2.0 MB." in said
    assert "It cannot be undone." in said
    assert [each.value.replace("\\", "") for each in app.warning] == ["digits-mlp has not ended yet; stop it first."]
    press(app, "removed")
    assert "Permanently deleted 2 runs." in toasts(app)
    assert not Home(seeded_home).run(FINISHED).exists()
    assert open_reader(Home(seeded_home).tracking_uri(environment={})).get([FINISHED, SECOND]) == ()
    assert app.session_state["runs.selected"] == (RUNNING,)


def test_note_of_an_experiment_is_edited_and_shown_while_it_alone_is_listed(app: AppTest, seeded_home: Path) -> None:
    chosen(app, "experiment_note")
    app.selectbox(key="runs.noted_experiment").set_value(1).run()
    (field,) = [each for each in app.text_area if each.key.startswith("runs.experiment_note.")]
    field.set_value("# Why\n\n![x](http://x/y.png)")
    press(app, "experiment_noted")
    assert toasts(app) == ["Saved the note of the experiment."]
    assert not app.expander
    app.multiselect(key="experiment").set_value(["another program"]).run()
    assert [each.label for each in app.expander] == ["Note of another program"]
    assert app.expander[0].markdown[0].value == "# Why\n\n!\u2060[x](http://x/y.png)"

    chosen(app, "experiment_note")
    (field,) = [each for each in app.text_area if each.key.startswith("runs.experiment_note.")]
    assert field.value.startswith("# Why")
    field.set_value("x" * 20_001)
    press(app, "experiment_noted")
    assert "at most 20,000 characters, got 20,001; shorten it." in errors(app)[0]
    assert is_open(app)


def test_menu_offers_deleted_runs_only_what_they_can_do(app: AppTest, seeded_home: Path) -> None:
    open_store(Home(seeded_home).tracking_uri(environment={}), Home(seeded_home)).delete(FINISHED)
    app.session_state["runs.selected"] = (FINISHED,)
    app.run()
    assert list(app.menu_button(key="runs.more").options) == [
        ":material/create_new_folder: New experiment…",
        ":material/description: Note of an experiment…",
        ":material/download: Export…",
        ":material/restore_from_trash: Restore",
        ":material/delete_forever: Delete permanently…",
    ]
