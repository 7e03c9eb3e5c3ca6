import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_STATE = """(chart) => ({
    x: chart._fullLayout.xaxis.range, y: chart._fullLayout.yaxis.range,
    points: chart._fullData[0].x.length, marked: chart.marked === true,
})"""
_STOP_CLOCK = """() => {
    window.fitboardTime = Date.prototype.getTime;
    const later = Date.now() + 60_000; // the click that began the zoom is no part of it
    Date.prototype.getTime = () => later;
}"""
_PATIENCE = 300_000


@pytest.fixture
def chart(page: Page, live_chart_page: str):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_chart_page)
    chart = page.locator('.fitboard-chart[data-id="loss"]')
    expect(chart.locator(".nsewdrag")).to_be_visible(timeout=_PATIENCE)
    return chart


def state(chart):
    return chart.evaluate(_STATE)


def wait_for_points(page, chart, points):
    page.wait_for_function("([chart, n]) => chart._fullData[0].x.length >= n", arg=[chart.element_handle(), points])


def test_zoom_by_hand_stays_through_five_updates(page, chart):
    chart.evaluate("(chart) => { chart.marked = true }")
    box = chart.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 120, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    zoomed = state(chart)
    assert zoomed["x"][1] - zoomed["x"][0] < zoomed["points"] * 0.6
    for more in range(1, 6):
        wait_for_points(page, chart, zoomed["points"] + more)
        now = state(chart)
        assert (now["x"], now["y"]) == (zoomed["x"], zoomed["y"])
        assert now["marked"], "the chart's node was replaced"


def double_click(page, chart, box):
    # For Plotly (7.1) two clicks are a double click if half a second passes at most, by a clock that stands still here.
    page.evaluate(_STOP_CLOCK)
    page.mouse.dblclick(box["x"] + 150, box["y"] + 60)
    page.evaluate("() => { Date.prototype.getTime = fitboardTime }")


def press_reset(page, chart, box):
    chart.locator(".modebar-btn[data-val=reset]").click()


@pytest.mark.parametrize("end", [double_click, press_reset])
def test_end_of_a_zoom_shows_the_whole_curve_as_it_grows(page, chart, end):
    box = chart.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120, steps=5)
    page.mouse.up()
    page.wait_for_function("(chart) => chart.fitboardZoom.size === 2", arg=chart.element_handle())
    end(page, chart, box)
    wait_for_points(page, chart, state(chart)["points"] + 2)
    now = state(chart)
    assert now["x"][0] <= 1
    assert now["x"][1] >= now["points"]


def test_hover_stays_while_the_chart_grows(page, chart):
    box = chart.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    label = chart.locator(".hoverlayer text").filter(has_text="training").first
    expect(label).to_be_visible(timeout=_PATIENCE)
    points = state(chart)["points"]
    wait_for_points(page, chart, points + 3)
    expect(label).to_be_visible(timeout=100)


def test_typed_markup_in_a_metric_is_text(page, chart):
    odd = page.locator(".fitboard-chart").filter(has_text=re.compile("<b>odd</b>"))
    expect(odd).to_have_count(1)
