"""A real server, asked as browsers and as other sites ask it."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.dashboard_server import running_dashboard
from trainer.home import Home

_HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
_BASE = "https://fit.example.org"
_HANGS_AFTER_SECONDS = 300
"""Ends a request that hangs. A busy server takes seconds while it loads in advance what pages need."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("guarded")).make()
    with running_dashboard(home.path, "--base-url", _BASE) as address:
        yield address


def ask(server: str, path: str, *, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=_HANGS_AFTER_SECONDS)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = "" if answer.status == 101 else answer.read().decode(errors="replace")
    connection.close()
    return answer.status, answer.headers, body


@pytest.mark.parametrize(
    "path", ["/build", "/_stcore/health", "/_stcore/host-config", "/static/nothing.js", "/", "/media/nothing.png"]
)
def test_no_answer_can_be_framed_or_sniffed(server: str, path: str) -> None:
    _, headers, _ = ask(server, path)
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/run/extra?id=abc&tab=log", "/run?id=abc&tab=log"),
        ("/runs/a/b/c", "/runs"),
        ("/n%C3%B6/%2F%5Cx?q=%20", "/n%C3%B6?q=%20"),
        ("/evil.example//x", "/evil.example"),
    ],
)
def test_address_below_a_page_leads_to_the_page(server: str, path: str, page: str) -> None:
    status, headers, body = ask(server, path)
    assert (status, headers["Location"], body) == (307, page, "")
    assert headers["X-Frame-Options"] == "DENY"
    assert ask(server, page)[0] == 200


def test_no_other_site_may_send_the_pages_messages(server: str) -> None:
    assert json.loads(ask(server, "/_stcore/host-config")[2])["allowedOrigins"] == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_request_for_another_host_is_refused(server: str, host: str) -> None:
    status, headers, body = ask(server, "/build", Host=host)
    assert status == 403
    assert "--allow-host" in body
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("host", ["localhost", "fit.example.org"])
def test_request_for_a_named_host_is_answered(server: str, host: str) -> None:
    assert ask(server, "/build", Host=host)[0] == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("same", 101),
        (_BASE, 101),
        ("https://evil.example", 403),
        ("http://localhost:9999", 403),
        ("null", 403),
    ],
)
def test_only_own_pages_may_open_a_session(server: str, origin: str, status: int) -> None:
    given = server if origin == "same" else origin
    assert ask(server, "/_stcore/stream", Origin=given, **_HANDSHAKE)[0] == status


def test_session_for_another_host_is_refused(server: str) -> None:
    asked = {"Host": "evil.example", "Origin": "http://evil.example", **_HANDSHAKE}
    assert ask(server, "/_stcore/stream", **asked)[0] == 403


def test_other_site_may_not_upload(server: str) -> None:
    path = "/_stcore/upload_file/session/file"
    assert ask(server, path, method="PUT", Origin="https://evil.example")[0] == 403


def test_root_leads_to_the_first_page_with_its_query(server: str) -> None:
    status, headers, _ = ask(server, "/?from=abc")
    assert (status, headers["Location"]) == (307, "/build?from=abc")


def test_browser_gets_an_id_and_keeps_it(server: str) -> None:
    given = ask(server, "/runs")[1]["Set-Cookie"]
    found = re.match(r"(fitboard_browser=[\w-]{43});", given)
    assert found is not None
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(given.split("; "))
    assert ask(server, "/build", Cookie=f"other=1; {found[1]}")[1]["Set-Cookie"].startswith(found[1])
    assert not any("fitboard" in line for line in ask(server, "/_stcore/health")[1].get_all("Set-Cookie", []))


def test_id_that_somebody_made_up_is_replaced(server: str) -> None:
    made_up = "fitboard_browser=../../etc/passwd"
    assert "passwd" not in ask(server, "/runs", Cookie=made_up)[1]["Set-Cookie"]


def test_pages_are_served_under_the_path_of_the_base_url(tmp_path: object) -> None:
    home = Home.resolve(str(tmp_path)).make()
    with running_dashboard(home.path, "--base-url", f"{_BASE}/board", path="/board") as address:
        assert ask(address, "/board/runs")[0] == 200
        assert ask(address, "/board/")[1]["Location"] == "/board/build"
        assert "Path=/board" in ask(address, "/board/runs")[1]["Set-Cookie"]


@pytest.mark.parametrize("command", ["up", "dashboard"])
def test_open_dashboard_has_to_be_asked_for_twice(command: str, tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "dashboard.cli", command, "--host", "0.0.0.0", "--home", str(tmp_path / "home")]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert "Without sign-in" in done.stderr
    assert "--i-know" in done.stderr
    assert not (tmp_path / "home").exists()
