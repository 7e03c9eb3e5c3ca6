"""Streamlit's browser part as this server gives it: from memory, and with what each page needs named ahead."""

import http.client
import re
import urllib.request
from collections.abc import Iterator
from email.message import Message
from urllib.parse import urlsplit

import pytest

from dashboard.launch.front_end import WIDGETS, page_text, scripts_of
from dashboard.navigation import PAGES
from tests.support.dashboard_server import running_dashboard
from trainer.home import Home

_BASE = "/fit&board"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("front")).make()
    with running_dashboard(home.path, "--base-url", f"http://127.0.0.1{_BASE}", path=_BASE) as address:
        yield address


def ask(address: str, method: str = "GET") -> tuple[Message, bytes]:
    with urllib.request.urlopen(urllib.request.Request(address, method=method), timeout=60) as answer:
        return answer.headers, answer.read()


def test_every_page_has_its_widgets() -> None:
    assert set(WIDGETS) == {"start", *(page.path for page in PAGES)}


@pytest.mark.parametrize("widget", sorted({widget for widgets in WIDGETS.values() for widget in widgets}))
def test_widget_is_one_of_the_installed_streamlit(widget: str) -> None:
    assert scripts_of([widget])


def test_widget_that_streamlit_lacks_has_no_script() -> None:
    assert scripts_of(["Nothing"]) == ()


def test_scripts_are_named_with_all_that_they_import() -> None:
    names = [name.partition(".")[0] for name in scripts_of(["Selectbox"])]
    assert names[0] == "Selectbox"
    assert "useMenuTrigger" in names


def test_page_says_where_its_server_is(server: str) -> None:
    headers, body = ask(f"{server}/run?id=latest")
    assert f'BACKEND_BASE_URL: location.origin + "{_BASE}/"' in body.decode()
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Content-Type"].startswith("text/html")
    assert "fitboard_browser=" in headers["Set-Cookie"]
    assert headers["X-Frame-Options"] == "DENY"


def test_path_cannot_end_the_script() -> None:
    assert "</script><b>" not in page_text("run", "/</script><b>")


def test_files_that_a_page_names_are_kept_for_good(server: str) -> None:
    page = ask(f"{server}/build")[1].decode()
    names = re.findall(r'(?:src|href)="\./(static/js/[^"]+)"', page)
    assert any("TextInput" in name for name in names)
    for name in names:
        headers, body = ask(f"{server}/{name}")
        assert "immutable" in headers["Cache-Control"]
        assert headers["Content-Type"].startswith("text/javascript")
        assert int(headers["Content-Length"]) == len(body)


def test_head_has_no_body(server: str) -> None:
    headers, body = ask(f"{server}/build", "HEAD")
    assert int(headers["Content-Length"]) > 1000
    assert body == b""


@pytest.mark.parametrize("name", ["../index.html", "%2e%2e/index.html", "js/../../index.html"])
def test_no_file_outside_of_the_folder_is_served(server: str, name: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.request("GET", f"{_BASE}/static/{name}")
    answer = connection.getresponse()
    connection.close()
    assert "immutable" not in answer.headers.get("Cache-Control", "")
