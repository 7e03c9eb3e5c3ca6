import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import actions, loaders, presses
from dashboard.components import sought
from dashboard.loaders import checks
from dashboard.views.run import page as view
from tests.support.pages import draw_run, page_of
from tests.support.store import SeedRun, add_run, run_id_of
from trainer.config.check import CheckReport, Problem, Severity
from trainer.errors import ConfigError
from trainer.execution import queue_name
from trainer.home import Home
from trainer.reproduce import Differing, FirstDifference, Verdict
from trainer.tracking import Progress, Run, RunQuery, Status, Tag, open_reader

FINISHED = run_id_of("finished")


@pytest.fixture
def home(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("FITBOARD_MLFLOW_UI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    return Home(seeded_home)


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Where the page went."""
    places: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(view, "go", lambda page, **query: places.append((page.path, query)))
    return places


def opened(word: str, tab: str | None = None) -> AppTest:
    app = page_of(draw_run)
    app.query_params["id"] = word
    if tab:
        app.query_params["tab"] = tab
    return app.run()


def words(app: AppTest) -> str:
    """Everything on the page that is said in words, with Markdown's backslashes taken out."""
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.title]
    bars = [bar.proto.text for bar in app.get("progress")]
    return "\n".join([*(part.value for part in parts), *bars]).replace("\\", "")


def tabs(app: AppTest) -> list[str]:
    return [tab.label for tab in app.tabs]


def change(home: Home, statement: str, *values: object) -> None:
    with sqlite3.connect(home.database) as connection:
        connection.execute(statement, values)


def set_tag(home: Home, label: str, key: str, value: str) -> None:
    change(home, "delete from tags where run_uuid = ? and key = ?", run_id_of(label), key)
    change(home, "insert into tags (run_uuid, key, value) values (?, ?, ?)", run_id_of(label), key, value)


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("queued", "queued"),
        ("running", "running"),
        ("finished", "finished"),
        ("failed", "failed"),
        ("killed", "stopped"),
        ("markup", "finished"),
        ("diverged", "finished"),
        ("infinite", "finished"),
        ("regression", "finished"),
    ],
)
def test_run_page_shows_every_state(home: Home, label: str, word: str) -> None:
    if label == "running":
        set_tag(home, "running", "fitboard.progress", Progress(time=time.time(), epoch=2, epochs=5).dumps())
    app = opened(run_id_of(label))
    assert not app.exception
    assert word in words(app)
    first = {"finished": "Confusion matrix", "markup": "Confusion matrix", "regression": "Predictions"}
    assert tabs(app)[0] == first.get(label, "Config")
    if label not in first:
        assert "name: SparseCategoricalCrossentropy" in app.code[-1].value


def test_finished_run_shows_its_results_big(home: Home) -> None:
    shown = {metric.label: metric.value for metric in opened(FINISHED).metric}
    assert list(shown)[:4] == ["test accuracy", "test loss", "parameters", "time"]
    assert shown["parameters"] == "9,610"
    assert shown["time"] == "3.0 s"


def test_running_run_shows_how_far_it_is(home: Home) -> None:
    progress = Progress(
        time=time.time(), epoch=2, epochs=5, step=120, steps=1875, values={"loss": 0.5}, estimated_end=time.time() + 90
    )
    set_tag(home, "running", "fitboard.progress", progress.dumps())
    app = opened(run_id_of("running"))
    assert "epoch 3/5 · step 120/1,875 · 1 min" in words(app)
    assert app.button(key="run.stop").label == "Stop"


def test_running_run_that_is_silent_says_since_when(home: Home) -> None:
    set_tag(home, "running", "fitboard.progress", Progress(time=time.time() - 300).dumps())
    assert "no update since" in words(opened(run_id_of("running")))


def test_queued_run_says_what_to_start_where_no_worker_runs(home: Home) -> None:
    set_tag(home, "queued", "fitboard.queue", queue_name(home))
    assert "`fitboard worker`" in words(opened(run_id_of("queued")))


def test_queued_run_of_another_queue_names_it(home: Home) -> None:
    assert "testhost/01234567" in words(opened(run_id_of("queued")))


FAILURE = "The loss became NaN in epoch 2: the learning rate is most likely too high."


@pytest.fixture
def failed(home: Home) -> Home:
    """A run that diverged, with its log on this machine."""
    set_tag(home, "failed", "fitboard.failure", FAILURE)
    log = home.run(run_id_of("failed")) / "log.txt"
    log.parent.mkdir(parents=True)
    log.write_text(f"one\ntwo\nthe <b>last</b> line\n{FAILURE}\n")
    return home


def test_failed_run_says_why_once_with_the_end_of_its_log(failed: Home) -> None:
    app = opened(run_id_of("failed"))
    assert words(app).count(FAILURE) == 1
    assert app.code[0].value == "one\ntwo\nthe <b>last</b> line"


def test_fix_of_a_failed_run_opens_build_with_the_change(failed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[str] = []
    monkeypatch.setattr("dashboard.views.run.page.go", lambda page: places.append(page.path))
    app = opened(run_id_of("failed"))
    button = app.button(key="run.fix")
    assert button.label == "Try learning rate 0.0001"
    app = button.click().run()
    assert places == ["build"]
    draft = app.session_state["build.drafts"].now
    assert "0.0001" in str(draft)


def test_fix_follows_the_recorded_kind_whatever_the_sentence_says(failed: Home) -> None:
    set_tag(failed, "failed", "fitboard.failure", "Words of a later version.")
    set_tag(failed, "failed", "fitboard.failure_kind", "diverged")
    assert opened(run_id_of("failed")).button(key="run.fix").label == "Try learning rate 0.0001"


def test_failed_run_without_a_known_fix_has_no_button(home: Home) -> None:
    set_tag(home, "failed", "fitboard.failure", "The run failed unexpectedly (KeyError: 1).")
    app = opened(run_id_of("failed"))
    assert "run.fix" not in {button.key for button in app.button}


def test_run_with_markup_in_its_name_shows_it_as_text(home: Home) -> None:
    app = opened(run_id_of("markup"))
    assert r"\<script\>" in app.title[0].value
    assert not any("<script" in element.proto.body for element in app.get("html"))


def test_run_with_an_endless_name_shows_its_beginning(home: Home) -> None:
    change(home, "UPDATE runs SET name = ? WHERE run_uuid = ?", "endless " * 12_500, run_id_of("finished"))
    app = opened(run_id_of("finished"))
    assert not app.exception
    assert app.title[0].value == "endless " * 19 + "endless…"
    assert all(len(each.value) < 1_000 for each in (*app.caption, *app.markdown))


def test_diverged_run_shows_nan_and_infinity_as_such(home: Home) -> None:
    assert "NaN" in {metric.value for metric in opened(run_id_of("diverged")).metric}
    infinite = opened(run_id_of("infinite"), "Everything logged")
    assert "∞" in set(infinite.dataframe[0].value["last value"])
    assert "e+308" not in infinite.dataframe[0].value.to_string()


def test_run_of_another_program_shows_all_that_was_logged(home: Home) -> None:
    with sqlite3.connect(home.database) as connection:
        (run_id,) = connection.execute("select run_uuid from runs where name = 'sklearn-forest'").fetchone()
    app = opened(run_id)
    assert not app.exception
    assert tabs(app) == ["Everything logged", "Files"]
    assert app.dataframe[1].value.to_dict("records") == [{"param": "n_estimators", "value": "100"}]
    assert "run.rerun" not in {button.key for button in app.button}
    assert "by another person" in app.main.caption[0].value


def test_run_of_another_program_shows_its_author_and_its_files_with_their_folders(home: Home) -> None:
    with sqlite3.connect(home.database) as connection:
        row = connection.execute("select run_uuid, artifact_uri from runs where name = 'sklearn-forest'").fetchone()
    folder = Path(unquote(urlsplit(row[1]).path))
    for path, content in (("plots/a/roc.png", b"\x89PNG\xff"), ("model/MLmodel", b"flavors: {}"), ("empty", b"")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    app = opened(row[0], "Files")
    assert not app.exception
    assert words(app).count("by another person") == 1
    paths = ["empty", "model/MLmodel", "notes.txt", "plots/a/roc.png"]
    assert [each["file"] for each in app.dataframe[-1].value.to_dict("records")] == paths
    app = app.selectbox(key="run.file").select("notes.txt").run()
    assert app.code[0].value == "free text"
    app = app.selectbox(key="run.file").select("plots/a/roc.png").run()
    assert not app.exception
    assert not app.code


def test_deleted_run_says_so_and_offers_to_restore_it(home: Home) -> None:
    change(home, "update runs set lifecycle_stage = 'deleted' where run_uuid = ?", FINISHED)
    app = opened(FINISHED)
    assert "This run was deleted" in app.warning[0].value
    assert app.button(key="run.restore")


@pytest.mark.parametrize("word", ["nosuchrun", "ab", "<b>x</b>"])
def test_unknown_run_is_one_sentence_and_a_way_out(home: Home, word: str) -> None:
    app = opened(word)
    assert not app.exception
    assert "Run not found" in words(app)
    assert not app.metric


def test_page_of_the_latest_run_waits_for_the_first_one(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Home(tmp_path / "empty").make()
    monkeypatch.setenv("FITBOARD_HOME", str(empty.path))
    app = opened("latest")
    assert not app.exception
    assert "No runs yet" in words(app)
    assert "Waiting for the run" in words(app)
    shutil.copy(home.database, empty.database)
    app.run()
    assert app.title[0].value == "sklearn\\-forest"
    assert "Waiting for the run" not in words(app)


def test_page_that_waits_for_a_run_opens_it_by_itself(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []
    monkeypatch.setattr(sought.st, "fragment", lambda draw, run_every=None: waited.append((draw, run_every)) or draw)
    opened("no such run")
    assert [(draw.__name__, every) for draw, every in waited] == [("_wait", 2.0)]


def test_prefix_and_latest_become_the_whole_id_in_the_address(home: Home) -> None:
    assert opened(FINISHED[:6]).query_params["id"] in (FINISHED, [FINISHED])
    latest = opened("latest").query_params["id"]
    assert len(latest if isinstance(latest, str) else latest[0]) == 32


def test_store_that_is_gone_leaves_the_last_known_and_says_so(home: Home) -> None:
    app = opened(FINISHED)
    before = [metric.value for metric in app.metric]
    home.database.write_bytes(b"this is no database" * 100)
    app.run()
    assert not app.exception
    assert app.error or app.warning
    assert [metric.value for metric in app.metric] == before


def test_store_that_comes_back_is_shown_again(home: Home, tmp_path: Path) -> None:
    kept = shutil.copy(home.database, tmp_path / "kept.db")
    app = opened(FINISHED)
    home.database.write_bytes(b"this is no database" * 100)
    app.run()
    shutil.copy(kept, home.database)
    app.run()
    assert not app.error
    assert not app.warning


def test_store_that_was_never_there_is_a_sentence(home: Home) -> None:
    home.database.write_bytes(b"this is no database" * 100)
    app = opened("a" * 32)
    assert not app.exception
    assert app.error or app.warning


def test_stop_asks_the_run_to_stop(home: Home) -> None:
    set_tag(home, "running", "fitboard.progress", Progress(time=time.time(), epoch=2, epochs=5).dumps())
    app = opened(run_id_of("running"))
    app.button(key="run.stop").click().run()
    assert not app.exception
    assert app.button(key="run.stop").disabled
    assert "stopping…" in words(app)


def test_run_that_does_not_react_to_stop_can_be_killed(home: Home) -> None:
    app = opened(run_id_of("running"))
    assert "run.kill" not in [button.key for button in app.button]
    app.button(key="run.stop").click().run()
    app.button(key="run.kill").click().run()
    assert not app.exception
    assert open_reader(home.tracking_uri()).get([run_id_of("running")])[0].tags[Tag.STOP] == "kill"


def interrupted_once(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    """Let the script end at this call the next time, as another click does; the run after it has no button pressed."""
    call, ended = getattr(place, name), []

    def end_once(*given: Any) -> Any:
        if not ended:
            ended.append(name)
            st.rerun()
        return call(*given)

    monkeypatch.setattr(place, name, end_once)


def test_press_is_done_although_the_script_ended_before_it_drew_the_button(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(run_id_of("running"))
    interrupted_once(monkeypatch, loaders, "snapshot")
    app.button(key="run.stop").click().run()
    assert open_reader(home.tracking_uri()).get([run_id_of("running")])[0].tags[Tag.STOP] == "requested"


def test_press_is_done_once_although_a_click_interrupts_it_while_keras_loads(
    home: Home, gone: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = open_reader(home.tracking_uri(environment={}))
    before = reader.page(RunQuery()).total
    app = opened(FINISHED)
    interrupted_once(monkeypatch, checks, "refuse_impossible")
    app.button(key="run.rerun").click().run()
    assert reader.page(RunQuery()).total == before + 1
    assert [page for page, _ in gone] == ["run"]
    app.run()
    assert reader.page(RunQuery()).total == before + 1, "the press is forgotten"


def test_press_on_a_page_that_was_left_is_not_done_on_the_next_one(home: Home) -> None:
    app = page_of(draw_run)
    app.query_params["id"] = run_id_of("running")
    app.session_state["presses"] = (presses.Press(FINISHED, "kill"),)
    assert not app.run().session_state["presses"]
    assert Tag.STOP not in open_reader(home.tracking_uri()).get([run_id_of("running")])[0].tags


def test_note_is_written_in_a_dialog_and_shown_without_its_generated_part(home: Home) -> None:
    app = opened(FINISHED)
    app.button(key="run.edit_note").click().run()
    app.text_area(key="run.note_text").set_value("# <b>Odd</b> ![x](http://x/y.png)")
    app.button(key="run.note_saved").click().run()
    assert not app.exception
    assert app.session_state["run.noting"] == ""
    assert any(each.value == "# <b>Odd</b> !\u2060[x](http://x/y.png)" for each in app.markdown)

    app.button(key="run.edit_note").click().run()
    app.text_area(key="run.note_text").set_value("x" * 100_000)
    app.button(key="run.note_saved").click().run()
    assert "at most 7,900 characters" in app.error[0].value.replace("\\", "")
    assert app.text_area(key="run.note_text").value == "x" * 100_000


def foreign_run(home: Home, status: Status) -> str:
    """A run of another program, in this state."""
    run = SeedRun(label="theirs", name="sklearn-forest", status=status, start_time=1_700_000_000_000)
    return add_run(home.tracking_uri(environment={}), home.artifacts, run)


def test_run_of_another_program_has_no_button_that_changes_it_and_is_silent(home: Home) -> None:
    app = opened(foreign_run(home, Status.RUNNING))
    assert {button.key for button in app.button if not button.disabled} == {"run.edit_note"}
    stop = app.button(key="run.stop")
    assert "created by another program" in stop.help.replace("\\", "")
    assert "silent since 2023-11-1" in words(app)
    assert "no update since 2023-11-1" in words(app)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (actions.stop, Status.RUNNING),
        (actions.kill, Status.RUNNING),
        (actions.take_over, Status.RUNNING),
        (actions.to_the_front, Status.SCHEDULED),
        (actions.resume, Status.FAILED),
        (actions.rerun, Status.FINISHED),
        (actions.delete, Status.FINISHED),
        (lambda runs: actions.restore([run.run_id for run in runs]), Status.FINISHED),
    ],
)
def test_page_that_is_out_of_date_does_not_change_a_run_of_another_program(
    home: Home, change: Callable[[Sequence[Run]], actions.Outcome], status: Status
) -> None:
    run_id = foreign_run(home, status)
    reader = open_reader(home.tracking_uri(environment={}))
    (run,) = reader.get([run_id])
    outcome = change([run])
    assert outcome.done == ()
    assert [problem.count("created by another program") for problem in outcome.problems] == [1]
    assert reader.get([run_id]) == (run,)


def test_stopped_run_goes_on_from_its_checkpoint(home: Home) -> None:
    stopped = run_id_of("killed")
    assert "run.resume" not in [button.key for button in opened(stopped).button], "there is no checkpoint"
    home.run(stopped).mkdir(parents=True)
    (home.run(stopped) / "checkpoint-0000003-000000000.bin").write_bytes(b"")
    app = opened(stopped)
    app.button(key="run.resume").click().run()
    assert not app.exception
    run = open_reader(home.tracking_uri()).get([stopped])[0]
    assert run.status is Status.SCHEDULED
    assert run.tags[Tag.QUEUE] == queue_name(home)


def test_rerun_queues_the_same_config_and_goes_to_the_new_run(home: Home, gone: list[Any]) -> None:
    app = opened(FINISHED)
    app.button(key="run.rerun").click().run()
    ((page, query),) = gone
    assert page == "run"
    new = opened(query["id"])
    (parent,) = (each.proto for each in new.get("page_link") if "rerun of" in each.proto.label)
    assert FINISHED[:8] in parent.label
    assert parent.query_string == f"id={FINISHED}"
    assert "queued" in words(new) or "next in the queue" in words(new)
    assert new.code[-1].value == opened(FINISHED, "Config").code[-1].value


def test_rerun_of_a_config_that_the_check_refuses_makes_no_run(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Problem(severity=Severity.ERROR, where="layers.2", message="It is too large.")
    report = CheckReport(ok=False, input_shape=(), problems=(wrong,))
    monkeypatch.setattr(checks, "check_report", lambda config: report)
    reader = open_reader(home.tracking_uri(environment={}))
    before = reader.page(RunQuery()).total
    app = opened(FINISHED)
    app.button(key="run.rerun").click().run()
    assert "layers.2: It is too large." in words(app)
    assert reader.page(RunQuery()).total == before


def test_change_opens_build_filled_from_the_run(home: Home, gone: list[Any]) -> None:
    opened(FINISHED).button(key="run.change").click().run()
    assert gone == [("build", {"from": FINISHED})]


def test_fine_tune_opens_build_with_the_weights_of_the_run(home: Home, gone: list[Any]) -> None:
    opened(FINISHED).button(key="run.tune").click().run()
    assert gone == [("build", {"from": FINISHED, "weights": "run"})]


def test_mlflow_link_says_how_to_start_mlflow_where_it_does_not_answer(home: Home) -> None:
    button = opened(FINISHED).button(key="run.mlflow")
    assert button.disabled
    assert "fitboard up" in button.help


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("Worst mistakes", "predicted **3** (99.0 %), true **0**"),
        ("Confusion matrix", "classified correctly"),
        ("Environment", "keras"),
        ("Log", "epoch 2 of 5"),
        ("Everything logged", "layer.2.units"),
    ],
)
def test_tab_opens_by_the_address(home: Home, tab: str, said: str) -> None:
    app = opened(FINISHED, tab)
    assert not app.exception
    assert not app.error
    shown = [*(frame.value.to_string() for frame in app.dataframe), *(metric.label for metric in app.metric)]
    shown += [*(code.value for code in app.code), *(str(chart.proto) for chart in app.get("bidi_component"))]
    shown += [picture.caption for images in app.get("image") for picture in images.proto.imgs]
    assert said in " ".join(shown)


def test_predictions_of_a_regression_are_shown(home: Home) -> None:
    app = opened(run_id_of("regression"), "Predictions")
    assert not app.exception
    assert "mean error" in {metric.label for metric in app.metric}


def test_log_shows_its_last_lines(home: Home) -> None:
    log = home.run(FINISHED) / "log.txt"
    log.parent.mkdir(parents=True)
    log.write_text("\n".join(f"line {number}" for number in range(1200)))
    shown = opened(FINISHED, "Log").code[-1].value.splitlines()
    assert (len(shown), shown[-1]) == (500, "line 1199")


def test_files_that_others_wrote_badly_do_not_break_the_page(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "artifacts"
    (folder / "evaluation").mkdir(parents=True)
    for name in ("confusion", "mistakes", "predictions"):
        (folder / "evaluation" / f"{name}.json").write_text(json.dumps(["<b>", None, 3]))
    (folder / "environment.json").write_text("no json")
    change(home, "update runs set artifact_uri = ? where run_uuid = ?", str(folder), FINISHED)
    for tab in ("Predictions", "Worst mistakes", "Confusion matrix", "Environment", "Config", "Log"):
        app = opened(FINISHED, tab)
        assert not app.exception, tab


def test_verdict_stands_on_both_runs_pages(home: Home) -> None:
    verdict = Verdict(
        identical=False,
        first_difference=FirstDifference(3, "val_loss", 0.5, 0.500001, 1e-6),
        environment=(Differing("cpu", "<b>old</b>", "new"),),
    )
    second = run_id_of("second")
    set_tag(home, "second", Tag.RERUN_OF, FINISHED)
    set_tag(home, "second", Tag.VERDICT, verdict.dumps())
    set_tag(home, "finished", Tag.RERUN_VERDICTS, json.dumps({second: False}))
    for shown, other in ((second, FINISHED), (FINISHED, second)):
        app = opened(shown)
        assert not app.exception
        assert f"differs from {other[:8]} at epoch 3, val_loss by 1e-6" in words(app)
        assert "cpu: <b>old</b> there, new here" in words(app)


def test_run_of_a_group_says_what_the_group_says(home: Home) -> None:
    assert "runs in this group" not in str([element.proto for element in opened(FINISHED).get("page_link")])
    with sqlite3.connect(home.database) as connection:
        (group,) = connection.execute(
            "select value from tags where run_uuid = ? and key = ?", (FINISHED, Tag.GROUP)
        ).fetchone()
    set_tag(home, "second", Tag.GROUP, group)
    for label in ("markup", "diverged", "infinite", "regression"):
        set_tag(home, label, Tag.GROUP, "another")
    st.cache_resource.clear()
    app = opened(FINISHED)
    links = str([element.proto for element in app.get("page_link")]).replace("\\", "")
    assert "2 runs in this group: test accuracy 0." in links
    assert run_id_of("second") in links


def test_run_waits_for_the_rest_of_its_group(home: Home) -> None:
    for label in ("second", "running", "queued"):
        set_tag(home, label, Tag.GROUP, "three seeds")
        set_tag(home, label, Tag.CONFIG_DIGEST, label)
    st.cache_resource.clear()
    told = []
    for label in ("queued", "second"):
        app = opened(run_id_of(label))
        told.append(str([element.proto for element in app.get("page_link")]).replace("\\", ""))
    assert all("3 runs in this group; waiting for 2 of them" in each for each in told)
    change(
        home, "update runs set status = 'FINISHED', end_time = 1 where name = ? and status <> 'FINISHED'", "digits-mlp"
    )
    st.cache_resource.clear()
    app.run()
    assert "waiting for" not in str([element.proto for element in app.get("page_link")])


@pytest.mark.parametrize(
    ("status", "away", "group_is_live", "every"),
    [
        (Status.RUNNING, False, False, 0.5),
        (Status.RUNNING, True, False, 2.0),
        (Status.FINISHED, False, True, 2.0),
        (Status.FINISHED, False, False, None),
    ],
)
def test_page_looks_again_while_something_is_awaited(
    status: Status, away: bool, group_is_live: bool, every: float | None
) -> None:
    assert view._Drawn(status, away, group_is_live).every == every


def test_environment_and_record_of_a_queued_run_fill_themselves(home: Home) -> None:
    queued = run_id_of("queued")
    app = opened(queued, "Environment")
    assert "Waiting for training to start" in words(app)
    folder = tmp_artifacts(home, queued)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "environment.json").write_text('{"python": "3.12"}')
    app.run()
    assert "Waiting for training to start" not in words(app)
    assert "3.12" in app.dataframe[0].value.to_string()


def tmp_artifacts(home: Home, run_id: str) -> Path:
    folder = home.path / "own"
    change(home, "update runs set artifact_uri = ? where run_uuid = ?", str(folder), run_id)
    return folder


def test_variant_shows_where_it_comes_from(home: Home) -> None:
    assert not opened(FINISHED).get("graphviz_chart")
    set_tag(home, "second", Tag.RERUN_OF, FINISHED)
    app = opened(run_id_of("second"))
    assert not app.exception
    (graph,) = app.get("graphviz_chart")
    assert "optimizer.learning_rate: 0.001 → 0.01" in graph.proto.spec


def queue_another_before(home: Home) -> None:
    """With a run at work that was heard of just now, and ends at once."""
    progress = Progress(time=time.time(), epochs=5, estimated_end=time.time())
    set_tag(home, "running", "fitboard.progress", progress.dumps())
    set_tag(home, "queued", "fitboard.place", "2000")
    change(home, "update runs set status = 'SCHEDULED' where run_uuid = ?", run_id_of("killed"))
    change(home, "delete from tags where run_uuid = ? and key = ?", run_id_of("killed"), "fitboard.stop")
    set_tag(home, "killed", "fitboard.place", "1000")


def test_queued_run_says_when_it_starts_and_is_moved(home: Home) -> None:
    queue_another_before(home)
    app = opened(run_id_of("queued"))
    assert "behind 1 run, start time unknown" not in words(app), (
        "the worker of another host has the running run's place"
    )
    assert "starts in about 3 s, behind 1 run" in words(app)
    assert app.button(key="run.queue.down").disabled
    app.button(key="run.queue.first").click().run()
    assert not app.exception
    assert "next in the queue" in words(app)
    assert app.button(key="run.queue.first").disabled
    app.button(key="run.queue.down").click().run()
    assert "behind 1" in words(app)


def test_run_alone_in_its_queue_has_nowhere_to_go(home: Home) -> None:
    app = opened(run_id_of("queued"))
    assert "next in the queue" in words(app)
    assert not [button for button in app.button if str(button.key).startswith("run.queue")]


def test_run_that_started_while_one_looked_is_not_moved(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    queue_another_before(home)
    app = opened(run_id_of("queued"))

    def started(*_: object, **__: object) -> None:
        raise ConfigError("The run digits-mlp has already started.")

    monkeypatch.setattr(actions, "move_to", started)
    app.button(key="run.queue.first").click().run()
    assert not app.exception
    assert "has already started" in app.toast[0].value.replace("\\", "")


def test_run_that_a_limit_ended_says_which_and_what_it_may_take(home: Home) -> None:
    set_tag(home, "killed", "fitboard.time_limit", "1800")
    set_tag(home, "killed", "fitboard.failure", "The run reached its time limit of 30 min after 3 epochs.")
    app = opened(run_id_of("killed"))
    assert "reached its time limit of 30 min" in app.warning[0].value.replace("\\", "")
    assert "at most 30 min" in words(app)
