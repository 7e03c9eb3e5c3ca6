"""Saved views, completions and keyboard shortcuts in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.dashboard_server import running_dashboard
from tests.support.store import seed_store
from trainer.home import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_ROWS = "table.fitboard-runs tbody tr"
_FILTER = "metrics.val_loss > 0.5 and params.optimizer = 'Adam'"


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("views")).make()
    seed_store(home.tracking_uri(environment={}))
    with running_dashboard(home.path) as address:
        yield address


def open_runs(page: Page, dashboard: str) -> None:
    page.goto(f"{dashboard}/runs")
    expect(page.locator(_ROWS)).to_have_count(11)
    # The button has its sign once the script that handles the keys is loaded.
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_have_text("⌨")


def test_filter_is_typed_with_completions_saved_as_a_view_and_compared_by_keys(page: Page, dashboard: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    open_runs(page, dashboard)

    page.keyboard.press("c")
    expect(page.locator(".fitboard-keys-note")).to_have_text("Select 2 to 500 runs to compare.")
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_contain_text("Compare the selected runs")
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.type("metrics.va")
    keys = page.get_by_role("listbox", name="Keys").get_by_role("option")
    expect(keys).to_have_text(["metrics.val_accuracy", "metrics.val_loss"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type("> 0.5 and opt")
    keys.filter(has_text="params.optimizer").click()
    page.keyboard.type("= 'Adam'")
    box = page.get_by_placeholder("Words, or")
    expect(box).to_have_value(_FILTER)
    expect(page.locator(_ROWS)).to_have_count(3)
    expect(keys).to_have_count(0)

    page.locator("table.fitboard-runs thead").get_by_role("button", name="started").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("started")
    page.wait_for_url("**/runs?*ascending=true*")
    heads = page.locator("table.fitboard-runs thead th")
    heads.filter(has_text="started").drag_to(heads.filter(has_text="status"), target_position={"x": 4, "y": 8})
    expect(heads.nth(1)).to_contain_text("started")
    heads.nth(1).get_by_role("button").press("Alt+Shift+ArrowRight")
    page.wait_for_url("**/runs?*order=when*width=when*")

    page.keyboard.press("v")
    page.get_by_label("Save this view as").fill("c and /g")
    page.get_by_role("button", name="Save view").click()
    expect(page.locator(".st-key-views")).to_contain_text("c and /g")
    page.wait_for_url(re.compile(r"[?&]view=[0-9a-f]{32}"))

    open_runs(page, dashboard)
    page.keyboard.press("v")
    page.get_by_role("link", name="c and /g").click()
    expect(page.locator(_ROWS)).to_have_count(3)
    expect(box).to_have_value(_FILTER)
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("started")
    expect(heads.nth(1)).to_contain_text("started")
    assert "width=when" in page.url
    page.go_back()
    expect(page.locator(_ROWS)).to_have_count(11)
    expect(box).to_have_value("")

    for row in (0, 1):
        page.locator(_ROWS).nth(row).get_by_role("checkbox").click()
    expect(page.get_by_role("button", name="Compare 2")).to_be_enabled()
    page.keyboard.press("c")
    page.wait_for_url("**/compare?runs=*")
