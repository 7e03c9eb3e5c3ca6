"""What a sweep came to: what pruning saved, a smaller space around the best, and what the winners really reach."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.runs import a_run
from tests.support.sweeps import sweep_of, swept
from trainer.config.search import load_sweep
from trainer.errors import ConfigError
from trainer.statistics import summarize_all
from trainer.sweeps import Trial, TrialState
from trainer.sweeps.confirmation import Confirmed, plan
from trainer.sweeps.narrowing import narrowed
from trainer.sweeps.saving import saved_by_pruning
from trainer.sweeps.truth import confirmed_lines, truth_of


def _trial(number: int, state: TrialState = TrialState.COMPLETE, **changes: object) -> Trial:
    return Trial(number=number, state=state, run_id=f"run {number}", **changes)  # type: ignore[arg-type]


def test_pruning_saves_the_epochs_that_are_left_at_the_pace_of_each_trial() -> None:
    runs = {
        f"run {n}": a_run(run_id=f"run {n}", params={"epochs": "10"}, metrics={"epoch_seconds": 2.0 + n})
        for n in range(3)
    }
    trials = [
        _trial(0),
        _trial(1, TrialState.PRUNED, judged=4),
        _trial(2, TrialState.PRUNED, judged=10),
        _trial(3, TrialState.PRUNED, judged=1, taken=True),
    ]
    saving = saved_by_pruning(trials, runs)
    assert saving is not None
    assert (saving.trials, saving.epochs, saving.seconds) == (2, 6, 18.0)
    assert saving.share == pytest.approx(6 / 30)
    assert saved_by_pruning(trials[:1], runs) is None


def test_narrowed_space_is_inside_the_old_one_and_around_the_best() -> None:
    sweep = sweep_of(sampler="random")
    trials = swept(sweep, 60)
    found = narrowed(sweep, trials)
    for before, after in zip(sweep.space.dimensions, found.space.dimensions, strict=True):
        assert before.name == after.name
        assert all(before.domain.has(value) for value in _ends(after.domain))
    rate = next(each.domain for each in found.space.dimensions if each.name == "optimizer.learning_rate")
    assert rate.low < 0.01 < rate.high, "the best rate of the course"
    assert rate.high / rate.low < 100, "from a factor of 1,000"
    assert load_sweep(found.dump()).space == found.space, "as YAML it is the same"
    assert found.digest != sweep.digest


def _ends(domain) -> tuple:
    return domain.options if hasattr(domain, "options") else (domain.low, domain.high)


def test_narrowing_keeps_two_choices_and_a_range_of_integers() -> None:
    sweep = sweep_of("search: {layers.2.units: {low: 8, high: 128}, layers.2.activation: [relu, tanh, gelu]}")
    best = {"layers.2.units": 64, "layers.2.activation": "tanh"}
    poor = {"layers.2.units": 8, "layers.2.activation": "relu"}
    trials = [_trial(n, values=best, results=(0.9,)) for n in range(5)] + [_trial(5, values=poor, results=(0.1,))]
    domains = {each.name: each.domain for each in narrowed(sweep, trials).space.dimensions}
    assert domains["layers.2.activation"].options == ("relu", "tanh")
    assert (domains["layers.2.units"].low, domains["layers.2.units"].high) == (58, 70)


def test_narrowing_says_why_it_cannot() -> None:
    sweep = sweep_of("search: {layers.2.units: [8, 16]}")
    with pytest.raises(ConfigError, match="at least 5 complete trials, got 1"):
        narrowed(sweep, [_trial(0, values={"layers.2.units": 8}, results=(1.0,))])
    trials = [_trial(n, values={"layers.2.units": 8 if n % 2 else 16}, results=(1.0,)) for n in range(10)]
    with pytest.raises(ConfigError, match="nothing to narrow"):
        narrowed(sweep, trials)
    several = sweep_of("search: {layers.2.units: [8, 16]}", objective=["val_accuracy", "val_loss"])
    with pytest.raises(ConfigError, match="there are none yet"):
        narrowed(several, [])


def _confirmed(number: int, values: list[float], wanted: int = 3) -> Confirmed:
    runs = tuple(
        a_run(run_id=f"{number} {n}", metrics={"val_accuracy": value, "test_accuracy": value - 0.1, "test_loss": 0.2})
        for n, value in enumerate(values)
    )
    metrics = summarize_all(run.metrics for run in runs)
    return Confirmed(number=number, wanted=wanted, runs=runs, metrics=metrics)


def test_winner_is_the_best_confirmed_mean_and_its_test_is_read_once() -> None:
    settings = sweep_of(confirm="2x3").settings
    trials = [_trial(0, results=(0.99,)), _trial(1, results=(0.98,))]
    truth = truth_of([_confirmed(0, [0.80, 0.81, 0.82]), _confirmed(1, [0.95, 0.96, 0.955])], trials, settings)
    assert truth is not None
    assert truth.complete
    assert [row.number for row in truth.rows] == [1, 0], "not the one that validation chose"
    assert truth.rows[1].chosen == (0.99,)
    assert truth.rows[0].against == ""
    assert "worse by" in truth.rows[1].against
    assert list(truth.test) == ["test_accuracy", "test_loss"]
    assert truth.test["test_accuracy"].mean == pytest.approx(0.855)


def test_no_test_is_read_before_all_confirmations_are_done() -> None:
    settings = sweep_of(confirm="2x3").settings
    trials = [_trial(0, results=(0.9,)), _trial(1, results=(0.8,))]
    truth = truth_of([_confirmed(0, [0.8, 0.9, 0.85]), _confirmed(1, [0.8])], trials, settings)
    assert truth is not None
    assert not truth.complete
    assert not truth.test
    assert truth.rows[1].against == "too few runs to tell"
    assert truth_of([], trials, settings) is None


def test_terminal_shows_test_results_of_the_confirmed_winner_alone() -> None:
    settings = sweep_of(confirm="2x3").settings
    trials = [_trial(0, results=(0.99,)), _trial(1, results=(0.98,))]
    partly = confirmed_lines([_confirmed(0, [0.8, 0.81, 0.82]), _confirmed(1, [])], trials, settings)
    assert [line.split(" (")[0] for line in partly] == ["Trial 0 with fresh seeds", "  val_accuracy 0.810"]
    lines = confirmed_lines([_confirmed(0, [0.8, 0.81, 0.82]), _confirmed(1, [0.95, 0.96, 0.955])], trials, settings)
    assert lines[0] == "Trial 1 with fresh seeds (3 of 3):"
    assert lines[2].startswith("Trial 0 with fresh seeds (3 of 3); ")
    assert "worse by" in lines[2]
    assert lines[4] == "Test result of trial 1:"
    assert sum("test_accuracy" in line for line in lines) == 1


def test_several_objectives_have_no_single_winner() -> None:
    settings = sweep_of(objective=["val_accuracy", "val_loss"], confirm="2x3").settings
    trials = [_trial(0, results=(0.9, 0.3)), _trial(1, results=(0.8, 0.1))]
    confirmed = [replace(_confirmed(n, [0.8, 0.9, 0.85]), number=n) for n in range(2)]
    truth = truth_of(confirmed, trials, settings)
    assert truth is not None
    assert truth.complete
    assert not truth.test
    assert truth.rows[0].fresh[1] is None, "no val_loss was logged"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": 1}, "--confirm 1x5 confirms the only one."),
        ({"trials": 2}, "--confirm 2x5 confirms the best 2."),
        ({"trials": 9}, "--confirm 3x5 confirms the best 3."),
        ({"trials": 2, "confirm": "3x5"}, "the best 2 trials are trained again with 5 fresh seeds each (10 runs)."),
        ({"trials": 1, "confirm": "3x5"}, "the best trial is trained again with 5 fresh seeds (5 runs)."),
    ],
)
def test_plan_names_no_more_trials_than_there_are(settings: dict[str, Any], words: str) -> None:
    assert plan(sweep_of(**{"confirm": None, **settings}).settings).endswith(words)
