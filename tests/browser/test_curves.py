"""Compare in a real browser: a zoom asks for the points that it shows, a click for the samples that differ."""

import math
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.dashboard_server import running_dashboard
from tests.support.predictions import predicted_part
from tests.support.store import add_runs, config_of, empty_store, fitboard_run, run_id_of
from trainer.home import Home
from trainer.tracking.files import EVALUATION, SAMPLES_FILE
from trainer.tracking.run import Status

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 60_000
_LONG, _SHORT = run_id_of("long"), run_id_of("short")
_INSIDE = """(chart) => {
    const [low, high] = chart._fullLayout.xaxis.range;
    const shown = [...chart._fullData[0].x].filter((x) => x > low && x < high);
    return shown.length / (Math.floor(high) - Math.ceil(low) + 1);
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory):
    """The URL of pages over a store with a run of 30,000 epochs and one of 10,000, which are repeats."""
    home = Home(tmp_path_factory.mktemp("long")).make()
    uri = home.tracking_uri(environment={})
    empty_store(uri, home.path / "artifacts")
    now = int(time.time() * 1000)
    repeats = [_run("long", 30_000, 1, now), _run("short", 10_000, 2, now)]
    networks = [_network("right", home, [4, 9], 32), _network("wrong", home, [1, 2, 3, 9], 64)]
    add_runs(uri, home.path / "artifacts", [*repeats, *networks])
    with running_dashboard(home.path) as address:
        yield address


def _run(label: str, epochs: int, seed: int, now: int):
    curves = {"loss": [2 + math.sin(place) / (1 + place % 97) for place in range(epochs)]}
    return fitboard_run(
        label, config_of(seed=seed), Status.FINISHED,
        start_time=now, end_time=now + epochs, curves=curves, artifacts=None,
    )  # fmt: skip


def _network(label: str, home: Home, wrong: list[int], units: int):
    kept = predicted_part(config_of().dataset, home, wrong)
    return fitboard_run(
        label, config_of(name=label, units=units), Status.FINISHED, start_time=1, end_time=2,
        curves={"loss": [1.0, 0.5], "test_accuracy": [0.9]}, artifacts={f"{EVALUATION}/{SAMPLES_FILE}": kept.dumps()},
    )  # fmt: skip


def _zoom(page: Page, chart: Locator) -> None:
    box = chart.locator(".nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 200, steps=5)
    page.mouse.up()


@pytest.mark.parametrize("address", [f"run?id={_LONG}", f"compare?runs={_LONG},{_SHORT}&metric=loss"])
def test_zoom_shows_every_point_and_a_reset_the_whole(page: Page, pages: str, address: str) -> None:
    page.goto(f"{pages}/{address}")
    chart = page.locator('.fitboard-chart[data-id="loss"]')
    expect(chart.locator(".nsewdrag")).to_be_visible(timeout=_PATIENCE)
    expect(page.get_by_text("drawn, including every peak and dip")).to_be_visible(timeout=_PATIENCE)
    element = chart.element_handle()
    drawn = chart.evaluate("(chart) => chart._fullData[0].x.length")
    assert drawn < 2_100
    _zoom(page, chart)
    page.wait_for_function(f"(chart) => ({_INSIDE})(chart) > 0.99", arg=element, timeout=_PATIENCE)
    assert chart.evaluate("(chart) => chart._fullLayout.xaxis.range[1] - chart._fullLayout.xaxis.range[0]") < 4_000
    chart.hover()
    chart.locator(".modebar-btn[data-val=reset]").click()
    page.wait_for_function(f"(chart) => chart._fullData[0].x.length === {drawn}", arg=element, timeout=_PATIENCE)
    assert chart.evaluate("(chart) => chart._fullLayout.xaxis.range[1]") > 30_000


def test_samples_on_which_two_networks_differ_are_shown_by_a_click(page: Page, pages: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto(f"{pages}/compare?runs={run_id_of('right')},{run_id_of('wrong')}")
    page.locator(".st-key-samples label").click(timeout=_PATIENCE)
    pictures = page.locator(".st-key-samples-compared img")
    expect(pictures).to_have_count(3, timeout=_PATIENCE)
    expect(page.locator(".fitboard-charts .heatmaplayer .hm")).to_have_count(5, timeout=_PATIENCE)
    assert "samples=true" in page.url
    page.get_by_role("button", name="Only wrong: 1").or_(page.get_by_role("radio", name="Only wrong: 1")).click()
    expect(pictures).to_have_count(1, timeout=_PATIENCE)
    layers = page.get_by_role("table", name="Layers")
    expect(layers.get_by_text("changed")).to_be_visible()
    # Beside the curves, not above them.
    table, chart = layers.bounding_box(), page.locator(".fitboard-chart").first.bounding_box()
    assert table is not None
    assert chart is not None
    assert table["x"] + table["width"] <= chart["x"]
