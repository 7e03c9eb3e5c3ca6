"""How a page starts in a browser, behind a path: it connects at once, and loads no more than it draws."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.dashboard_server import running_dashboard
from tests.support.store import run_id_of, seed_store
from trainer.home import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("start")).make()
    seed_store(home.tracking_uri(environment={}), home.path / "artifacts")
    with running_dashboard(home.path, "--base-url", "http://127.0.0.1/fit/board", path="/fit/board") as address:
        yield address


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The paths that the page asks its server for, in their order."""
    paths: list[str] = []
    page.on("request", lambda request: paths.append(request.url.partition("/fit/board")[2]))
    page.on("websocket", lambda socket: paths.append(socket.url.partition("/fit/board")[2]))
    page.set_default_timeout(_PATIENCE)
    return paths


def test_page_of_a_run_connects_at_once(page: Page, dashboard: str, asked: list[str]) -> None:
    page.route("**/_stcore/health", lambda _: None)  # never answered: Streamlit by itself would wait for it
    page.goto(f"{dashboard}/run?id={run_id_of('finished')}")
    page.wait_for_selector(_IDLE)
    assert not any(path.startswith("/run/") for path in asked)


def test_page_keeps_its_address_and_its_way_to_the_others(page: Page, dashboard: str, asked: list[str]) -> None:
    page.goto(f"{dashboard}/run?id={run_id_of('finished')}")
    expect(page.locator(".fitboard-chart .main-svg").first).to_be_visible(timeout=_PATIENCE)
    assert page.url.startswith(f"{dashboard}/run?id={run_id_of('finished')}")
    page.get_by_role("link", name="Runs", exact=True).first.click()
    expect(page.locator("td a").first).to_be_visible(timeout=_PATIENCE)
    assert page.url.startswith(f"{dashboard}/runs")
    assert any(cookie["name"] == "_streamlit_xsrf" for cookie in page.context.cookies()), "uploads need it"


def test_charts_load_one_script_and_keep_it(page: Page, dashboard: str, asked: list[str]) -> None:
    page.goto(f"{dashboard}/compare?runs={run_id_of('finished')},{run_id_of('second')}")
    expect(page.locator(".fitboard-chart .main-svg").first).to_be_visible(timeout=_PATIENCE)
    scripts = {path for path in asked if "lotly" in path}
    assert len(scripts) == 1, scripts
    assert page.evaluate("performance.getEntriesByType('resource').filter((r) => /plotly/.test(r.name)).length") == 1


def test_scripts_of_other_pages_come_once_this_one_is_drawn(page: Page, dashboard: str, asked: list[str]) -> None:
    page.goto(f"{dashboard}/runs")
    page.wait_for_selector(_IDLE)
    page.wait_for_function("() => window.Plotly")
    assert any("/Metric." in path for path in asked)
    asked.clear()
    page.locator("td a").first.click()
    expect(page.locator(".fitboard-chart .main-svg").first).to_be_visible(timeout=_PATIENCE)
    assert not [path for path in asked if "lotly" in path]
