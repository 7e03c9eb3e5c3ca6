import base64
import json
import math

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.arrays import compact, typed
from dashboard.charts.drawing import Drawing


@given(st.lists(st.floats() | st.floats(width=32) | st.integers(-(2**40), 2**40).map(float), max_size=50))
def test_compact_numbers_are_the_same_numbers(values):
    np.testing.assert_array_equal(compact(values).astype(np.float64), np.array(values, dtype=np.float64))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([1, 2, 3], "int8"),
        (range(300), "int16"),
        ([1_000_000], "int32"),
        ([0.5, math.nan], "float32"),
        ([float(np.float32(0.1))], "float32"),
        ([0.1], "float64"),
        ([1e300], "float64"),
    ],
)
def test_compact_takes_the_smallest_type_that_is_exact(values, name):
    assert compact(values).dtype.name == name


def test_typed_is_what_plotly_itself_makes_of_an_array():
    numbers = np.array([[0.5, 1.5, 2.5], [1.0, 2.0, 3.0]], dtype=np.float32)
    made = json.loads(go.Figure(go.Scatter(customdata=numbers)).to_json())["data"][0]["customdata"]
    assert typed(numbers) == made


def test_typed_of_nothing_is_an_empty_list():
    assert typed(np.empty(0)) == []


def test_drawing_travels_as_bytes_and_is_a_figure_that_plotly_accepts():
    drawing = Drawing(({"type": "scatter", "y": np.array([0.25, math.nan])},), {"height": 10})
    sent = json.loads(drawing.to_json())["data"][0]["y"]
    assert np.frombuffer(base64.b64decode(sent["bdata"]), dtype="<f4").tolist()[0] == 0.25
    assert Drawing.of(drawing.figure()).layout["height"] == 10
    with pytest.raises(ValueError, match="Invalid property"):
        Drawing(({"type": "scatter", "no_such": 1},), {}).figure()
