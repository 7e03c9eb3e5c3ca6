"""The order of trials, what failed ones have in common, and their summary."""

import json
import math
from typing import Any

import pytest

from trainer.sweeps import Summary, Trial, TrialState, best_trials, common_failure


def _complete(number: int, *results: float) -> Trial:
    return Trial(number=number, state=TrialState.COMPLETE, results=results)


def _failed(number: int, failure: str, **values: object) -> Trial:
    return Trial(number=number, state=TrialState.FAILED, failure=failure, values=values)


def test_best_trials_are_in_order_and_of_equal_ones_the_first_leads() -> None:
    trials = [_complete(0, 0.5), _complete(1, 0.9), _complete(2, 0.9), _complete(3, math.nan)]
    assert [each.number for each in best_trials(trials, (True,))] == [1, 2, 0]
    assert [each.number for each in best_trials(trials, (False,))] == [0, 1, 2]


def test_front_leaves_out_what_another_trial_beats() -> None:
    trials = [_complete(0, 0.5, 10), _complete(1, 0.9, 20), _complete(2, 0.4, 15), _complete(3, 0.9, 20)]
    assert [each.number for each in best_trials(trials, (True, False))] == [0, 1, 3]


def test_common_failure_names_the_reason_or_what_is_shared() -> None:
    same = [_failed(number, "Out of memory.", units=number) for number in range(3)]
    assert common_failure(same) == "all with: Out of memory."
    shared = [_failed(0, "Loss is NaN.", rate=1.0, units=1), _failed(1, "It was killed.", rate=1.0, units=2)]
    assert common_failure(shared) == "all with rate 1.0: Loss is NaN.; It was killed."
    assert common_failure([_failed(0, "One."), _failed(1, "Two.")]) == "for different reasons: One.; Two."


def test_failures_that_differ_only_in_numbers_are_named_once() -> None:
    trials = [
        _failed(n, f"The loss became NaN in epoch 1: the learning rate {rate} is probably too high.", rate=rate)
        for n, rate in enumerate(("1e+30", "0.5", "2.5e-05", "1,000"))
    ]
    told = common_failure(trials)
    assert told.startswith("all for the same reason with other numbers, for example: The loss became NaN in epoch 1")
    assert told.count("NaN") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"running": "3"}, {"complete": -1}, {"pruned": 1.5}, {"failed": True}, {"best": "2"}, {"best": False},
        {"best_run": 7}, {"results": 3}, {"results": [None]}, {"results": [10**400]}, {"unknown": 1}, [1],
    ],
)  # fmt: skip
def test_summary_that_another_program_wrote_is_read_as_empty(fields: Any) -> None:
    assert Summary.loads(json.dumps(fields)) == Summary()


def test_summary_is_read_as_it_was_written() -> None:
    summary = Summary(running=1, complete=2, best=0, best_run="abc", results=(0.5, math.inf), confirming=3)
    assert Summary.loads(summary.dumps()) == summary
