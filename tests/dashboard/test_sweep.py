"""The pages of sweeps over real stores."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import sweep_actions
from dashboard.access import rights
from dashboard.access.deeds import deeds
from dashboard.access.people import Person, Role
from dashboard.environment import SIGN_IN
from dashboard.loaders import checks, search_space, sweep_importances
from dashboard.navigation import SWEEP, address_of
from dashboard.views.sweep import narrow as narrow_view
from dashboard.views.sweep import page as sweep_view
from tests.support.pages import draw_run, draw_runs, draw_sweep, draw_sweeps, opened, page_of
from tests.support.store import run_id_of
from tests.support.sweep_store import SWEEP_ID, SweepStore, add_sweep
from tests.support.sweeps import sweep_of
from trainer.config.search import load_sweep
from trainer.errors import StoreUnreachableError
from trainer.home import Home
from trainer.statistics import Importance
from trainer.sweeps import Summary
from trainer.sweeps.records import sweep_file_of
from trainer.tracking import RunQuery, Status, Tag, open_reader, open_store
from trainer.tracking.read.sql_reader import SqlReader
from trainer.tracking.reader import pages

LIVE, FRONT = run_id_of("live"), run_id_of("front")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A finished sweep whose winners are confirmed, one that runs, and one with two objectives."""
    home = Home(tmp_path_factory.mktemp("swept")).make()
    add_sweep(home, trials=40, confirm="2x3")
    live = SweepStore(
        sweep=sweep_of(trials=20, pruner="median", confirm="1x3"),
        trials=8,
        running=2,
        status=Status.RUNNING,
        label="live",
    )
    add_sweep(home, live)
    front = sweep_of(trials=6, sampler="random", objective=["val_accuracy", "val_loss"])
    add_sweep(home, SweepStore(sweep=front, trials=6, label="front"))
    return home


@pytest.fixture
def home(swept: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    fresh = Home(tmp_path / "home").make()
    shutil.copy(swept.database, fresh.database)
    monkeypatch.setenv("FITBOARD_HOME", str(fresh.path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    # Without the program, which takes four seconds of the processor for each sweep.
    monkeypatch.setattr(sweep_importances._Job, "ask", _answered)
    monkeypatch.setattr(search_space, "space_preview", lambda sweep: None)
    monkeypatch.setattr(checks, "await_report", lambda config: None)
    return fresh


def _answered(job: Any, seen: Any, complete: int) -> None:
    rows = tuple(Importance(each.name, 0.2, 0.1, 0.3) for each in seen.sweep.space.dimensions)
    job.answer = sweep_importances.SweepImportances(rows, complete, pending=False)


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Where the page went."""
    places: list[tuple[str, dict[str, Any]]] = []
    for module in (sweep_view, narrow_view):
        monkeypatch.setattr(module, "go", lambda page, **query: places.append((page.path, query)))
    return places


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.title]
    bars = [bar.proto.text for bar in app.get("progress")]
    assert not app.exception
    return "\n".join([*(part.value for part in parts), *bars]).replace("\\", "")


def table(app: AppTest) -> dict[str, Any]:
    drawn = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "fitboard_runs"]
    found: dict[str, Any] = json.loads(drawn[0].json)
    return found


def charts(app: AppTest) -> list[str]:
    drawn = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "fitboard_live_charts"]
    return [chart["id"] for each in drawn for chart in json.loads(each.json)["charts"]]


def buttons(app: AppTest) -> dict[str, bool]:
    """Label → whether it can be pressed."""
    return {each.label: not each.disabled for each in app.button}


def run_of(home: Home, sweep_id: str) -> Any:
    return open_reader(home.tracking_uri(environment={})).get([sweep_id])[0]


def test_list_has_every_sweep_with_its_best(home: Home) -> None:
    found = table(opened(draw_sweeps))
    assert found["ticks"] is False
    assert {row["href"] for row in found["rows"]} == {address_of(SWEEP, id=each) for each in (FRONT, LIVE, SWEEP_ID)}
    places = {column["name"]: at for at, column in enumerate(found["columns"])}
    cells = {row["id"]: row["cells"] for row in found["rows"]}
    assert cells[SWEEP_ID][places["status"]]["word"] == "finished"
    assert cells[LIVE][places["status"]]["word"] == "running"
    assert cells[LIVE][places["trials"]] == "5 complete, 1 pruned, 2 running of 20"
    assert cells[LIVE][places["progress"]] == 0.3
    best = cells[FRONT][places["best"]]
    assert "val_accuracy 0." in best
    assert ", val_loss " in best


def test_empty_store_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(Home(tmp_path / "empty").make().path))
    for draw in (draw_sweeps, draw_sweep):
        said = words(opened(draw))
        assert "No sweeps yet" in said
        assert "**Sweep** on Build" in said
        assert "fitboard sweep FILE" in said


def test_sweep_shows_its_result_charts_and_trials(home: Home) -> None:
    app = opened(draw_sweep, id=SWEEP_ID[:8])
    said = words(app)
    assert "Test, read once" in said
    assert "says nothing of other data" in said
    assert "PED-ANOVA" in said
    assert charts(app) == ["sweep.course", "sweep.importance", "sweep.parallel"]
    assert app.query_params["id"] in (SWEEP_ID, [SWEEP_ID]), "written out"
    tiles = {each.label.replace("\\", ""): each.value for each in app.metric}
    assert tiles["trials"] == "40 / 40"
    assert tiles["saved by pruning"].startswith("≈")
    truth = app.table[0].value
    assert list(truth["seeds"]) == ["3 of 3", "3 of 3"]
    assert buttons(app)["Narrow the space"]
    assert "Pause" not in buttons(app)


def test_trials_are_those_of_runs_with_pruned_ones_greyed(home: Home) -> None:
    app = opened(draw_sweep, id=SWEEP_ID)
    found = table(app)
    places = {column["label"]: at for at, column in enumerate(found["columns"])}
    rows = found["rows"]
    results = [row["cells"][places["val_accuracy"]]["text"] for row in rows if not row["muted"]]
    assert results == sorted(results, reverse=True), "the best first"
    assert rows[0]["cells"][places["val_accuracy"]]["best"]
    assert rows[0]["href"].startswith("run?id=")
    muted = {row["cells"][places["state"]]["word"] for row in rows if row["muted"]}
    assert muted == {"pruned at epoch 3", "failed"}
    assert {"optimizer.learning_rate", "layers.2.repeat"} <= places.keys()
    app.query_params["sort"] = "-setting.optimizer.learning_rate"
    rates = [row["cells"][places["optimizer.learning_rate"]] for row in table(app.run())["rows"]]
    assert [float(rate) for rate in rates[:5]] == sorted((float(rate) for rate in rates[:5]), reverse=True)
    app.query_params["sort"] = "nonsense"
    assert table(app.run())["rows"][0]["id"] == rows[0]["id"], "as without a choice"


def test_sweep_without_a_complete_trial_has_the_parts_that_it_will_have(home: Home) -> None:
    add_sweep(home, SweepStore(sweep=sweep_of(trials=20), trials=0, status=Status.SCHEDULED, label="queued"))
    app = opened(draw_sweep, id=run_id_of("queued"))
    said = words(app)
    assert said.count("No complete trial") == 1
    assert "Default · by somebody · queued " in said
    assert charts(app) == ["sweep.course", "sweep.parallel"]


def test_confirmation_has_its_own_status_and_progress(home: Home) -> None:
    told = Summary(complete=20, confirmed=1, confirming=4).dumps()
    open_store(home.tracking_uri(environment={}), home).set_tags(LIVE, {Tag.SWEEP_SUMMARY: told})
    app = opened(draw_sweep, id=LIVE)
    assert "Confirming the best trials: 1 of 4 runs with fresh seeds" in words(app)
    assert [bar.proto.value for bar in app.get("progress")] == [25]
    found = table(opened(draw_sweeps))
    places = {column["name"]: at for at, column in enumerate(found["columns"])}
    cells = next(row["cells"] for row in found["rows"] if row["id"] == LIVE)
    assert (cells[places["status"]]["word"], cells[places["progress"]]) == ("confirming", 0.25)


def test_rows_of_a_live_sweep_stay_where_they_are(home: Home) -> None:
    app = opened(draw_sweep, id=LIVE)
    assert _shown(app) == [str(number) for number in range(8)], "new ones below"
    assert table(app)["order"] == ["name", True]
    with sqlite3.connect(home.database) as connection:
        connection.execute("update runs set status = 'FINISHED' where run_uuid = ?", [run_id_of("live trial 7")])
    assert _shown(app.run()) == [str(number) for number in range(8)]


@pytest.mark.parametrize(("chart", "drawn"), [("Slices", "optimizer"), ("Curves", "sweep.curves")])
def test_other_charts_are_in_the_address(home: Home, chart: str, drawn: str) -> None:
    app = page_of(draw_sweep)
    app.query_params["id"], app.query_params["chart"] = SWEEP_ID, chart
    assert drawn in charts(app.run())


def test_several_objectives_have_a_front(home: Home) -> None:
    app = opened(draw_sweep, id=FRONT)
    assert "sweep.pareto" in charts(app)
    assert "single objective" in words(app)
    assert "Pareto front" in [each.label for each in app.metric]
    app.button(key="sweep.confirm_now").click().run()
    assert run_of(home, FRONT).tags[Tag.SWEEP_CONFIRM] == "3x5"


def test_bad_ids_say_what_they_are(home: Home) -> None:
    assert "Sweep not found" in words(opened(draw_sweep, id="0" * 32))
    assert "is not a sweep" in words(opened(draw_sweep, id=run_id_of("sweep trial 0")))
    assert "Sweep not found" in words(opened(draw_sweep, id="<b>x</b>"))


def test_live_sweep_is_paused_continued_and_extended(home: Home) -> None:
    app = opened(draw_sweep, id=LIVE)
    assert "6 of 20 trials · 2 running" in words(app)
    assert "in the queue testhost/01234567" in words(app)
    app.button(key="sweep.pause").click().run()
    assert run_of(home, LIVE).tags[Tag.SWEEP_WISH] == "pause"
    assert "Continue" in buttons(app)
    app.button(key="sweep.go_on").click().run()
    assert Tag.SWEEP_WISH not in run_of(home, LIVE).tags
    app.number_input(key="sweep.more").set_value(5)
    app.button(key="sweep.add").click().run()
    assert run_of(home, LIVE).tags[Tag.SWEEP_TRIALS] == "25"
    assert "6 of 25 trials" in words(app)
    assert "At the end, the best trial trains again with 3 fresh seeds." in words(app)
    app.number_input(key="sweep.seeds").set_value(4)
    app.button(key="sweep.confirm").click().run()
    assert run_of(home, LIVE).tags[Tag.SWEEP_CONFIRM] == "1x4"
    app.button(key="sweep.stop").click().run()
    assert run_of(home, LIVE).status is Status.KILLED, "without a worker the page ends it"
    assert "Continue" in buttons(app)


def test_space_is_narrowed_into_a_new_sweep(home: Home, gone: list[tuple[str, dict[str, Any]]]) -> None:
    app = opened(draw_sweep, id=SWEEP_ID)
    app.button(key="sweep.narrow").click().run()
    text = app.text_area(key="sweep.narrowed").value
    assert load_sweep(text).space.dimensions != sweep_of().space.dimensions
    app.button(key="sweep.narrowed_start").click().run()
    assert not app.exception
    ((page, query),) = gone
    assert page == "sweep"
    reader = open_reader(home.tracking_uri(environment={}))
    assert sweep_file_of(reader, run_of(home, query["id"])).space == load_sweep(text).space


def test_selected_trials_are_compared_or_taken_to_build(home: Home, gone: list[tuple[str, dict[str, Any]]]) -> None:
    app = page_of(draw_sweep)
    app.query_params["id"] = SWEEP_ID
    app.session_state["sweep.selected"] = (SWEEP_ID, (0, 1))
    app.run()
    assert table(app)["selected"] == [each for each in _shown(app) if each in {"0", "1"}]
    app.button(key="sweep.compare").click().run()
    assert gone == [("compare", {"runs": ",".join(run_id_of(f"sweep trial {n}") for n in (0, 1))})]
    app.session_state["sweep.selected"] = (SWEEP_ID, (4,))
    app.run()
    app.button(key="sweep.build").click().run()
    assert gone[-1] == ("build", {"from": run_id_of("sweep trial 4")})


def _shown(app: AppTest) -> list[str]:
    return [row["id"] for row in table(app)["rows"]]


@pytest.fixture
def looker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who may only look."""
    monkeypatch.setenv(SIGN_IN, "password")
    monkeypatch.setattr(rights, "person", lambda: Person(name="Ada", role=Role.LOOK))


@pytest.mark.usefixtures("looker", "gone")
@pytest.mark.parametrize("sweep_id", [LIVE, SWEEP_ID, FRONT])
def test_forged_press_of_who_may_only_look_changes_nothing(home: Home, sweep_id: str) -> None:
    def recorded() -> dict[str, tuple[Status, dict[str, str]]]:
        reader = open_reader(home.tracking_uri(environment={}))
        return {run.run_id: (run.status, dict(run.tags)) for run in pages(reader, RunQuery(limit=1_000))}

    before, app = recorded(), opened(draw_sweep, id=sweep_id)
    assert {"sweep.add", "sweep.confirm", "sweep.narrow"} <= {each.key for each in app.button}

    def press(key: str) -> None:
        button = app.button(key=key)
        # A browser can be made to do this.
        button.proto.disabled = False
        button.click().run()
        assert not app.exception, key

    for key in sorted(str(each.key) for each in app.button):
        press(key)
        # The buttons in the popovers are not disabled.
        if key in {"sweep.add", "sweep.confirm"}:
            assert "ask an administrator for the role run" in words(app)
    if sweep_id == SWEEP_ID:
        app.session_state["sweep.narrowing"] = sweep_id
        app.run()
        press("sweep.narrowed_start")
    assert recorded() == before
    assert list(deeds(home)) == []


@pytest.mark.usefixtures("looker")
def test_who_may_only_look_presses_nothing(home: Home) -> None:
    app = opened(draw_sweep, id=LIVE)
    shown = [each for each in app.button if each.label in {"Pause", "Stop", "Narrow the space"}]
    assert len(shown) == 3
    assert all(each.disabled and "ask an administrator for the role “run”" in each.help for each in shown)
    run = run_of(home, LIVE)
    for action in (sweep_actions.pause, sweep_actions.stop, sweep_actions.go_on):
        with pytest.raises(rights.AccessError, match="ask an administrator"):
            action(run)
    with pytest.raises(rights.AccessError, match="ask an administrator"):
        sweep_actions.start(sweep_of())
    assert run_of(home, LIVE).tags == run.tags


def test_press_is_written_down_with_its_person(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIGN_IN, "password")
    monkeypatch.setattr(rights, "person", lambda: Person(name="Ada", role=Role.RUN))
    app = opened(draw_sweep, id=LIVE)
    app.button(key="sweep.pause").click().run()
    assert not app.exception
    assert [deed[1:] for deed in deeds(home)] == [("Ada", "pause sweeps", (LIVE,))]


def _draw_cluster() -> None:
    from dashboard.views import cluster

    cluster.render()


@pytest.mark.usefixtures("looker", "home")
def test_page_of_the_cluster_has_nothing_to_press() -> None:
    app = page_of(_draw_cluster).run()
    assert not app.exception
    assert not [*app.button, *app.text_input, *app.selectbox, *app.toggle]


def test_page_shows_the_last_known_state_while_the_store_is_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(draw_sweep, id=LIVE)

    def away(*_: object, **__: object) -> Any:
        raise StoreUnreachableError("The store does not respond.")

    for name in ("get", "find", "page", "version"):
        monkeypatch.setattr(SqlReader, name, away)
    said = words(app.run())
    assert "The store does not respond" in said
    assert "sweep.course" in charts(app)


def test_run_of_a_sweep_and_its_trials_lead_to_its_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "check_report", lambda config: None)
    app = opened(draw_run, id=SWEEP_ID)
    assert "This run is a sweep" in words(app)
    assert "another program" not in words(app)
    trial = opened(draw_run, id=run_id_of("sweep trial 3"))
    labels = [each.proto.label.replace("\\", "") for each in trial.get("page_link")]
    assert f"trial 3 of sweep {SWEEP_ID[:8]}, pruned at epoch 3" in labels
    rows = table(opened(draw_runs))["rows"]
    assert {row["href"] for row in rows if row["id"] in {SWEEP_ID, LIVE, FRONT}} <= {
        address_of(SWEEP, id=each) for each in (SWEEP_ID, LIVE, FRONT)
    }


def test_importances_come_from_the_program_and_follow_new_trials(swept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program itself, once."""
    monkeypatch.setenv("FITBOARD_HOME", str(swept.path))
    from dashboard.loaders.sweeps import follow

    seen = follow(SWEEP_ID).seen
    assert seen is not None
    job = sweep_importances._Job()
    job.ask(seen, 29)
    assert job.answer.pending
    process = job._process
    assert process is not None
    process.wait(300)
    job.listen()
    assert job.answer.found is not None
    assert {each.param for each in job.answer.found} == {each.name for each in seen.sweep.space.dimensions}
    assert (job.answer.pending, job.answer.trials) == (False, 29)
