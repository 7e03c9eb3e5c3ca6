"""What a role does not allow is disabled on the pages with the reason, and refused for whoever presses it anyway."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions
from dashboard.access import rights
from dashboard.access.deeds import deeds, write_deed
from dashboard.access.people import Person, Role
from dashboard.access.rights import AccessError
from dashboard.data_state import PATH
from dashboard.draft import Draft, History
from dashboard.environment import SIGN_IN
from dashboard.loaders import checks, own_data
from dashboard.navigation import RUN, address_of
from dashboard.views.runs import actions as runs_actions
from tests.support.pages import draw_build, draw_data, draw_run, draw_runs, opened, page_of
from tests.support.store import run_id_of
from trainer.config.check import CheckReport
from trainer.data.library import Library
from trainer.home import Home
from trainer.tracking import RunQuery, Tag, open_reader

_RUNNING, _QUEUED, _FINISHED = (run_id_of(label) for label in ("running", "queued", "finished"))
_AGAINST_RUN = "ask an administrator for the role “run”"


@pytest.fixture
def home(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    monkeypatch.setenv(SIGN_IN, "password")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    return Home(seeded_home)


def _be(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "person", lambda: Person("lea", role))


def _words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.warning]
    return "\n".join(part.value for part in parts).replace("\\", "")


def _forge_click(app: AppTest, key: str) -> None:
    """Click a button that is disabled, as a browser can be made to do."""
    button = app.button(key=key)
    button.proto.disabled = False
    button.click().run()
    assert not app.exception


def test_run_of_someone_who_may_only_look_cannot_be_changed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _be(Role.LOOK, monkeypatch)
    app = opened(draw_run, id=_RUNNING)
    assert not app.exception
    for key in ("run.stop", "run.rerun", "run.edit_note"):
        assert app.button(key=key).disabled
        assert _AGAINST_RUN in app.button(key=key).help
    assert not app.button(key="run.change").disabled

    _forge_click(app, "run.stop")
    _forge_click(app, "run.rerun")
    (run,) = open_reader(home.tracking_uri()).get([_RUNNING])
    assert Tag.STOP not in run.tags
    assert list(deeds(home)) == []


def test_server_refuses_what_a_role_does_not_allow(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _be(Role.LOOK, monkeypatch)
    (run,) = open_reader(home.tracking_uri()).get([_RUNNING])
    for act in (actions.stop, actions.kill, actions.resume, actions.rerun, actions.delete):
        outcome = act([run])
        assert outcome.done == ()
        assert outcome.problems[0].startswith("lea may look at runs and data, and export them; to ")
    assert actions.restore([_FINISHED]).done == ()
    with pytest.raises(AccessError, match="to create experiments, ask an administrator for the role run"):
        actions.new_experiment("mine")
    with pytest.raises(AccessError, match="to remove data, ask an administrator for the role administer"):
        own_data.remove("x", copies=False)
    assert list(deeds(home)) == []


def test_run_is_stopped_by_someone_who_may_run(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _be(Role.RUN, monkeypatch)
    app = opened(draw_run, id=_RUNNING)
    app.button(key="run.stop").click().run()
    assert not app.exception
    assert [deed[1:] for deed in deeds(home)] == [("lea", "stop runs", (_RUNNING,))]


def test_deleted_run_is_restored_by_those_who_administer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _be(Role.ADMINISTER, monkeypatch)
    app = page_of(draw_runs).run()
    assert {"delete", "move", "tag", "remove"} <= _offered(app, [_FINISHED])
    _be(Role.RUN, monkeypatch)
    assert {"tag", "note", "export"} <= _offered(app, [_FINISHED])
    assert not {"delete", "move", "restore", "remove"} & _offered(app, [_FINISHED])
    assert not app.button(key="runs.rerun").disabled
    _be(Role.LOOK, monkeypatch)
    assert _offered(app, [_FINISHED]) == {"export"}
    app = page_of(draw_runs).run()
    assert not app.exception
    assert app.button(key="runs.more_off").disabled
    assert app.button(key="runs.rerun").disabled
    assert _AGAINST_RUN in app.button(key="runs.rerun").help


def _offered(app: AppTest, selected: list[str]) -> set[str]:
    app.session_state["runs.selected"] = tuple(selected)
    app.run()
    assert not app.exception
    (menu,) = (each for each in app.get("menu_button") if "runs.more" in each.proto.id)
    labels = {label: action for action, label in runs_actions._MENU.items()}
    return {labels[label] for label in menu.proto.options}


def test_train_is_disabled_with_the_reason(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _be(Role.LOOK, monkeypatch)
    app = page_of(draw_build).run()
    assert not app.exception
    assert app.button(key="train").disabled
    assert _AGAINST_RUN in _words(app)
    before = _count(home)
    _forge_click(app, "train")
    assert _count(home) == before
    assert list(deeds(home)) == []


def _count(home: Home) -> int:
    return open_reader(home.tracking_uri()).page(RunQuery()).total


def test_files_of_the_machine_are_not_shown_to_those_who_may_only_look(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "salaries.csv"
    secret.write_text("name,salary\nanna,1\nbob,2\n" * 20)
    kept = home.data / "kept.csv"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(secret.read_text())

    _be(Role.LOOK, monkeypatch)
    for path in (str(secret), f"{home.data}/../../salaries.csv"):
        app = opened(draw_data, **{PATH: path})
        assert "does not allow opening files by their path" in _words(app)
        assert "salary" not in _words(app)
    app = opened(draw_data, **{PATH: str(kept)})
    assert not app.exception
    assert app.button(key="data-keep-button").disabled
    _forge_click(app, "data-keep-button")
    assert Library(home).entries() == ()

    app = opened(draw_data)
    assert not app.text_input
    assert _AGAINST_RUN in _words(app)
    _be(Role.RUN, monkeypatch)
    assert opened(draw_data).text_input
    assert not opened(draw_data, **{PATH: str(secret)}).button(key="data-keep-button").help.startswith("Your role")


def test_draft_of_a_file_by_its_path_is_not_read_for_those_who_may_only_look(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "salaries.csv").write_text("name,salary\nanna,1\nbob,2\n" * 20)
    _be(Role.LOOK, monkeypatch)

    app = page_of(draw_build)
    fields = {"dataset": {"name": "csv", "path": str(tmp_path / "salaries.csv"), "target": "salary"}}
    app.session_state["build.drafts"] = History(Draft.of(fields))
    app.run()
    assert not app.exception
    assert "does not allow opening files by their path" in _words(app)
    assert "anna" not in _words(app)


def _draw_actions() -> None:
    from dashboard.views import actions

    actions.render()


def test_actions_are_shown_to_those_who_administer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        write_deed(home, "<b>anna" if number % 2 else "bob", f"action {number}", [_FINISHED, "<i>data"], now=number)
    _be(Role.RUN, monkeypatch)
    app = page_of(_draw_actions).run()
    assert "ask an administrator for the role “administer”" in _words(app)
    assert "action 59" not in _html(app)

    _be(Role.ADMINISTER, monkeypatch)
    app = page_of(_draw_actions).run()
    assert not app.exception
    assert ("action 59" in _html(app), "action 10<" in _html(app), "action 9<" in _html(app)) == (True, True, False)
    assert "&lt;b&gt;anna" in _html(app)
    assert "<b>" not in _html(app)
    assert f'<a href="{address_of(RUN, id=_FINISHED)}"><code>{_FINISHED[:8]}</code></a>, &lt;i&gt;data' in _html(app)
    app = opened(_draw_actions, page="2")
    assert ("action 9<" in _html(app), "action 10<" in _html(app)) == (True, False)
    app = opened(_draw_actions, person="ANNA", about="action 5")
    assert ("action 59" in _html(app), "action 58" in _html(app)) == (True, False)
    for query in ({"page": "99"}, {"page": "x"}, {"page": "²"}, {"person": "nobody"}):
        assert not opened(_draw_actions, **query).exception


def _html(app: AppTest) -> str:
    return "\n".join(each.proto.body for each in app.get("html"))


def test_actions_where_nobody_signs_in_say_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIGN_IN, "")
    assert "Nobody signs in to this Fitboard" in _words(page_of(_draw_actions).run())
