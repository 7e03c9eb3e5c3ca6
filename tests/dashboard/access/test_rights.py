"""What people may do on the pages, and that it is written down."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from dashboard.access import rights
from dashboard.access.deeds import deeds
from dashboard.access.people import People, Person, Role
from dashboard.access.rights import AccessError, may, name_of_person, permit, reason_against
from dashboard.access.sessions import COOKIE, Sessions
from dashboard.environment import SIGN_IN
from trainer.home import Home

_PASSWORD = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path / "home").make()
    monkeypatch.setenv("FITBOARD_HOME", str(made.path))
    for role in Role:
        People.of(made).put(f"who may {role}", role, _PASSWORD)
    return made


def _use(home: Home, role: Role | None, monkeypatch: pytest.MonkeyPatch) -> None:
    token = Sessions.of(home).issue(Person(f"who may {role}", role)) if role else "none"
    monkeypatch.setattr(st, "context", SimpleNamespace(cookies=SimpleNamespace(to_dict=lambda: {COOKIE: token})))


def test_everyone_may_do_everything_where_nobody_signs_in(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIGN_IN, "")
    permit("delete runs", Role.ADMINISTER, ["a"])
    assert (may(Role.ADMINISTER), name_of_person(), list(deeds(home))) == (True, None, [])


def test_roles_decide_and_deeds_are_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIGN_IN, "password")
    _use(home, Role.RUN, monkeypatch)
    permit("stop runs", Role.RUN, ["a", "b"])
    with pytest.raises(AccessError, match=r"^who may run may also train.*; to delete runs, ask an administrator for"):
        permit("delete runs", Role.ADMINISTER, ["a"])

    assert [deed[1:] for deed in deeds(home)] == [("who may run", "stop runs", ("a", "b"))]
    assert (may(Role.RUN), may(Role.ADMINISTER), name_of_person()) == (True, False, "who may run")
    assert reason_against(Role.RUN) is None
    words = "Your role “run” does not allow this; ask an administrator for the role “administer”."
    assert reason_against(Role.ADMINISTER) == words


def test_ended_session_may_do_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIGN_IN, "password")
    _use(home, None, monkeypatch)
    assert (rights.person(), may(Role.LOOK)) == (None, False)
    assert reason_against(Role.LOOK) == "Your session has ended; reload the page and sign in again."
    with pytest.raises(AccessError, match="Your session has ended"):
        permit("stop runs", Role.RUN)


def test_nothing_of_sign_in_is_loaded_where_nobody_signs_in() -> None:
    script = (
        "import sys, dashboard.cli, dashboard.access.rights, dashboard.launch.server as server; "
        "from dashboard.launch.site import Site; server.application(Site(port=1)); "
        "print({'werkzeug', 'authlib', 'dashboard.access.oidc', 'dashboard.access.sessions', "
        "'dashboard.launch.sign_in'} & set(sys.modules))"
    )
    environment = {name: value for name, value in os.environ.items() if name != SIGN_IN}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout.strip(), done.returncode) == ("set()", 0), done.stderr
