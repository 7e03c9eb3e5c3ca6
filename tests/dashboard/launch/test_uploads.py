"""Files that a browser sends: kept on disk for a browser that has been on a page, refused for all others."""

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.browser_id import COOKIE, new_browser_id
from tests.support.dashboard_server import running_dashboard
from tests.support.pictures import zip_of
from trainer.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("uploads")).make()


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[str]:
    with running_dashboard(home.path) as address:
        yield address


def put(address: str, content: bytes, **headers: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(address, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else {"error": text}


def test_file_is_kept_under_its_digest(server: str, home: Home) -> None:
    content = b"a,b\n" + b"1,2\n" * 3_000_000  # several pieces
    status, answer = put(f"{server}/upload/my%20table.csv", content, Cookie=f"{COOKIE}={new_browser_id()}")
    assert (status, answer) == (200, {"path": f"{hashlib.sha256(content).hexdigest()}/my table.csv"})
    assert (home.data / answer["path"]).read_bytes() == content
    assert not list(home.data.glob(".writing-*"))


def test_browser_that_has_not_been_on_a_page_is_refused(server: str, home: Home) -> None:
    before = sorted(home.data.iterdir())
    status, answer = put(f"{server}/upload/table.csv", b"a\n1\n")
    assert (status, answer) == (
        403,
        {"error": "Open the Data page in this browser first, then upload the file there."},
    )
    assert sorted(home.data.iterdir()) == before


def test_page_of_another_site_is_refused(server: str) -> None:
    headers = {"Cookie": f"{COOKIE}={new_browser_id()}", "Origin": "https://elsewhere.example"}
    status, answer = put(f"{server}/upload/table.csv", b"a\n1\n", **headers)
    assert status == 403
    assert "refused" in answer["error"]


def test_name_cannot_lead_out_of_home(server: str, home: Home) -> None:
    cookie = f"{COOKIE}={new_browser_id()}"
    status, answer = put(f"{server}/upload/C:%5Cdata%5Cevil.csv", b"a\n7\n", Cookie=cookie)
    assert status == 200, answer
    assert answer["path"].rpartition("/")[2] == "evil.csv"


def test_folder_is_unpacked(server: str, home: Home, tmp_path: Path) -> None:
    content = zip_of(tmp_path / "pets.zip", {"cat/a.txt": b"meow", "dog/b.txt": b"woof"}).read_bytes()
    status, answer = put(f"{server}/upload/pets.zip?folder", content, Cookie=f"{COOKIE}={new_browser_id()}")
    assert status == 200, answer
    assert (home.data / answer["path"] / "dog" / "b.txt").read_bytes() == b"woof"
    assert answer["path"].endswith("/pets")
