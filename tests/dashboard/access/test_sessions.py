"""Sessions end with their time, their person and their password, and cannot be forged."""

import stat
from pathlib import Path

import pytest

from dashboard.access.people import People, Person, Role
from dashboard.access.sessions import Sessions
from trainer.home import Home

_PASSWORD = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").make()


@pytest.fixture
def people(home: Home) -> People:
    found = People.of(home)
    found.put("anna", Role.RUN, _PASSWORD)
    return found


def test_token_is_valid_in_every_process_of_the_home(home: Home, people: People) -> None:
    token = Sessions.of(home).issue(Person("anna", Role.RUN))
    assert Sessions.of(home).person(token) == Person("anna", Role.RUN)
    assert stat.S_IMODE((home.path / "session.key").stat().st_mode) == 0o600
    people.put("anna", Role.LOOK)
    assert Sessions.of(home).person(token) == Person("anna", Role.LOOK)


def test_token_ends_with_password_and_person(home: Home, people: People) -> None:
    sessions = Sessions.of(home)
    token = sessions.issue(Person("anna", Role.RUN))
    people.put("anna", Role.RUN, "another password")
    assert sessions.person(token) is None

    token = sessions.issue(Person("anna", Role.RUN))
    assert sessions.person(token) is not None
    people.remove("anna")
    assert sessions.person(token) is None
    people.put("anna", Role.RUN, _PASSWORD)
    assert sessions.person(token) is None


def test_token_ends_with_its_time(home: Home, people: People) -> None:
    token = Sessions.of(home).issue(Person("anna", Role.RUN))
    assert Sessions(b"k" * 32, people).person(token) is None
    key = (home.path / "session.key").read_bytes()
    assert Sessions(key, people, lasting=60).person(token) is not None
    assert Sessions(key, people, lasting=-1).person(token) is None


@pytest.mark.parametrize("token", [None, "", "x", "W10.x.y", "é" * 500])
def test_nonsense_is_no_session(home: Home, people: People, token: str | None) -> None:
    assert Sessions.of(home).person(token) is None


def test_damaged_file_of_people_ends_all_sessions(home: Home, people: People) -> None:
    sessions = Sessions.of(home)
    token = sessions.issue(Person("anna", Role.RUN))
    people.path.write_text("[")
    assert sessions.person(token) is None
