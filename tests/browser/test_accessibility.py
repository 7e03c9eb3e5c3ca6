"""Every page by axe-core, by keyboard and at the width of a phone, in both themes.

One server serves all states of a run; a second one has an empty store.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.launch.front_end import WIDGETS, scripts_of
from tests.support.dashboard_server import running_dashboard
from tests.support.store import run_id_of, seed_store
from tests.support.sweep_store import SWEEP_ID, add_sweep
from trainer.home import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 120_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
_WIDE, _TABLET, _PHONE = (
    {"width": 1440, "height": 1000},
    {"width": 1024, "height": 1000},
    {"width": 390, "height": 844},
)
_GRAVE = {"serious", "critical"}
_COMPARED = ",".join(run_id_of(label) for label in ("finished", "second", "failed"))
_PAGES = {
    "build": "/build",
    "data": "/data",
    "runs": "/runs",
    "runs without a match": "/runs?q=no-such-run",
    "compare": f"/compare?runs={_COMPARED}",
    "compare without runs": "/compare",
    "cluster": "/cluster",
    "sweeps": "/sweeps",
    "sweep": f"/sweep?id={SWEEP_ID}",
    "sweep not found": "/sweep?id=0123456789abcdef0123456789abcdef",
    "run not found": "/run?id=0123456789abcdef0123456789abcdef",
    **{
        f"run {label}": f"/run?id={run_id_of(label)}"
        for label in ("finished", "running", "queued", "failed", "killed", "diverged", "markup", "regression")
    },
}
_EMPTY = {"empty store, runs": "/runs", "empty store, compare": "/compare", "empty store, sweeps": "/sweeps"}

_CUT_OFF = """() => {
    const clips = (node) => node && node !== document.body
        && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) || clips(node.parentElement));
    const cut = [...document.querySelectorAll("[data-testid=stMain] *")].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width && box.height && (box.right > innerWidth + 1 || box.left < -1) && !clips(node.parentElement);
    });
    const main = document.querySelector("[data-testid=stMain]");
    const widths = [document.scrollingElement, main].map((node) => node.scrollWidth);
    const tell = (node) => `${node.tagName} ${node.dataset.testid || node.className}: ${node.textContent.slice(0, 60)}`;
    return [...widths.filter((width) => width > innerWidth).map((width) => `the page is ${width} pixels wide`),
        ...cut.slice(0, 5).map(tell)];
}"""
"""What leaves the window at its sides and cannot be scrolled to within a part of its own."""

_FOCUS = """() => {
    const node = document.activeElement;
    const ringed = (each) => {
        const style = getComputedStyle(each);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    const around = [node, node.parentElement, node.parentElement?.parentElement].filter(Boolean);
    const marked = around.some(ringed) || [...around, ...node.querySelectorAll("*")].some((each) =>
        each.closest(":focus-within") && ringed(each));
    const box = node.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
    const bars = "nav.fitboard-header, .st-key-panel-check";
    return {
        marked,
        covered: Boolean(top?.closest(bars)) && !node.closest(bars) && !node.querySelector(bars),
        body: node === document.body,
        what: `${node.tagName} ${node.getAttribute("aria-label") || node.textContent.slice(0, 40) || node.className}`,
    };
}"""


_DRAWN = """() => [...new Set([...document.querySelectorAll("[data-testid=stMain] [data-testid]")]
    .map((node) => node.dataset.testid.replace(/^st/, "").toLowerCase()))]"""
"""What Streamlit's parts in the page are called; each that has a script of its own bears the script's name."""


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("accessibility")).make()
    add_sweep(home, confirm="2x3")
    # Newer than the sweep, so that Runs lists them first.
    seed_store(home.tracking_uri(environment={}))
    with running_dashboard(home.path) as address:
        yield address


@pytest.fixture(scope="module")
def empty_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("empty")).make()
    with running_dashboard(home.path) as address:
        yield address


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_viewport_size(_WIDE)
    page.set_default_timeout(_PATIENCE)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(_IDLE)
    page.locator("nav.fitboard-header [aria-current]").or_(page.locator("h3, h2, h1")).first.wait_for()
    if "/build" in address:
        # Attached, since a phone has no room for it beside the button.
        page.get_by_text("Ready to train").wait_for(state="attached")
    settled(page)


def settled(page: Page) -> None:
    """Waits until nothing is drawn anew: axe would see a page that fades in as one of little contrast."""
    page.wait_for_selector(_IDLE)
    page.wait_for_function(
        """() => {
            const parts = document.querySelectorAll("[data-stale=true], .fitboard-chart:not(:has(svg))");
            const key = `${parts.length} ${document.querySelectorAll("*").length}`;
            // Charts far below the window are drawn once they are scrolled to.
            [...parts].find((part) => part.matches(".fitboard-chart"))?.scrollIntoView();
            const still = !parts.length && key === window.fitboardSeen;
            window.fitboardSeen = key;
            return still && document.getAnimations().every((each) => each.playState !== "running");
        }""",
        polling=200,
    )
    page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)")


def late_widgets(page: Page, address: str) -> list[str]:
    """The widgets of the page whose scripts its HTML does not name: they come late and move what is below them."""
    ahead = WIDGETS[re.split(r"\W", address)[1]]
    named = {name.partition(".")[0] for name in scripts_of(ahead)}
    drawn = set(page.evaluate(_DRAWN))
    scripts = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("[A-Z]*.js")
    return [name for name in sorted({path.stem.partition(".")[0] for path in scripts} - named) if name.lower() in drawn]


def violations(page: Page) -> list[str]:
    """The serious and critical violations of WCAG that axe finds, a readable line each."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['impact']} {rule['id']}: {rule['help']}\n    {node['html'][:160]}\n    {_reason(node)}"
        for rule in found
        if rule["impact"] in _GRAVE
        for node in rule["nodes"]
    ]


def _reason(node: dict[str, Any]) -> str:
    return " ".join(node.get("failureSummary", "").split())[:200]


def in_both_themes(page: Page) -> list[str]:
    found = {}
    for theme, size in (("light", _WIDE), ("dark", _WIDE), ("dark", _PHONE)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        settled(page)
        expect(page.locator(".stApp")).to_have_css("color-scheme", theme, timeout=_PATIENCE)
        for line in violations(page):
            found.setdefault(line, f"{theme}, {size['width']} pixels")
    return [f"{where}: {line}" for line, where in found.items()]


@pytest.mark.parametrize("name", [*_PAGES, *_EMPTY])
def test_axe_finds_nothing_grave_and_nothing_is_cut_off_at_the_sides(
    page: Page, dashboard: str, request: pytest.FixtureRequest, name: str
) -> None:
    """Of one load, on a phone: a page takes seconds to load, and less to follow the window."""
    server = request.getfixturevalue("empty_dashboard") if name in _EMPTY else dashboard
    path = (_EMPTY | _PAGES)[name]
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    opened(page, server + path)
    assert page.evaluate(_CUT_OFF) == []
    expect(page.locator("h1")).to_have_count(1)
    assert late_widgets(page, path) == []
    page.set_viewport_size(_TABLET)  # type: ignore[arg-type]
    settled(page)
    assert page.evaluate(_CUT_OFF) == []
    found = in_both_themes(page)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_grave_in_a_foreign_run(page: Page, dashboard: str) -> None:
    opened(page, f"{dashboard}/runs?q=sklearn")
    page.get_by_role("link", name="sklearn-forest").click()
    page.wait_for_url("**/run?id=*")
    found = in_both_themes(page)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_grave_in_a_sweep_on_build(page: Page, dashboard: str) -> None:
    """With a range, choices, a layer that may be absent, and an error."""
    opened(page, f"{dashboard}/build")
    page.get_by_text("Sweep", exact=True).click()
    for name in ("optimizer.learning_rate", "optimizer", "Layer 2 (Dense), activation"):
        page.get_by_role("button", name=f"Vary {name}", exact=True).click()
        expect(page.get_by_role("button", name=f"Stop varying {name}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Vary Layer 3 (Dropout)", exact=True).click()
    page.get_by_role("menuitem").first.click()
    expect(page.get_by_text("With or without this layer")).to_be_visible()
    expect(page.locator(".st-key-panel-source textarea")).to_have_value(
        re.compile(r"layers\.3: {present: \[true, false\]}")
    )
    expect(page.get_by_role("button", name="Start sweep")).to_be_enabled()
    page.get_by_label("trials", exact=True).fill("0")
    expect(page.get_by_text("expected a value of at least 1, got 0.")).to_be_visible()
    found = in_both_themes(page)
    assert not found, "\n".join(found)
    # The last size is that of a phone.
    assert page.evaluate(_CUT_OFF) == []
    page.set_viewport_size(_TABLET)  # type: ignore[arg-type]
    settled(page)
    assert page.evaluate(_CUT_OFF) == []


def test_axe_finds_nothing_grave_in_any_tab_of_a_run(page: Page, dashboard: str) -> None:
    opened(page, f"{dashboard}/run?id={run_id_of('finished')}")
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for tab in page.get_by_role("tab").all():
            tab.click()
            settled(page)
            found += [f"{theme}, {tab.inner_text()}: {line}" for line in violations(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "button", "body"),
    [
        ("/runs", "Columns", "stPopoverBody"),
        ("/build", "Start from a recipe", "stMenuButtonBody"),
        (f"/compare?runs={_COMPARED}", "Add a run", "stPopoverBody"),
    ],
)
def test_popover_is_accessible_and_closes_by_escape(
    page: Page, dashboard: str, path: str, button: str, body: str
) -> None:
    opened(page, dashboard + path)
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.get_by_role("button", name=button).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id(body)).to_be_visible(timeout=_PATIENCE)
        settled(page)
        found += [f"{theme}: {line}" for line in violations(page)]
        page.keyboard.press("Escape")
        expect(page.get_by_test_id(body)).not_to_be_visible(timeout=_PATIENCE)
    assert not found, "\n".join(found)


def test_phone_shows_every_tab_of_a_run(page: Page, dashboard: str) -> None:
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    opened(page, f"{dashboard}/run?id={run_id_of('finished')}")
    assert page.get_by_role("tablist").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_phone_shows_menus_whole(page: Page, dashboard: str) -> None:
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    opened(page, f"{dashboard}/build")
    for button, role in (("Start from a recipe", "menuitem"), ("Add layer", "option")):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role(role).first).to_be_visible()  # type: ignore[arg-type]
        for item in page.get_by_role(role).all():  # type: ignore[arg-type]
            assert item.evaluate(
                "node => node.scrollWidth <= node.clientWidth && node.getBoundingClientRect().right <= innerWidth"
            )
        page.keyboard.press("Escape")


def test_search_of_runs_shows_its_whole_placeholder(page: Page, dashboard: str) -> None:
    for size in (_WIDE, _TABLET, _PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        opened(page, f"{dashboard}/runs")
        assert page.get_by_label("Search", exact=True).evaluate("node => node.clientWidth") > 240


def test_confusion_matrix_follows_the_window_and_the_theme(page: Page, dashboard: str) -> None:
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    opened(page, f"{dashboard}/run?id={run_id_of('finished')}")
    matrix = page.locator(".fitboard-chart").last
    height = "node => node._fullLayout?.height"
    empty_cell = "node => node._fullData?.[0].colorscale[0][1]"
    small, light = matrix.evaluate(height), matrix.evaluate(empty_cell)
    page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
    page.wait_for_function(
        f"small => ({height})([...document.querySelectorAll('.fitboard-chart')].at(-1)) > small", arg=small
    )
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"light => ({empty_cell})([...document.querySelectorAll('.fitboard-chart')].at(-1)) !== light", arg=light
    )


def test_phone_shows_the_name_and_every_page(page: Page, dashboard: str) -> None:
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    opened(page, f"{dashboard}/runs")
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert links.all_inner_texts() == ["Fitboard", "Data", "Build", "Runs", "Sweeps", "Compare"]
    for width in (360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for link in links.all():
            expect(link).to_be_in_viewport(ratio=1)
    expect(page.locator("nav [aria-current=page]")).to_have_text("Runs", timeout=_PATIENCE)
    links.filter(has_text="Compare").click()
    page.wait_for_url("**/compare")
    expect(page.locator("nav [aria-current=page]")).to_have_text("Compare", timeout=_PATIENCE)


@pytest.mark.parametrize("name", ["build", "runs", "compare", "run finished"])
def test_focus_is_visible_at_every_stop_of_the_tab_key(page: Page, dashboard: str, name: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, dashboard + _PAGES[name])
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop["body"]:
            break
        stops.append(stop)
    # The page itself, which arrow keys scroll, is Streamlit's second stop.
    first = [stop["what"] for stop in stops[:6] if not stop["what"].startswith("MAIN")]
    assert first == ["A Skip to main content", "A Fitboard", "A Data", "A Build", "A Runs"]
    unmarked = [stop["what"] for stop in stops if not stop["marked"]]
    assert not unmarked, json.dumps(unmarked, indent=1)


@pytest.mark.parametrize("name", ["build", "run finished"])
def test_focus_is_never_behind_the_header_or_the_bar_of_build(page: Page, dashboard: str, name: str) -> None:
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    opened(page, dashboard + _PAGES[name])
    covered = []
    for key in ["Tab"] * 30 + ["Shift+Tab"] * 25:
        page.keyboard.press(key)
        stop = page.evaluate(_FOCUS)
        if stop["covered"]:
            covered.append(f"{key}: {stop['what']}")
    assert not covered, "\n".join(covered)


def test_header_is_followed_by_keyboard_and_keeps_the_focus(page: Page, dashboard: str) -> None:
    opened(page, f"{dashboard}/compare")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Runs").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs")
    settled(page)
    assert page.evaluate("document.activeElement.textContent") == "Runs"


def test_charts_say_in_words_what_they_show(page: Page, dashboard: str) -> None:
    opened(page, f"{dashboard}/run?id={run_id_of('finished')}")
    expect(page.get_by_role("figure").first).to_have_accessible_name(
        re.compile(r"^loss by epoch\. training: [\d.]+ at 1, [\d.]+ at 5\. validation: [\d.]+ at 1, [\d.]+ at 5\.$"),
        timeout=_PATIENCE,
    )
