"""Runs in a real browser: its links, its history, its keys, and the names of its tabs."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.support.dashboard_server import running_dashboard
from tests.support.store import SeedRun, add_run, add_runs, config_of, fitboard_run, run_id_of, seed_store
from tests.support.worker import wait_for
from trainer.home import Home
from trainer.tracking import Status, Tag, open_store
from trainer.tracking.run import PARENT_TAG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
# The time between two updates of a live run's page.
_PRESSES, _LIVE_MS = 5, 500
_IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
_ROWS = "table.fitboard-runs tbody tr"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("runs")).make()
    seed_store(home.tracking_uri(environment={}))
    return home


@pytest.fixture(scope="module")
def dashboard(home: Home) -> Iterator[str]:
    with running_dashboard(home.path) as address:
        yield address


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)


def open_runs(page: Page, dashboard: str, query: str = "") -> None:
    page.goto(f"{dashboard}/runs{query}")
    expect(page.locator(_ROWS).first).to_be_visible(timeout=_PATIENCE)


def filtered(page: Page, dashboard: str) -> str:
    """Searches, sorts and selects; gives the address then."""
    open_runs(page, dashboard)
    page.get_by_placeholder("Words, or").fill("digits")
    expect(page.locator(_ROWS)).to_have_count(10)
    page.locator("table.fitboard-runs thead").get_by_role("button", name="test_loss").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("test_loss")
    page.locator(_ROWS).nth(0).get_by_role("checkbox").click()
    page.locator(_ROWS).nth(1).get_by_role("checkbox").click()
    expect(page.get_by_role("button", name="Compare 2")).to_be_enabled()
    page.wait_for_url("**/runs?*ascending=true*")
    return page.url


def is_as_left(page: Page, address: str) -> None:
    page.wait_for_url(address)
    expect(page.get_by_placeholder("Words, or")).to_have_value("digits")
    expect(page.locator(_ROWS)).to_have_count(10)
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("test_loss")
    expect(page.locator("table.fitboard-runs tbody input:checked")).to_have_count(2)


def test_back_from_a_run_finds_the_list_as_it_was_left(page: Page, dashboard: str) -> None:
    address = filtered(page, dashboard)
    page.locator(_ROWS).nth(2).get_by_role("link").click()
    page.wait_for_url(re.compile(r"/run\?id=[0-9a-f]{32}$"))
    expect(page.get_by_role("heading", name="digits-mlp")).to_be_visible()
    page.go_back()
    is_as_left(page, address)


def test_reload_keeps_the_selection_and_the_open_groups(page: Page, dashboard: str) -> None:
    address = filtered(page, dashboard)
    page.locator(_ROWS).nth(1).get_by_role("checkbox").click()
    page.locator(_ROWS).nth(1).get_by_role("checkbox").click()
    page.reload()  # at once, before the server has answered
    is_as_left(page, address)
    expect(page.get_by_role("button", name="Compare 2")).to_be_enabled()
    page.goto(f"{dashboard}/runs?group=fields&by=params.seed")
    page.get_by_role("button", name="seed = 1").click()
    expect(page.locator("tr.fitboard-within")).to_have_count(1)
    page.reload()
    expect(page.locator("tr.fitboard-within")).to_have_count(1)
    expect(page.get_by_role("button", name="Compare 2")).to_be_enabled()
    page.goto("about:blank")
    page.go_back()
    expect(page.locator("tr.fitboard-within")).to_have_count(1)


@pytest.mark.parametrize("way", ["Compare 2", "Build"])
def test_back_from_another_page_finds_the_list_as_it_was_left(page: Page, dashboard: str, way: str) -> None:
    address = filtered(page, dashboard)
    if way == "Build":
        page.get_by_role("link", name="Build").first.click()
        page.wait_for_url("**/build")
    else:
        page.get_by_role("button", name=way).click()
        page.wait_for_url("**/compare?runs=*")
    page.go_back()
    is_as_left(page, address)


@dataclass
class BusyPage:
    """A page that is busy while it `holds`: it gets all that the server sends until a whole page has run at once."""

    holds: bool = False
    answers: list[str | bytes] = field(default_factory=list)

    def connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        page.on_message(server.send)
        server.on_message(lambda message: self._answer(page, message))

    def _answer(self, page: WebSocketRoute, message: str | bytes) -> None:
        self.answers.append(message)
        if not self.holds or _ends_a_page(message):
            self.holds = False
            for each in self.answers:
                page.send(each)
            self.answers.clear()


def _ends_a_page(message: str | bytes) -> bool:
    answer = ForwardMsg.FromString(message) if isinstance(message, bytes) else ForwardMsg()
    # The number of this end is 0, which is that of other messages, too.
    return answer.HasField("script_finished") and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


def test_click_is_not_lost_in_a_busy_browser(page: Page, dashboard: str) -> None:
    busy = BusyPage()
    page.route_web_socket("**/_stcore/stream", busy.connect)
    filtered(page, dashboard)
    expect(page.locator(_IDLE)).to_be_visible()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    busy.holds = True
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url("**/compare?runs=*")
    assert not busy.holds


def test_no_press_on_a_live_run_is_lost(page: Page, dashboard: str, home: Home) -> None:
    """At random moments, of which some fall into an update of the page, after the first one into its opening."""
    store, run_id, chance = open_store(home.tracking_uri(environment={}), home), run_id_of("running"), random.Random(0)
    store.set_tags(run_id, {Tag.STOP: "requested"})
    page.goto(f"{dashboard}/run?id={run_id}")
    kill = page.get_by_role("button", name="Kill", exact=True)
    for _ in range(_PRESSES):
        kill.click()
        wait_for(lambda: store.get(run_id).tags[Tag.STOP] == "kill", "the press")
        store.set_tags(run_id, {Tag.STOP: "requested"})
        page.wait_for_timeout(chance.randrange(_LIVE_MS))


def test_run_opens_in_a_new_tab_by_middle_click(page: Page, dashboard: str) -> None:
    open_runs(page, dashboard, "?q=sklearn")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="sklearn-forest").click(button="middle")
    expect(opened.value).to_have_title("sklearn-forest · Run · Fitboard", timeout=_PATIENCE)
    assert page.url.endswith("/runs?q=sklearn")


def test_row_opens_and_is_selected_by_keyboard(page: Page, dashboard: str) -> None:
    open_runs(page, dashboard)
    run_id = page.locator(_ROWS).nth(1).get_attribute("data-run")
    page.locator(_ROWS).nth(0).get_by_role("checkbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(_ROWS).nth(1).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/run?id={run_id}")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/build", "Build"),
        ("/runs", "Runs"),
        ("/compare", "Compare"),
        (f"/run?id={run_id_of('markup')}", "<b>bold</b> & <script>alert(1)</script> 100%_done · Run"),
    ],
)
def test_every_page_names_its_tab(page: Page, dashboard: str, path: str, title: str) -> None:
    page.goto(dashboard + path)
    expect(page).to_have_title(f"{title} · Fitboard", timeout=_PATIENCE)


def test_pages_cannot_be_framed(page: Page, dashboard: str) -> None:
    with page.expect_console_message(lambda message: "frame" in message.text.lower()):
        page.set_content(f'<iframe src="{dashboard}/build" width="800" height="600"></iframe>')


def test_table_ends_where_the_window_does(page: Page, dashboard: str) -> None:
    open_runs(page, dashboard)
    page.set_viewport_size({"width": 1440, "height": 600})
    ends = "() => document.querySelector('.fitboard-scroll').getBoundingClientRect().bottom < window.innerHeight"
    page.wait_for_function(ends)


def test_legend_and_curves_highlight_each_other(page: Page, dashboard: str) -> None:
    first, second = run_id_of("finished"), run_id_of("second")
    page.goto(f"{dashboard}/compare?runs={first},{second}")
    entries = page.locator(".fitboard-legend li")
    curves = page.locator(".fitboard-charts .scatterlayer .trace")
    expect(curves).to_have_count(4)
    entries.first.hover()
    expect(entries.nth(1)).to_have_class("fitboard-faded")
    faded = "() => [...document.querySelectorAll('.scatterlayer .trace')].filter((each) => each.style.opacity).length"
    assert page.evaluate(faded) == 2
    page.locator(".fitboard-chart .nsewdrag").first.hover()
    expect(page.locator(".fitboard-legend li.fitboard-faded")).to_have_count(1)
    page.get_by_role("heading", name="Compare").hover()
    expect(page.locator(".fitboard-legend li.fitboard-faded")).to_have_count(0)
    assert page.evaluate(faded) == 0


def test_child_runs_are_folded_by_a_click_and_selected_without_a_parent_that_is_not_listed(
    page: Page, dashboard: str, home: Home
) -> None:
    uri, artifacts = home.tracking_uri(environment={}), home.path / "artifacts"
    parent = add_run(uri, artifacts, SeedRun(label="sweep", name="sweep", status=Status.FINISHED, start_time=1))
    children = [
        SeedRun(label=f"try {n}", name=f"try {n}", status=Status.FINISHED, start_time=1 + n, tags={PARENT_TAG: parent})
        for n in range(1, 4)
    ]
    add_runs(uri, artifacts, children)
    filtered_out = urlencode({"q": "attributes.run_name LIKE 'try%'"})
    open_runs(page, dashboard, f"?{filtered_out}")
    rows = page.locator(_ROWS)
    expect(rows).to_have_count(4)
    expect(rows.first.locator("a")).to_have_attribute("title", re.compile("not on this page"))
    page.get_by_label("Select all runs on this page").click()
    expect(page.get_by_role("button", name="Compare 3")).to_be_enabled()
    fold = page.get_by_role("button", name="Child runs of sweep")
    expect(fold).to_have_attribute("aria-expanded", "true")

    open_runs(page, dashboard)
    expect(rows).to_have_count(15)
    fold.click()
    expect(rows).to_have_count(12)
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_text("15 runs, 3 of them folded")).to_be_visible()
    fold.click()
    expect(rows).to_have_count(15)


def test_run_is_deleted_found_among_the_deleted_and_removed_permanently(
    page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Home(tmp_path_factory.mktemp("removed")).make()
    seed_store(home.tracking_uri(environment={}))
    failed = run_id_of("failed")
    home.run(failed).mkdir()
    (home.run(failed) / "checkpoint-0000001-000000000.bin").write_bytes(b"x" * 2_000_000)
    with running_dashboard(home.path) as address:
        open_runs(page, address, "?status=failed")
        page.locator(_ROWS).get_by_role("checkbox").click()
        page.get_by_role("button", name="More").click()
        page.get_by_text("Delete", exact=True).click()
        expect(page.get_by_text("1 run was deleted.")).to_be_visible()
        open_runs(page, address, "?status=deleted")
        expect(page.locator(_ROWS)).to_have_count(1)
        page.locator(_ROWS).get_by_role("checkbox").click()
        page.get_by_role("button", name="More").click()
        page.get_by_text("Delete permanently…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("and frees 2.0 MB. It cannot be undone.")
        dialog.get_by_role("button", name="Delete permanently").click()
        expect(page.get_by_text("Permanently deleted 1 run.")).to_be_visible()
        expect(page.get_by_text("No runs match")).to_be_visible()
    assert not home.run(failed).exists()


def test_export_whose_store_went_away_says_so_in_one_sentence(page: Page, dashboard: str, home: Home) -> None:
    open_runs(page, dashboard)
    page.get_by_role("button", name="Export").click()
    download = page.get_by_role("dialog").get_by_role("button", name="CSV")
    expect(download).to_be_visible()
    away = home.database.rename(home.database.with_suffix(".away"))
    try:
        home.database.write_bytes(b"not a database" * 100)
        download.click()
        expect(page.get_by_test_id("stDownloadButtonError")).to_be_attached()
        expect(page.get_by_role("dialog").get_by_test_id("stAlert")).to_contain_text("cannot be read")
        # Streamlit's own words, which an expectation would wait for until they go away by themselves.
        assert not page.get_by_test_id("stDownloadButtonError").is_visible()
    finally:
        away.replace(home.database)
    expect(page.locator(_ROWS).first).to_be_attached()


def test_isolated_group_has_its_own_range_on_an_axis_that_was_cut(page: Page, dashboard: str, home: Home) -> None:
    wide, close = (0.4, 0.6), (0.95, 0.951)
    made = [
        fitboard_run(
            f"cut{units}{seed}", config_of(units=units, seed=seed), Status.FINISHED, start_time=1, end_time=2,
            curves={"val_accuracy": [value, value + 0.01]},
        )
        for units, values in ((300, wide), (301, close)) for seed, value in enumerate(values)
    ]  # fmt: skip
    add_runs(home.tracking_uri(environment={}), home.artifacts, made)
    page.goto(f"{dashboard}/compare?groups=true&runs={','.join(run_id_of(run.label) for run in made)}")
    chart = page.locator('.fitboard-chart[data-id="val_accuracy"]')
    expect(chart.locator(".scatterlayer .trace").first).to_be_attached(timeout=_PATIENCE)
    entries = page.locator(".fitboard-legend li")
    expect(entries).to_have_count(2)

    def span() -> float:
        low, high = chart.evaluate("cell => cell._fullLayout.yaxis.range")
        return high - low

    def isolate(place: int) -> None:
        entries.nth(place).get_by_role("button").first.click()

    whole = span()
    isolate(1)
    expect(page.locator(".fitboard-legend li.fitboard-faded")).to_have_count(1)
    page.wait_for_function("cell => cell._fullLayout.yaxis.range[0] > 0.9", arg=chart.element_handle())
    assert span() < 0.1
    isolate(0)
    page.wait_for_function("cell => cell._fullLayout.yaxis.range[0] < 0.9", arg=chart.element_handle())
    assert span() < whole, "the interval of two runs does not flatten the lines"
    isolate(0)
    expect(page.locator(".fitboard-legend li.fitboard-faded")).to_have_count(0)
    page.wait_for_function(
        "([cell, whole]) => Math.abs(cell._fullLayout.yaxis.range[1] - cell._fullLayout.yaxis.range[0] - whole) < 0.01",
        arg=[chart.element_handle(), whole],
    )
