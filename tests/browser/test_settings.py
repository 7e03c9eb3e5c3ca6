"""Compare's charts as a person uses them: brushes, one curve alone, and saved files."""

import csv
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.dashboard_server import running_dashboard
from tests.support.sweep import SWEPT, swept_home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 60_000
# Where the first curve is at its third point, in pixels of the window.
_THIRD_POINT = """(chart) => {
    const { left, top } = chart.getBoundingClientRect();
    const { xaxis, yaxis } = chart._fullLayout;
    const { x, y } = chart._fullData[0];
    return [left + xaxis._offset + xaxis.c2p(x[2]), top + yaxis._offset + yaxis.c2p(y[2])];
}"""
_CURVES = "([chart, n]) => chart.data.length === n"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory):
    """The URL of a comparison of thirty runs."""
    home, run_ids = swept_home(tmp_path_factory.mktemp("swept"))
    with running_dashboard(home) as address:
        yield f"{address}/compare?runs={','.join(run_ids)}"


def _save(page: Page, chart: Locator, kind: str, folder: Path) -> Path:
    chart.hover()
    chart.locator(".fitboard-save summary").click()
    with page.expect_download() as saved:
        chart.get_by_role("button", name=kind, exact=True).click()
    target = folder / saved.value.suggested_filename
    saved.value.save_as(target)
    return target


def test_charts_of_compare_select_isolate_and_save(page: Page, compared: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto(compared)
    strip = page.locator('.fitboard-brush-axis[data-axis="val_accuracy"]')
    # It is drawn once it is near the window.
    page.locator('.fitboard-chart[data-id="compare.parallel"]').scroll_into_view_if_needed(timeout=_PATIENCE)
    expect(strip).to_be_visible(timeout=_PATIENCE)

    # A drag selects the best runs, in all charts; arrow keys on another axis select among them.
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 12, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 3, steps=4)
    page.mouse.up()
    selected = page.get_by_text(f"of {SWEPT} runs selected.")
    expect(selected).to_be_visible(timeout=_PATIENCE)
    dragged = int(selected.inner_text().split()[0])
    assert 2 < dragged < SWEPT
    faded = page.locator(".fitboard-legend li.fitboard-unbrushed")
    expect(faded).to_have_count(SWEPT - dragged)
    page.locator('.fitboard-brush-axis[data-axis="layer.2.units"]').press("ArrowUp")
    expect(selected).not_to_contain_text(f"{dragged} of", timeout=_PATIENCE)
    expect(page).to_have_url(re.compile("brush=.*layer.2.units"))
    page.get_by_role("button", name="Clear brushes").click()
    expect(selected).to_have_count(0, timeout=_PATIENCE)
    expect(faded).to_have_count(0)

    # A click on a curve shows it alone; a double click brings the others back.
    chart = page.locator('.fitboard-chart[data-id="val_loss"]')
    chart.scroll_into_view_if_needed()
    x, y = chart.evaluate(_THIRD_POINT)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    expect(page.locator(".fitboard-legend li.fitboard-faded")).to_have_count(SWEPT - 1)
    page.mouse.click(x, y)
    page.wait_for_function(_CURVES, arg=[chart.element_handle(), 1])
    expect(page.get_by_role("button", name="Show all curves")).to_be_visible()
    page.mouse.dblclick(x, y + 40)
    page.wait_for_function(_CURVES, arg=[chart.element_handle(), SWEPT])

    svg = ET.parse(_save(page, chart, "SVG", tmp_path)).getroot()
    assert svg.tag.endswith("svg")
    assert "trial 0" in "".join(svg.itertext())
    assert _save(page, chart, "PNG", tmp_path).read_bytes().startswith(b"\x89PNG")
    with _save(page, chart, "CSV", tmp_path).open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["run_id", "run", "epoch", "time", "value"]
    assert len(rows) == SWEPT * 5
