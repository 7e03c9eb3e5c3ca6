"""A real server that lets only people in who have signed in."""

import asyncio
import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.access.attempts import Attempts
from dashboard.access.deeds import deeds
from dashboard.access.people import People, Person, Role
from dashboard.launch.doorway import Doorway
from dashboard.launch.password_door import PasswordDoor
from dashboard.launch.sign_in import SignIn
from tests.support.hand_clock import HandClock
from tests.support.sign_in import PASSWORD, home_of, password_dashboard
from trainer.home import Home

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    people = {"anna": Role.RUN, "<b>leo": Role.LOOK, "eve": Role.RUN, "max": Role.ADMINISTER, "ida": Role.RUN}
    return home_of(tmp_path_factory.mktemp("signed"), people)


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[str]:
    with password_dashboard(home) as address:
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

    def copy(self) -> "_Browser":
        """Another browser with the cookies of this one."""
        made = _Browser(self._server)
        made._cookies |= self._cookies
        return made

    def post(self, path: str, **fields: str) -> tuple[int, http.client.HTTPMessage, str]:
        return self.ask(path, method="POST", body=urlencode(fields), **_FORM)

    def sign_in(self, name: str, password: str, wanted: str = "") -> tuple[int, http.client.HTTPMessage, str]:
        return self.post("/sign-in", name=name, password=password, next=wanted)


@pytest.fixture
def browser(server: str) -> _Browser:
    return _Browser(server)


def test_nothing_is_served_to_strangers(browser: _Browser) -> None:
    status, headers, _ = browser.ask("/runs?q=a%20b&sort=x")
    assert (status, headers["Location"]) == (303, "/sign-in?next=%2Fruns%3Fq%3Da%2520b%26sort%3Dx")
    assert browser.ask("/static/nothing.js", Accept="*/*")[0] == 401
    for purpose in ("Sec-Purpose", "Purpose"):
        assert browser.ask("/charts/plotly.js", **{purpose: "prefetch"})[0] == 401
    assert browser.ask("/media/nothing.png", Accept="*/*")[0] == 401
    assert browser.ask("/upload/file.csv", method="PUT", body="a,b")[0] == 401
    assert browser.ask("/_stcore/stream", **_HANDSHAKE)[0] == 403
    assert browser.ask("/_stcore/health")[0] == 200


def test_person_signs_in_arrives_and_signs_out(browser: _Browser, home: Home) -> None:
    status, headers, text = browser.ask("/sign-in?next=/runs")
    assert (status, 'value="/runs"' in text, headers["Cache-Control"]) == (200, True, "no-store")
    assert (headers["X-Frame-Options"], headers["Link"]) == ("DENY", None)
    status, headers, _ = browser.sign_in("anna", PASSWORD, "/runs?q=1")
    assert (status, headers["Location"]) == (303, "/runs?q=1")
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "samesite=lax" in headers["Set-Cookie"].lower()

    assert browser.ask("/runs")[0] == 200
    assert browser.ask("/_stcore/stream", **_HANDSHAKE)[0] == 101
    assert next(deeds(home))[1:3] == ("anna", "sign in")
    for page in ("/account", "/sign-out"):
        status, headers, text = browser.ask(page)
        assert (status, headers["Cache-Control"]) == (200, "no-store")
        assert "Your role is “run”: you may also train, stop" in text
        assert "Who did what" not in text
    assert browser.ask("/runs")[0] == 200

    copied = browser.copy()
    assert browser.ask("/sign-out", method="POST")[0] == 303
    assert browser.ask("/runs")[0] == 303
    # Nor does the cookie sign in whoever has copied it.
    assert copied.ask("/runs")[0] == 303
    assert next(deeds(home))[1:3] == ("anna", "sign out")


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
    status, headers, _ = browser.sign_in("anna", PASSWORD, wanted)
    assert (status, headers["Location"]) == (303, "/")


def test_wrong_password_says_no_more_than_needed(browser: _Browser) -> None:
    for name in ("<b>leo", "nobody"):
        status, _, text = browser.sign_in(name, "wrong password")
        assert (status, "Name or password is wrong." in text) == (401, True)
        assert "<b>" not in text
    assert browser.ask("/sign-in", method="POST", body="x" * 20_000, **_FORM)[0] in {401, 429}
    assert browser.ask("/sign-in", method="POST", body=b"\xff=%ff".decode("latin-1"), **_FORM)[0] in {401, 429}


def test_person_who_may_only_look_uploads_nothing(browser: _Browser, home: Home) -> None:
    assert browser.sign_in("<b>leo", PASSWORD)[0] == 303
    assert browser.ask("/runs")[0] == 200
    for path in ("/upload/file.csv", "/upload/..%2F..%2Fpeople.yaml", "/_stcore/upload_file/x/y"):
        for method in ("PUT", "POST", "DELETE", "PATCH"):
            assert browser.ask(path, method=method, body="a,b")[0] == 403
    assert not list(home.data.rglob("*.csv"))


def test_upload_is_written_down_and_stays_in_the_data_folder(browser: _Browser, home: Home) -> None:
    browser.sign_in("anna", PASSWORD)
    browser.ask("/runs")  # which sets the cookie that an upload needs
    assert browser.ask("/upload/file%20of%20anna.csv", method="PUT", body="a,b\n1,2\n")[0] == 200
    assert next(deeds(home))[1:] == ("anna", "upload a file", ("file of anna.csv",))
    people = (home.path / "people.yaml").read_bytes()
    for name in ("..%2F..%2Fpeople.yaml", "..%2Fpeople.yaml", "%2Fetc%2Fpasswd"):
        assert browser.ask(f"/upload/{name}", method="PUT", body="a: {}")[0] in {400, 403, 404, 405}
    assert (home.path / "people.yaml").read_bytes() == people


def test_form_of_another_site_is_refused(browser: _Browser) -> None:
    body = urlencode({"name": "anna", "password": PASSWORD})
    assert browser.ask("/sign-in", method="POST", body=body, Origin="https://evil.example", **_FORM)[0] == 403


def test_password_is_changed_by_those_who_know_it(browser: _Browser, server: str, home: Home) -> None:
    browser.sign_in("max", PASSWORD)
    elsewhere = _Browser(server)
    elsewhere.sign_in("max", PASSWORD)
    assert "Who did what" in browser.ask("/account")[2]

    def change(old: str, new: str, again: str | None = None) -> tuple[int, str]:
        status, _, text = browser.post("/account/password", old=old, new=new, again=again or new)
        return status, text

    for given, words in [
        (("wrong password", "new password 1"), "The current password is wrong."),
        ((PASSWORD, "short"), "The password has 5 characters; expected 10 to 1,000."),
        ((PASSWORD, "new password 1", "new password 2"), "The two new passwords differ; nothing was changed."),
        ((PASSWORD, PASSWORD), "The new password is the current one; choose another."),
    ]:
        status, text = change(*given)
        assert (status, words in text) == (400, True)
    assert elsewhere.ask("/runs")[0] == 200

    assert change(PASSWORD, "new password 1")[0] == 303
    assert "The password was changed" in browser.ask("/account?done=password")[2]
    assert (browser.ask("/runs")[0], elsewhere.ask("/runs")[0]) == (200, 303)
    assert elsewhere.sign_in("max", PASSWORD)[0] == 401
    assert elsewhere.sign_in("max", "new password 1")[0] == 303
    log = (home.path / "test-server.log").read_text() + (home.logs / "actions.jsonl").read_text()
    assert "password 1" not in log
    assert PASSWORD not in log


def test_signing_out_everywhere_ends_all_sessions_but_none_to_come(browser: _Browser, server: str) -> None:
    browser.sign_in("ida", PASSWORD)
    elsewhere = _Browser(server)
    elsewhere.sign_in("ida", PASSWORD)
    assert browser.ask("/account/sign-out")[0] != 303
    assert elsewhere.ask("/runs")[0] == 200
    assert browser.post("/account/sign-out")[0] == 303
    assert (browser.ask("/runs")[0], elsewhere.ask("/runs")[0]) == (303, 303)
    assert browser.sign_in("ida", PASSWORD)[0] == 303
    assert browser.ask("/runs")[0] == 200


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/sign-out", "/sign-out"])
def test_strangers_and_other_sites_change_nothing(browser: _Browser, path: str) -> None:
    status, headers, _ = browser.ask(path)
    assert (status, headers["Location"].partition("?")[0]) == (303, "/sign-in")
    assert browser.post(path)[0] == 401
    assert browser.ask(path, method="POST", body="", Origin="https://evil.example", **_FORM)[0] == 403


def test_many_wrong_passwords_at_once_are_slowed_down_too(server: str) -> None:
    def attempt(_: int) -> int:
        return _Browser(server).sign_in("someone else", "wrong password")[0]

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(attempt, range(16)))
    # All would be answered if those that wait for a place were not counted.
    assert statuses.count(401) <= 6
    status, _, text = _Browser(server).sign_in("someone else", "wrong password")
    assert (status, "Too many attempts; try again in" in text) == (429, True)


def test_wrong_passwords_are_written_down_without_what_was_typed(browser: _Browser, home: Home) -> None:
    browser.sign_in("my secret password", "wrong password")
    browser.sign_in("<b>leo", "wrong password")
    newest, before = list(deeds(home))[:2]
    assert newest[1:] == ("<b>leo", "fail to sign in", ("127.0.0.1",))
    assert before[1:] == ("someone unknown", "fail to sign in", ("127.0.0.1",))


def test_stranger_is_not_told_the_names_of_files(browser: _Browser, home: Home) -> None:
    people = home.path / "people.yaml"
    kept = people.read_bytes()
    try:
        people.write_text("[")
        status, _, text = browser.sign_in("anna", PASSWORD)
    finally:
        people.write_bytes(kept)
    assert (status, "the dashboard&#39;s log says why" in text, str(home.path) in text) == (503, True, False)
    assert "people.yaml is not valid YAML" in (home.path / "test-server.log").read_text()


class _Door(PasswordDoor):
    """Someone who is let in until they are not."""

    def __init__(self, doorway: Doorway) -> None:
        super().__init__(doorway)
        self.is_in = True

    def person(self, cookies: object) -> Person | None:
        return Person("anna", Role.RUN) if self.is_in else None


@pytest.mark.parametrize("speaks", ["browser", "page"])
def test_open_page_is_closed_when_its_session_ends(tmp_path: Path, speaks: str) -> None:
    doorway = Doorway(home=Home(tmp_path).make(), path="", is_secure=False)
    door, said, clock = _Door(doorway), list[Message](), HandClock()

    async def page(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.send", "text": "a secret of before"})
        door.is_in = False
        clock.now += 1
        if speaks == "browser":
            assert (await receive())["type"] == "websocket.disconnect"
        await send({"type": "websocket.send", "text": "a secret of after"})
        await send({"type": "websocket.send", "text": "another one"})

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": "rerun"}

    async def send(message: Message) -> None:
        said.append(message)

    app = SignIn(page, doorway=doorway, door=door, clock=clock)
    # In a thread, since the tests of the browser leave a running event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
        pool.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    assert [each.get("text", each["type"]) for each in said] == ["a secret of before", "websocket.close"]


def test_session_ends_with_its_person(browser: _Browser, home: Home) -> None:
    assert browser.sign_in("eve", PASSWORD)[0] == 303
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


def test_wrong_passwords_of_an_office_are_forgotten_with_time() -> None:
    clock = HandClock()
    attempts = Attempts(2, clock=clock)
    for _ in range(20):
        attempts.fail("10.0.0.1")
        clock.now += 300
    assert attempts.seconds_to_wait("10.0.0.1") == 0
    for _ in range(5):
        attempts.fail("10.0.0.1")
        attempts.forgive("10.0.0.1")
    assert attempts.seconds_to_wait("10.0.0.1") == 0
