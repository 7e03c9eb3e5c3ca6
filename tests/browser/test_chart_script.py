"""What the bundled plotly.js does differently from the original."""

import pytest
from playwright.sync_api import Page

from dashboard.chart_script import content

pytestmark = pytest.mark.browser

_ARRAYS = """async () => {
  const place = document.body.appendChild(document.createElement("div"));
  await Plotly.newPlot(place, [
    { type: "scatter", x: [1, 2], y: [3, 4], mode: "markers+text", text: ["a", "b"], customdata: [[1], [2]],
      hoverlabel: { bgcolor: ["red", "blue"] }, error_y: { array: [1, 2] },
      marker: { color: [1, 2], showscale: true, colorbar: { tickvals: [1, 2], ticktext: ["a", "b"] } } },
    { type: "scatter", x: new Int8Array([1, 2]), y: new Float32Array([3, 4]) },
    { type: "heatmap", z: [[1, 2], [3, 4]], x: ["a", "b"], text: [["a", "b"], ["c", "d"]] },
  ]);
  return place._fullData.map((trace) => trace._arrayAttrs);
}"""


def test_attributes_with_a_value_for_each_point_are_those_that_plotly_finds(page: Page) -> None:
    page.set_content("<body></body>")
    page.add_script_tag(content=content().decode())
    # As plotly.js 4.1.1 finds them by walking its schema.
    assert page.evaluate(_ARRAYS) == [
        ["customdata", "hoverlabel.bgcolor", "x", "y", "text", "marker.color", "error_y.array"],
        ["x", "y"],
        ["z", "x", "text"],
    ]
