"""The charts of a sweep over trials that real sweeps bring."""

import json
import math
from dataclasses import replace

import pytest

from dashboard.charts.coloring import coloring
from dashboard.charts.drawing import Drawing
from dashboard.charts.parallel import parallel_drawing, parallel_info
from dashboard.charts.pareto import pareto_drawing, pareto_info, pareto_table
from dashboard.charts.sweep_course import course_drawing, course_info, course_table
from dashboard.charts.trial_curves import trial_curves, trial_curves_drawing, trial_curves_table
from dashboard.charts.trial_slices import TrialSlice, slice_drawing
from dashboard.views.sweep.settings import lines_of, result_of, value_words, variable_of
from tests.support.sweeps import sweep_of, swept
from trainer.statistics import expected_best
from trainer.sweeps import Trial, TrialState

SWEEP = sweep_of(sampler="random", pruner="median")
TRIALS = swept(SWEEP, 25)
ODD = {
    "none": [],
    "running": [Trial(number=0, state=TrialState.RUNNING)],
    "failed without values": [Trial(number=0, state=TrialState.FAILED, failure="gone")],
    "one complete": [replace(TRIALS[0], state=TrialState.COMPLETE, results=(0.5,))],
    "pruned at NaN": [replace(TRIALS[0], state=TrialState.PRUNED, results=(), course={1: math.nan, 2: math.inf})],
    "infinite as MLflow stores it": [replace(TRIALS[0], results=(1.7976931348623157e308,))],
    "equal": [replace(TRIALS[0], number=n, state=TrialState.COMPLETE, results=(1.0,)) for n in range(12)],
    "many": TRIALS,
}


def drawn(drawing: Drawing) -> Drawing:
    """Plotly checks every property, and JSON has neither NaN nor infinity."""
    drawing.figure()
    json.loads(drawing.to_json())
    return drawing


def names(drawing: Drawing) -> list[str]:
    return [trace["name"] for trace in drawing.data if trace.get("name")]


@pytest.mark.parametrize("trials", ODD.values(), ids=ODD)
def test_charts_are_drawn_of(trials: list[Trial]) -> None:
    info = course_info(trials, "val_accuracy", higher_is_better=True)
    drawn(course_drawing(info))
    course_table(info).to_csv()
    curves = trial_curves(trials, "val_accuracy", 0)
    drawn(trial_curves_drawing(curves))
    trial_curves_table(curves).to_csv()
    done = [each for each in trials if each.state is TrialState.COMPLETE]
    lines, result = lines_of(done), result_of("val_accuracy", 0, done)
    variables = [variable_of(each, done) for each in SWEEP.space.dimensions]
    drawn(parallel_drawing(parallel_info([*variables, result], lines), coloring(lines, result, steps=12), merged=True))
    for variable in variables:
        drawn(slice_drawing(TrialSlice(tuple(each.number for each in done), variable, result)))


def test_course_shows_the_best_so_far_and_what_was_to_be_expected() -> None:
    results = [0.1, 0.5, 0.3, 0.7, 0.2, 0.6, 0.4, 0.65]
    trials = [
        Trial(number=n, state=TrialState.COMPLETE, results=(value,), course={1: value})
        for n, value in enumerate(results)
    ]
    trials[2] = replace(trials[2], state=TrialState.PRUNED, results=())
    info = course_info(trials, "acc", higher_is_better=True, expected=expected_best(results, higher_is_better=True))
    assert [value for _, value in info.best] == [0.1, 0.5, 0.7, 0.7, 0.7, 0.7, 0.7]
    assert info.pruned == ((3, 0.3),)
    assert [value for _, value in course_info(trials, "acc", higher_is_better=False).best] == [0.1] * 7
    drawing = drawn(course_drawing(info))
    assert names(drawing) == ["expected best", "pruned", "complete", "best so far"]
    assert drawing.data[0]["x"][-1] == drawing.data[0]["x"][0] == 1, "the band closes"


def test_one_diverged_trial_does_not_flatten_the_others() -> None:
    results = [0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.36, 0.37, 900.0]
    trials = [Trial(number=n, state=TrialState.COMPLETE, results=(value,)) for n, value in enumerate(results)]
    low, high = course_drawing(course_info(trials, "loss", higher_is_better=False)).layout["yaxis"]["range"]
    assert 0.2 < low < 0.3 < 0.37 < high < 1


def test_merged_parallel_lines_are_few_traces_that_name_each_trial() -> None:
    done = [each for each in TRIALS if each.state is TrialState.COMPLETE]
    lines, result = lines_of(done), result_of("val_accuracy", 0, done)
    info = parallel_info([variable_of(each, done) for each in SWEEP.space.dimensions] + [result], lines)
    drawing = drawn(parallel_drawing(info, coloring(lines, result, steps=3), merged=True))
    traces = [trace for trace in drawing.data if trace["mode"] == "lines"]
    assert 1 < len(traces) <= 4
    texts = [text for trace in traces for text in trace["text"] if text]
    assert len(texts) == len(done) * len(info.scales)
    assert any(text.startswith(f"trial {done[0].number}, optimizer") for text in texts)


def test_front_is_that_of_all_objectives() -> None:
    values = [(0.9, 3.0), (0.8, 1.0), (0.7, 2.0), (0.95, 4.0)]
    trials = [Trial(number=n, state=TrialState.COMPLETE, results=each) for n, each in enumerate(values)]
    info = pareto_info(trials, ("acc", "loss"), (True, False), x="acc", y="loss")
    assert [number for number, *_ in info.front] == [1, 0, 3]
    assert [number for number, *_ in info.others] == [2]
    assert names(drawn(pareto_drawing(info))) == ["other trials", "Pareto front"]
    assert pareto_table(info).to_csv().splitlines()[0] == "trial,acc,loss,on the front"
    drawn(pareto_drawing(pareto_info([], ("acc", "loss"), (True, False), x="acc", y="loss")))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (0.001, "0.001"),
        (32, "32"),
        ("adam", "adam"),
        ({"name": "SGD", "momentum": 0.9}, "SGD, momentum 0.9"),
        ([3, 3], "[3, 3]"),
        (None, "null"),
    ],
)
def test_values_are_read_as_a_person_writes_them(value: object, words: str) -> None:
    assert value_words(value) == words
