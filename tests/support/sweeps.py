"""A small sweep, and objectives that need no training."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from trainer.config.search import UNCONFIRMED, SweepFile, load_sweep
from trainer.sweeps import Proposer, Trial, TrialState
from trainer.sweeps.records import sweep_file_of, sweep_trials, trial_runs
from trainer.tracking import Run, Store, Tag

__all__ = ["NETWORK", "SEARCH", "answered", "course", "outcome_of", "sweep_of", "swept"]

NETWORK = """
name: small
dataset: digits
layers: [Flatten, {layer: Dense, units: 16, activation: relu}, {layer: Dropout, rate: 0.2}, {layer: Dense, units: 10}]
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: adam
metrics: [accuracy]
epochs: 9
"""

SEARCH = """
search:
  optimizer: [adam, {name: SGD, momentum: 0.9}]
  optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}
  optimizer.momentum: {low: 0.5, high: 0.9}
  layers.2.units: {low: 16, high: 64, step: 16}
  layers.2: {repeat: {low: 1, high: 3}}
  layers.3: {present: [true, false]}
  layers.3.rate: {low: 0.1, high: 0.5}
"""


def sweep_of(search: str = SEARCH, **settings: object) -> SweepFile:
    """Return the sweep of the small network with these settings; its winner is confirmed only if they say so."""
    return load_sweep(f"{NETWORK}{search}").with_settings({"confirm": UNCONFIRMED, **settings})


def course(values: Mapping[str, Any], epochs: int = 9) -> dict[int, float]:
    """Return an objective by epoch that is best for a learning rate of 0.01 and three copies of the layer."""
    end = 1 / (1 + abs(math.log10(values.get("optimizer.learning_rate", 0.01)) + 2)) + 0.01 * values.get(
        "layers.2.repeat", 1
    )
    return {epoch: end * (1 - math.exp(-epoch / 3)) for epoch in range(1, epochs + 1)}


def answered(proposer: Proposer, trials: Sequence[Trial], number: int) -> Trial:
    """Return the trial with its result, or pruned."""
    trial, is_pruned = proposer.prunes(trials, number, course(trials[number].values))
    if is_pruned:
        return replace(trial, state=TrialState.PRUNED)
    return replace(trial, state=TrialState.COMPLETE, results=(trial.course[max(trial.course)],))


def swept(sweep: SweepFile, count: int, *, forgetful: bool = False) -> list[Trial]:
    """Return the first trials of a sweep; with `forgetful`, a new proposer makes each decision."""
    proposer, trials = Proposer(sweep), list[Trial]()

    def current() -> Proposer:
        return Proposer(sweep) if forgetful else proposer

    for number in range(count):
        pending = tuple(each.number for each in trials if not each.ended)
        values = current().ask(trials)
        trials.append(Trial(number=number, state=TrialState.RUNNING, values=values, pending=pending))
        while sum(not each.ended for each in trials) >= sweep.settings.jobs:
            first = next(each.number for each in trials if not each.ended)
            trials[first] = answered(current(), trials, first)
    return trials


def outcome_of(store: Store, sweep: Run) -> list[object]:
    """Return all of a sweep's trials that must be the same when it is repeated."""
    trials = sweep_trials(store.reader, sweep, sweep_file_of(store.reader, sweep).settings)
    weights = {run.run_id: run.tags.get(Tag.WEIGHTS) for run in trial_runs(store.reader, sweep.run_id)}
    # How far a pruned trial trains before it hears of it depends on the time.
    whole = TrialState.COMPLETE
    assert all(weights[each.run_id] for each in trials if each.state is whole)
    return [
        (each.number, each.values, each.state, each.results, each.course, each.state is whole and weights[each.run_id])
        for each in trials
    ]
