"""A real server that lets only people in who have signed in."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest

from dashboard.access.attempts import Attempts
from dashboard.access.deeds import deeds
from dashboard.access.people import People, Role
from tests.support.dashboard_server import running_dashboard
from tests.support.hand_clock import HandClock
from trainer.home import Home

_PASSWORD = "correct horse battery"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("signed")).make()
    for name, role in (("anna", Role.RUN), ("<b>leo", Role.LOOK), ("eve", Role.RUN)):
        People.of(made).put(name, role, _PASSWORD)
    return made


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[str]:
    with running_dashboard(home.path, "--sign-in", "password") as address:
        yield address


class _Browser:
    """Keeps the cookies of one server, and follows no redirect."""

    def __init__(self, server: str) -> None:
        self._server, self._cookies = server, dict[str, str]()

    def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection(urlsplit(self._server).netloc, timeout=300)
        kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        connection.request(method, path, body, {"Accept": "text/html", **kept, **headers})
        answer = connection.getresponse()
        text = "" if answer.status == 101 else answer.read().decode(errors="replace")
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.headers, text

    def sign_in(self, name: str, password: str, wanted: str = "") -> tuple[int, http.client.HTTPMessage, str]:
        body = urlencode({"name": name, "password": password, "next": wanted})
        return self.ask("/sign-in", method="POST", body=body, **_FORM)


@pytest.fixture
def browser(server: str) -> _Browser:
    return _Browser(server)


def test_nothing_is_served_to_strangers(browser: _Browser) -> None:
    status, headers, _ = browser.ask("/runs?q=a%20b&sort=x")
    assert (status, headers["Location"]) == (303, "/sign-in?next=%2Fruns%3Fq%3Da%2520b%26sort%3Dx")
    assert browser.ask("/static/nothing.js", Accept="*/*")[0] == 401
    assert browser.ask("/media/nothing.png", Accept="*/*")[0] == 401
    assert browser.ask("/upload/file.csv", method="PUT", body="a,b")[0] == 401
    assert browser.ask("/_stcore/stream", **_HANDSHAKE)[0] == 403
    assert browser.ask("/_stcore/health")[0] == 200


def test_person_signs_in_arrives_and_signs_out(browser: _Browser, home: Home) -> None:
    status, headers, text = browser.ask("/sign-in?next=/runs")
    assert (status, 'value="/runs"' in text, headers["Cache-Control"]) == (200, True, "no-store")
    assert headers["X-Frame-Options"] == "DENY"
    status, headers, _ = browser.sign_in("anna", _PASSWORD, "/runs?q=1")
    assert (status, headers["Location"]) == (303, "/runs?q=1")
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "samesite=lax" in headers["Set-Cookie"].lower()

    assert browser.ask("/runs")[0] == 200
    assert browser.ask("/_stcore/stream", **_HANDSHAKE)[0] == 101
    assert (deeds_of := list(deeds(home)))[-1][1:3] == ("anna", "sign in"), deeds_of
    assert "Sign out of Fitboard?" in browser.ask("/sign-out")[2]
    assert browser.ask("/runs")[0] == 200
    assert browser.ask("/sign-out", method="POST")[0] == 303
    assert browser.ask("/runs")[0] == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/x",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "runs",
        "/a\r\nX: x",
    ],
)
def test_sign_in_leads_to_no_other_site(browser: _Browser, wanted: str) -> None:
    status, headers, _ = browser.sign_in("anna", _PASSWORD, wanted)
    assert (status, headers["Location"]) == (303, "/")


def test_wrong_password_says_no_more_than_needed(browser: _Browser) -> None:
    for name in ("<b>leo", "nobody"):
        status, _, text = browser.sign_in(name, "wrong password")
        assert (status, "Name or password is wrong." in text) == (401, True)
        assert "<b>" not in text
    assert browser.ask("/sign-in", method="POST", body="x" * 20_000, **_FORM)[0] in {401, 429}
    assert browser.ask("/sign-in", method="POST", body=b"\xff=%ff".decode("latin-1"), **_FORM)[0] in {401, 429}


def test_person_who_may_only_look_uploads_nothing(browser: _Browser) -> None:
    assert browser.sign_in("<b>leo", _PASSWORD)[0] == 303
    assert browser.ask("/runs")[0] == 200
    assert browser.ask("/upload/file.csv", method="PUT", body="a,b")[0] == 403


def test_form_of_another_site_is_refused(browser: _Browser) -> None:
    body = urlencode({"name": "anna", "password": _PASSWORD})
    assert browser.ask("/sign-in", method="POST", body=body, Origin="https://evil.example", **_FORM)[0] == 403


def test_session_ends_with_its_person(browser: _Browser, home: Home) -> None:
    assert browser.sign_in("eve", _PASSWORD)[0] == 303
    assert browser.ask("/runs")[0] == 200
    People.of(home).remove("eve")
    assert browser.ask("/runs")[0] == 303


def test_wrong_passwords_are_slowed_down() -> None:
    clock = HandClock()
    attempts = Attempts(5, clock=clock)
    for _ in range(5):
        assert attempts.seconds_to_wait("anna") == 0
        attempts.fail("anna")
    assert (attempts.seconds_to_wait("anna"), attempts.seconds_to_wait("bob")) == (2, 0)
    clock.now += 2
    assert attempts.seconds_to_wait("anna") == 0
    attempts.fail("anna")
    assert attempts.seconds_to_wait("anna") == 4
    for _ in range(40):
        attempts.fail("anna")
    assert attempts.seconds_to_wait("anna") == 300
    attempts.forget("anna")
    assert attempts.seconds_to_wait("anna") == 0
