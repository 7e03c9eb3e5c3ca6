"""A sweep in a real browser: from the list to its trials, live, and on to Compare and Build."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.support.dashboard_server import running_dashboard
from tests.support.store import add_run, run_id_of
from tests.support.streamlit_client import StreamlitClient
from tests.support.sweep_store import SweepStore, add_sweep
from tests.support.sweeps import sweep_of
from trainer.home import Home
from trainer.tracking import Status, Tag, open_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 120_000
_STORE = SweepStore(
    sweep=sweep_of(trials=30, pruner="median"), trials=24, running=1, status=Status.RUNNING, label="live"
)
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
_ROWS = "table.fitboard-runs tbody tr"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("swept")).make()
    add_sweep(home, _STORE)
    return home


@pytest.fixture(scope="module")
def dashboard(home: Home) -> Iterator[str]:
    with running_dashboard(home.path) as address:
        yield address


def test_sweep_is_watched_and_its_best_trials_are_taken_further(page: Page, home: Home, dashboard: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{dashboard}/sweeps")
    page.get_by_role("link", name="small · sweep").click()
    page.wait_for_url("**/sweep?id=*")
    expect(page.locator(".fitboard-chart").first).to_be_visible()
    expect(page.get_by_text("23 of 30 trials · 1 running")).to_be_visible()
    rows = page.locator(_ROWS)
    expect(rows).to_have_count(24)
    chart = page.locator('.fitboard-chart[data-id="sweep.course"]')
    node = chart.element_handle()

    # A trial ends and another one starts: the page follows in place.
    uri = home.tracking_uri(environment={})
    store = open_store(uri, home)
    *_, last = _STORE.runs()
    add_run(uri, home.path / "artifacts", replace(last, label="new", tags={**last.tags, str(Tag.TRIAL): "24"}))
    store.set_tags(run_id_of("live trial 23"), {str(Tag.TRIAL_PRUNED): "2"})
    store.set_status(run_id_of("live trial 23"), Status.KILLED)
    expect(page.get_by_text("24 of 30 trials · 1 running")).to_be_visible()
    expect(rows).to_have_count(25)
    expect(page.get_by_text("pruned at epoch 2")).to_be_visible()
    assert page.evaluate("(node) => node.isConnected", node), "the chart was not drawn anew"

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    expect(page.locator(_IDLE)).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(_IDLE)).to_be_visible()

    page.get_by_role("button", name="val_accuracy").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("val_accuracy")
    rows.nth(0).get_by_role("checkbox").click()
    rows.nth(1).get_by_role("checkbox").click()
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url("**/compare?runs=*")
    page.go_back()
    page.wait_for_url("**/sweep?id=*")
    expect(rows).to_have_count(25)


def test_timer_that_fires_while_the_page_is_left_draws_nothing(dashboard: str) -> None:
    def request() -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name = "sweep"
        message.rerun_script.query_string = f"id={run_id_of('live')}"
        return message

    with StreamlitClient(dashboard) as client:
        drawn = [each.delta for each in client.ask(request())]
        timer = request()
        timer.rerun_script.fragment_id = next(each.fragment_id for each in drawn if each.fragment_id)
        timer.rerun_script.is_auto_rerun = True
        assert any(each.HasField("delta") for each in client.ask(timer))

        leave = request()
        pressed = leave.rerun_script.widget_states.widgets.add()
        buttons = (each.new_element.button for each in drawn)
        pressed.id = next(each.id for each in buttons if each.label == "Change on Build")
        pressed.trigger_value = True
        sent = [each.delta.new_element.bidi_component.json for each in client.ask(leave)]
        assert any("build?from=" in each for each in sent), "the browser is told to go to Build"
        client.send(timer)
        assert not client.is_answered(seconds=1)
