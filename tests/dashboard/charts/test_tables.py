"""The tables behind charts, and their CSV."""

import csv
import io
import math

import numpy as np
import pytest

from dashboard.charts.compare import View, lines
from dashboard.charts.groups import groups_info
from dashboard.charts.tables import ChartTable, curves_table, groups_table, matrix_table, variables_table
from dashboard.charts.thinning import MOST_POINTS
from trainer.comparison import Variable, measured
from trainer.tracking import Series


def read(table: ChartTable) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.to_csv())))


def series(values: list[float]) -> Series:
    steps = range(1, len(values) + 1)
    return Series(steps=steps, values=values, times=[1_000 * step for step in steps])


def test_csv_has_exact_numbers_words_for_others_and_no_formula():
    texts = ["=1+1", "-0.5", 'a "b", c', "é\nx", "\ud800"]
    values = [0.1, 3.0, math.nan, 1.7976931348623157e308, math.nan]
    table = ChartTable({"=name": texts, "value": np.array(values)})
    head, *rows = read(table)
    assert head == ["'=name", "value"]
    assert [row[0] for row in rows] == ["'=1+1", "-0.5", 'a "b", c', "é\nx", "?"]
    assert [row[1] for row in rows] == ["0.1", "3", "NaN", "inf", "NaN"]
    assert read(ChartTable({"value": [None, -1e308 * 1.797]})) == [["value"], [""], ["-inf"]]
    assert read(ChartTable({"value": []})) == [["value"]]


def test_curves_have_every_point_however_many_are_drawn():
    long = series([float(value) for value in range(MOST_POINTS * 3)])
    table = curves_table([({"run": "a"}, long), ({"run": "b"}, series([math.nan, 2.0]))], unit="step")
    head, *rows = read(table)
    assert head == ["run", "step", "time", "value"]
    assert len(rows) == MOST_POINTS * 3 + 2
    assert rows[0] == ["a", "1", "1970-01-01T00:00:01.000Z", "0"]
    assert rows[-2:] == [["b", "1", "1970-01-01T00:00:01.000Z", "NaN"], ["b", "2", "1970-01-01T00:00:02.000Z", "2"]]


def test_smoothed_values_stand_beside_the_logged_ones():
    head, *rows = read(curves_table([({"run": "a"}, series([1.0, math.inf, 0.0]))], smoothing=0.5))
    assert head[-2:] == ["value", "smoothed"]
    assert [row[-2:] for row in rows] == [["1", "1"], ["inf", ""], ["0", pytest.approx(["0", str(1 / 3)][1])]]


def test_groups_have_every_mean_with_its_interval():
    histories = {name: series([float(value % 7 + place) for value in range(9_000)]) for place, name in enumerate("ab")}
    (line,) = lines("a", {"a": "units 8"})
    whole = groups_info("loss", histories, [(line, ["a", "b"])], View(most=10**9))
    head, *rows = read(groups_table(whole))
    assert head == ["group", "epoch", "mean", "low", "high", "n"]
    assert len(rows) == 9_000
    assert rows[0][:3] == ["units 8", "1", "0.5"]
    assert rows[0][-1] == "2"
    alone = groups_info("loss", {"a": series([1.0])}, [(line, ["a"])])
    assert read(groups_table(alone))[1] == ["units 8", "1", "1", "", "", "1"]


def test_matrix_has_a_row_for_each_cell():
    table = matrix_table(("cat", "dog"), np.array([[5, 1], [0, 7]]))
    assert read(table)[1:] == [["cat", "cat", "5"], ["cat", "dog", "1"], ["dog", "cat", "0"], ["dog", "dog", "7"]]


def test_variables_have_a_row_for_each_run():
    variables = [Variable("optimizer", ("Adam", None)), measured("loss", [0.123456789, None])]
    table = variables_table(["a" * 32, "b" * 32], lines("ab", {"a": "one", "b": "two"}), variables)
    assert read(table) == [
        ["run_id", "run", "optimizer", "loss"],
        ["a" * 32, "one", "Adam", "0.123456789"],
        ["b" * 32, "two", "", ""],
    ]
