"""Build in a real browser: a draft outlives a reload, a closed tab and a restart of the dashboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.draft import read_saved
from tests.support.dashboard_server import running_dashboard
from tests.support.up import free_port
from tests.support.worker import wait_for
from trainer.home import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


def open_build(page: Page, dashboard: str) -> None:
    page.goto(f"{dashboard}/build")
    expect(name_of(page)).to_be_visible(timeout=_PATIENCE)


def name_of(page: Page) -> Locator:
    return page.get_by_label("name", exact=True).first


def rename(page: Page, name: str) -> None:
    page.wait_for_selector(_IDLE)  # what is typed in the middle of a redraw can get lost
    name_of(page).fill(name)
    name_of(page).press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=_PATIENCE)


def press(page: Page, button: str, *, leads_to: str) -> None:
    page.wait_for_selector(_IDLE)  # a click in the middle of a redraw can get lost
    page.get_by_role("button", name=button).click()
    expect(name_of(page)).to_have_value(leads_to, timeout=_PATIENCE)


def test_draft_outlives_reload_closed_tab_and_restart(browser: Browser, tmp_path: Path) -> None:
    home, port = Home(tmp_path / "home").make(), free_port()
    someone, other = browser.new_context(), browser.new_context()
    with running_dashboard(home.path, port=port) as dashboard:
        page = someone.new_page()
        open_build(page, dashboard)
        begun = name_of(page).input_value()
        rename(page, "first")
        page.wait_for_selector(_IDLE)
        copy = page.get_by_role("button", name="Duplicate")
        layers = copy.count()
        copy.first.click()
        expect(copy).to_have_count(layers + 1, timeout=_PATIENCE)
        rename(page, "second")
        wait_until_kept(home, "second")
        page.get_by_role("link", name="Runs").first.click()
        page.wait_for_url("**/runs")
        # Streamlit would answer the click after the way back, and the reload would find Runs.
        expect(page.get_by_role("heading", name="Runs")).to_be_visible(timeout=_PATIENCE)
        page.wait_for_selector(_IDLE)
        page.go_back()
        page.reload()
        expect(name_of(page)).to_have_value("second", timeout=_PATIENCE)
        press(page, "Undo", leads_to="first")
        press(page, "Redo", leads_to="second")
        page.close()
        page = someone.new_page()
        open_build(page, dashboard)
        expect(name_of(page)).to_have_value("second")
        stranger = other.new_page()
        open_build(stranger, dashboard)
        expect(name_of(stranger)).to_have_value(begun)
    with running_dashboard(home.path, port=port) as dashboard:
        expect(name_of(page)).to_have_value("second")
        page.reload()
        expect(name_of(page)).to_have_value("second", timeout=_PATIENCE)
        press(page, "Undo", leads_to="first")
    someone.close()
    other.close()


def wait_until_kept(home: Home, name: str) -> None:
    """Wait for the server: until then a page may still show what it showed before."""

    def is_kept() -> bool:
        kept = [read_saved(file.read_bytes()).history.now.plain().get("name") for file in home.drafts.glob("*.json")]
        return kept == [name or None]

    wait_for(is_kept, f"the saved draft {name!r}")


def test_two_tabs_keep_their_own_undo_and_the_last_writer_wins(browser: Browser, tmp_path: Path) -> None:
    home, someone = Home(tmp_path / "home").make(), browser.new_context()
    with running_dashboard(home.path) as dashboard:
        left, right = someone.new_page(), someone.new_page()
        open_build(left, dashboard)
        begun = name_of(left).input_value()
        open_build(right, dashboard)
        for page, name in ((left, "left"), (right, "right")):
            rename(page, name)
            wait_until_kept(home, name)
        for page, name in ((left, "left again"), (right, "right again")):
            press(page, "Undo", leads_to=begun)
            wait_until_kept(home, begun)
            rename(page, name)
            wait_until_kept(home, name)
        left.reload()
        expect(name_of(left)).to_have_value("right again", timeout=_PATIENCE)
        expect(left.locator("[data-testid=stException]")).to_have_count(0)
    someone.close()
