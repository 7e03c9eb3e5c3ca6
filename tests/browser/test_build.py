"""Build in a real browser: Train within reach at every width, the keyboard's way, help on labels, YAML in place."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.dashboard_server import running_dashboard
from trainer.home import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
_MOST_STOPS_BEFORE_TRAIN = 15
_FOCUSED = "() => document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
_SCROLL = "share => { const main = document.querySelector('.stMain'); main.scrollTop = share * main.scrollHeight; }"
_IS_ON_TOP = """() => {
    const box = document.querySelector('.st-key-train button').getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.top >= 0 && box.bottom <= innerHeight && Boolean(hit?.closest('.st-key-train'));
}"""


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_dashboard(Home(tmp_path_factory.mktemp("build")).make().path) as address:
        yield address


def open_build(page: Page, dashboard: str, width: int = 1440) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{dashboard}/build")
    expect(page.locator(".st-key-panel-source textarea")).to_be_visible(timeout=_PATIENCE)
    page.wait_for_selector(_IDLE, timeout=_PATIENCE)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_train_is_in_sight_wherever_the_page_is_scrolled(page: Page, dashboard: str, width: int) -> None:
    open_build(page, dashboard, width)
    for share in (0, 0.3, 0.6, 1):
        page.evaluate(_SCROLL, share)
        assert page.evaluate(_IS_ON_TOP), f"at {share} of the page"


@pytest.mark.parametrize("width", [1024, 390])
def test_nothing_is_left_behind_the_bar_at_the_end_of_the_page(page: Page, dashboard: str, width: int) -> None:
    open_build(page, dashboard, width)
    page.evaluate(_SCROLL, 1)
    code, bar = page.locator(".st-key-panel-source").bounding_box(), page.locator(".st-key-panel-check").bounding_box()
    assert code
    assert bar
    assert code["y"] + code["height"] <= bar["y"]
    assert bar["y"] > 844 / 2, "the bar is at the bottom"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_is_cut_off_at_the_side(page: Page, dashboard: str, width: int) -> None:
    open_build(page, dashboard, width)
    assert page.evaluate("() => document.querySelector('.stMain').scrollWidth") <= width
    outside = page.evaluate(
        "() => [...document.querySelectorAll('.stMain :is(button, input, label, img, p)')]"
        ".filter(part => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth + 1)"
        ".map(part => part.outerHTML.slice(0, 90))"
    )
    assert outside == []


def test_keyboard_reaches_train_early_and_no_help_button_on_the_way(page: Page, dashboard: str) -> None:
    open_build(page, dashboard)
    stops: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(str(page.evaluate(_FOCUSED)))
    train = next(place for place, stop in enumerate(stops) if stop.endswith("Train"))
    assert train < _MOST_STOPS_BEFORE_TRAIN
    fields = {"name", "learning_rate", "epochs", "units"}
    assert fields <= set(stops)
    assert not [stop for stop in stops for field in fields if stop == f"Help for {field}"]


def test_help_shows_when_the_label_is_pointed_at_and_when_the_keyboard_rests_on_the_field(
    page: Page, dashboard: str
) -> None:
    open_build(page, dashboard)
    page.locator(".st-key-build-epochs-integer label").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("An integer, at least 1")
    page.mouse.move(2, 2)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    page.locator(".st-key-build-epochs-integer input").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.type("7")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_yaml_is_edited_by_keyboard_and_mistakes_are_kept(page: Page, dashboard: str) -> None:
    open_build(page, dashboard)
    editor = page.locator(".st-key-panel-source textarea")
    units = page.locator('[class*="units-integer"] input').first
    expect(units).to_have_value("128")
    good = editor.input_value()
    editor.fill(good.replace("units: 128", "units: many"))
    editor.press("Control+Enter")
    expect(page.get_by_text("Line 4, layers.2.units")).to_be_visible()
    expect(page.locator(".st-key-train button")).to_be_disabled()
    expect(editor).to_have_value(good.replace("units: 128", "units: many"))
    editor.fill(good.replace("units: 128", "units: 96"))
    editor.press("Control+Enter")
    expect(units).to_have_value("96")
    page.get_by_role("tab", name="Keras code").click()
    expect(page.get_by_text('keras.layers.Dense(96, activation="relu")')).to_be_visible()


def test_edit_of_a_layer_redraws_what_follows_from_it_and_undo_redraws_the_settings(page: Page, dashboard: str) -> None:
    open_build(page, dashboard)
    editor = page.locator(".st-key-panel-source textarea")
    epochs = page.locator(".st-key-build-epochs-integer input")
    units = page.locator('[class*="units-integer"] input').first
    units.fill("77")
    expect(editor).to_have_value(re.compile("units: 77"))
    editor.fill(editor.input_value().replace("epochs: 5", "epochs: 9"))
    editor.press("Control+Enter")
    expect(epochs).to_have_value("9")
    page.get_by_role("button", name="Undo").click()
    expect(epochs).to_have_value("5")
    expect(units).to_have_value("77")
    page.get_by_role("button", name="Undo").click()
    expect(units).to_have_value("128")
    epochs.fill("6")
    expect(editor).to_have_value(re.compile("epochs: 6"))


def test_layer_is_found_by_its_name_and_inserted_without_the_mouse(page: Page, dashboard: str) -> None:
    open_build(page, dashboard, 390)
    button = page.get_by_role("button", name="Insert a layer after 1", exact=True)
    button.press("Enter")
    search = page.get_by_role("combobox", name="Search layers")
    expect(search).to_be_focused()
    page.keyboard.type("nothing at all")
    expect(page.get_by_text("No layer matches nothing at all.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    button.press("Enter")
    page.keyboard.type("pooling2d")
    expect(page.get_by_role("option", name="Dense")).to_have_count(0)
    search.fill("batch")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-panel-source textarea")).to_have_value(
        re.compile(r"- Flatten\n +- BatchNormalization\n +- \{layer: Dense"), timeout=_PATIENCE
    )
