"""What a role does not allow is disabled on the pages with the reason, and refused for whoever presses it anyway."""

import os
import re
from pathlib import Path
from typing import Any

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
from dashboard.loaders import checks, own_data, search_space
from dashboard.navigation import RUN, address_of
from dashboard.state import unnamed
from dashboard.views.runs import actions as runs_actions
from tests.support.pages import draw_build, draw_data, draw_run, draw_runs, opened, page_of
from tests.support.store import run_id_of
from trainer.config import REGISTRIES, describe
from trainer.config.check import CheckReport
from trainer.config.recipes import RECIPES
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


_CSV = {"name": "csv", "path": "{secret}", "target": "salary"}
_NAMED = {
    "data": ({"dataset": _CSV}, {}),
    "relative data": ({"dataset": {**_CSV, "path": "{relative}"}}, {}),
    "weights": ({"weights": {"source": "file", "path": "{secret}"}}, {}),
    "choice of data": ({}, {("dataset",): ["digits", _CSV]}),
    "choice of paths of data": ({"dataset": {**_CSV, "path": "{kept}"}}, {("dataset", "path"): ["{kept}", "{secret}"]}),
    "choice of weights": ({}, {("weights",): [None, {"source": "file", "path": "{secret}"}]}),
    "choice of paths of weights": (
        {"weights": {"source": "file", "path": "{kept}"}},
        {("weights", "path"): ["{kept}", "{secret}"]},
    ),
    "no path": ({"dataset": {**_CSV, "path": "~nobody-here/x"}}, {}),
    "no path either": ({"dataset": {**_CSV, "path": "a\0b"}}, {}),
    "far too long a path": ({"dataset": {**_CSV, "path": "x" * 5_000}}, {}),
}


@pytest.mark.parametrize("named", _NAMED)
def test_draft_that_names_a_file_of_the_machine_is_not_read_for_those_who_may_only_look(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    secret, kept = tmp_path / "salaries.csv", home.data / "kept.csv"
    kept.parent.mkdir(parents=True, exist_ok=True)
    for file in (secret, kept):
        file.write_text("name,salary\nanna,1\nbob,2\n" * 20)
    paths = {"{secret}": str(secret), "{kept}": str(kept), "{relative}": os.path.relpath(secret)}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        return paths.get(value, value) if isinstance(value, str) else value

    def never(*_: object) -> None:
        raise AssertionError("the inspector reads files")

    fields, domains = filled(_NAMED[named][0]), _NAMED[named][1]
    draft = Draft.of(unnamed(RECIPES[0].config) | fields)
    for path, domain in domains.items():
        draft = draft.vary(path, filled(domain))
    draft = draft.with_search(draft.search.switched(bool(domains)))
    for loader in (checks, search_space):
        monkeypatch.setattr(loader, "check_report", never)

    _be(Role.LOOK, monkeypatch)
    app = page_of(draw_build)
    app.session_state["build.drafts"] = History(draft)
    app.run()
    assert not app.exception
    assert "does not allow opening files by their path" in _words(app)
    assert not {"anna", "salary"} & set(re.findall(r"\w+", _words(app)))
    assert "train" not in {button.key for button in app.button}


def test_every_path_in_the_schema_is_a_field_called_path() -> None:
    members = [member for registry in REGISTRIES.values() for member in registry.members.values()]
    fields = {(member.kind_of(), spec.name): spec.help for member in members for spec in describe(member)}
    named = {place for place in fields if place[1] == "path"}
    assert {kind for kind, _ in named} >= {"csv", "parquet", "npz", "images", "text", "series", "file"}
    # `Draft.disk_paths` finds no others, and someone who may only look could then read any file by them.
    sounds = re.compile(r"path|file|folder|directory")
    assert {place for place, told in fields.items() if told.startswith("Path") or sounds.search(place[1])} == named


def test_time_of_a_sweep_is_not_measured_for_those_who_may_only_look(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_space, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    monkeypatch.setattr(search_space, "seconds_of", lambda *_: None)
    asked: list[object] = []
    monkeypatch.setattr(search_space, "measure", lambda *_, **__: asked.append(1))
    draft = Draft.of(unnamed(RECIPES[0].config)).vary(("optimizer", "learning_rate"), [0.1, 0.2])
    for role in (Role.LOOK, Role.RUN):
        _be(role, monkeypatch)
        app = page_of(draw_build)
        app.session_state["build.drafts"] = History(draft.with_search(draft.search.switched(True)))
        app.run()
        assert not app.exception
        assert ("has not been measured" in _words(app), bool(asked)) == (role is Role.LOOK, role is Role.RUN)


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
