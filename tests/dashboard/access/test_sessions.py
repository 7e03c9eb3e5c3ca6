"""Sessions end with their time, their person and their password, and cannot be forged."""

import stat
from pathlib import Path

import pytest

from dashboard.access.ended_sessions import EndedSessions
from dashboard.access.people import People, Person, Role
from dashboard.access.sessions import COOKIE, Sessions
from tests.support.hand_clock import HandClock
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


def _cookies(home: Home) -> dict[str, str]:
    return {COOKIE: Sessions.of(home).issue(Person("anna", Role.RUN))}


def test_token_is_valid_in_every_process_of_the_home(home: Home, people: People) -> None:
    cookies = _cookies(home)
    assert Sessions.of(home).person(cookies) == Person("anna", Role.RUN)
    assert stat.S_IMODE((home.path / "session.key").stat().st_mode) == 0o600
    people.put("anna", Role.LOOK)
    assert Sessions.of(home).person(cookies) == Person("anna", Role.LOOK)


def test_token_ends_with_password_and_person(home: Home, people: People) -> None:
    sessions, cookies = Sessions.of(home), _cookies(home)
    people.put("anna", Role.RUN, "another password")
    assert sessions.person(cookies) is None

    cookies = _cookies(home)
    assert sessions.person(cookies) is not None
    people.remove("anna")
    assert sessions.person(cookies) is None
    people.put("anna", Role.RUN, _PASSWORD)
    assert sessions.person(cookies) is None


def test_signing_out_ends_the_session_of_one_browser_even_for_a_copy_of_its_cookie(home: Home, people: People) -> None:
    sessions, here = Sessions.of(home), _cookies(home)
    there = _cookies(home)
    sessions.end(dict(here))
    assert (Sessions.of(home).person(here), sessions.person(there)) == (None, Person("anna", Role.RUN))
    assert here[COOKIE] not in (home.path / "sessions.ended").read_text()
    assert stat.S_IMODE((home.path / "sessions.ended").stat().st_mode) == 0o600


def test_signing_out_everywhere_ends_what_has_begun(home: Home, people: People) -> None:
    clock = HandClock()
    sessions = Sessions(b"k" * 32, people, EndedSessions.of(home), clock=clock)
    cookies = {COOKIE: sessions.issue(Person("anna", Role.RUN))}
    assert sessions.person(cookies) is not None
    people.end_sessions("anna", now=clock.now)
    assert sessions.person(cookies) is None
    # Signing in again works at once, also within the same second.
    clock.now += 0.1
    assert sessions.person({COOKIE: sessions.issue(Person("anna", Role.RUN))}) is not None


def test_ended_sessions_are_forgotten_when_they_would_have_ended_by_themselves(tmp_path: Path) -> None:
    clock = HandClock()
    ended = EndedSessions(tmp_path / "ended", clock=clock)
    ended.end("a", lasting=10)
    clock.now += 5
    ended.end("b", lasting=10)
    clock.now += 6
    ended.forget_old()
    assert ("a" in ended, "b" in ended, "c" in ended) == (False, True, False)


def test_token_ends_with_its_time(home: Home, people: People) -> None:
    cookies, ended = _cookies(home), EndedSessions.of(home)
    assert Sessions(b"k" * 32, people, ended).person(cookies) is None
    key = (home.path / "session.key").read_bytes()
    assert Sessions(key, people, ended, lasting=3_600).person(cookies) is not None
    assert Sessions(key, people, ended, lasting=-1).person(cookies) is None


@pytest.mark.parametrize("token", ["", "x", "W10.x.y", "é" * 500])
def test_nonsense_is_no_session(home: Home, people: People, token: str) -> None:
    assert Sessions.of(home).person({COOKIE: token}) is None
    assert Sessions.of(home).person({}) is None


def test_damaged_file_of_people_ends_all_sessions(home: Home, people: People) -> None:
    sessions, cookies = Sessions.of(home), _cookies(home)
    people.path.write_text("[")
    assert sessions.person(cookies) is None
