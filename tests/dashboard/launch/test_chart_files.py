"""How plotly.js comes to a browser, from a real server behind a path."""

import gzip
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest

from dashboard.chart_script import CHART_SCRIPT, content
from tests.support.dashboard_server import running_dashboard
from trainer.home import Home


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("charts")).make()
    with running_dashboard(home.path, "--base-url", "http://127.0.0.1/fitboard", path="/fitboard") as address:
        yield address


def ask(address: str, **headers: str) -> tuple[Message, bytes]:
    asked = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.headers, answer.read()


def test_script_is_packed_and_kept_for_good(server: str) -> None:
    headers, body = ask(f"{server}/{CHART_SCRIPT}", **{"Accept-Encoding": "gzip, br"})
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in headers["Cache-Control"]
    assert gzip.decompress(body) == content()


def test_script_comes_whole_where_it_cannot_be_unpacked(server: str) -> None:
    headers, body = ask(f"{server}/{CHART_SCRIPT}", **{"Accept-Encoding": "identity"})
    assert headers["Content-Encoding"] is None
    assert body == content()


def test_script_of_another_version_is_missing(server: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        ask(f"{server}/charts/plotly.000000000000.min.js")
    raised.value.close()
    assert raised.value.code == 404


@pytest.mark.parametrize(("page", "how"), [("run?id=latest", "preload"), ("compare", "preload"), ("build", "prefetch")])
def test_page_announces_the_script(server: str, page: str, how: str) -> None:
    link = ask(f"{server}/{page}")[0]["Link"]
    assert re.fullmatch(rf"<{re.escape(CHART_SCRIPT)}>; rel={how}; as=script", link)
