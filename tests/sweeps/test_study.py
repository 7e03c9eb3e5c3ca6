"""Proposals and pruning: a pure function of the recorded trials."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from tests.support.sweeps import course, sweep_of, swept
from trainer.config.search import Sampler
from trainer.errors import ConfigError
from trainer.sweeps import Proposer, Trial, TrialState, best_trials, refuse_missing_sampler


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("pruner", ["none", "median", "hyperband"])
@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "random", "sobol"])
def test_rebuilt_study_decides_as_one_that_was_kept(sampler: str, pruner: str, jobs: int) -> None:
    sweep = sweep_of(sampler=sampler, pruner=pruner, jobs=jobs)
    kept, rebuilt = swept(sweep, 14), swept(sweep, 14, forgetful=True)
    assert kept == rebuilt
    assert len({json.dumps(each.values) for each in kept}) == 14, "no proposal is repeated"
    assert any(each.state is TrialState.PRUNED for each in kept) == (pruner != "none")


def test_record_is_plain_json() -> None:
    """So that it fits into tags, and nothing pickled is ever read from a store."""
    for sampler in ("tpe", "cmaes"):
        trials = swept(sweep_of(sampler=sampler, pruner="hyperband"), 6)
        for each in trials:
            assert json.loads(json.dumps([each.values, each.attrs])) == [each.values, dict(each.attrs)]
            assert all(isinstance(value, float) for value in each.attrs.values())


def test_seed_of_the_sweep_decides_the_proposals() -> None:
    first, second = (swept(sweep_of(seed=seed), 3) for seed in (0, 1))
    assert [each.values for each in first] == [each.values for each in swept(sweep_of(seed=0), 3)]
    assert all(one.values != other.values for one, other in zip(first, second, strict=True))


def test_tpe_finds_the_best_region() -> None:
    trials = swept(sweep_of(sampler="tpe"), 40)
    best = best_trials(trials, (True,))[0]
    assert best.results[0] > max(each.results[0] for each in trials[:10]), "better than its random start"


def test_grid_tries_every_combination_once() -> None:
    search = "search: {layers.2.units: [8, 16], layers.3: {present: [true, false]}, layers.3.rate: [0.1, 0.2, 0.3]}"
    sweep = sweep_of(search, trials=8)
    proposer = Proposer(sweep)
    # Three rates with the layer and one point without it, for each number of units.
    assert len(proposer.grid) == 8
    asked = Counter(json.dumps(each.values, sort_keys=True) for each in swept(sweep, 8))
    assert set(asked.values()) == {1}
    assert proposer.grid != Proposer(sweep_of(search, seed=1)).grid


def test_pruner_goes_on_where_it_was() -> None:
    """A trial that passed an epoch must not be pruned at it later, when others have passed it with better values."""
    sweep = sweep_of(pruner="median")
    done = swept(sweep_of(), 8)
    good = [replace(each, course=dict.fromkeys(range(1, 10), 0.5)) for each in done]
    trial = Trial(number=8, state=TrialState.RUNNING, values=done[0].values)
    passed, is_pruned = Proposer(sweep).prunes([*good, trial], 8, {1: 0.6, 2: 0.6})
    assert not is_pruned
    assert passed.judged == 2
    better = [replace(each, course=dict.fromkeys(range(1, 10), 0.9)) for each in good]
    again, is_pruned = Proposer(sweep).prunes([*better, passed], 8, {1: 0.6, 2: 0.6})
    assert not is_pruned
    assert again == passed
    later, is_pruned = Proposer(sweep).prunes([*better, passed], 8, {1: 0.6, 2: 0.6, 3: 0.6, 4: 0.6})
    assert is_pruned
    assert later.judged == max(later.course) == 3, "the course ends where it was pruned"


def test_failed_trials_teach_nothing() -> None:
    sweep = sweep_of()
    trials = swept(sweep, 12)
    failed = [replace(each, state=TrialState.FAILED, results=(), values={}) for each in trials]
    assert Proposer(sweep).ask(failed).keys() >= {"optimizer.learning_rate"}


def test_several_objectives_have_a_front() -> None:
    sweep = sweep_of(objective=["val_accuracy", "val_loss"])
    trials: list[Trial] = []
    for number in range(12):
        values = Proposer(sweep).ask(trials)
        results = (course(values)[9], values["layers.2.units"] / 64)
        trials.append(Trial(number=number, state=TrialState.COMPLETE, values=values, results=results))
    front = best_trials(trials, sweep.settings.maximizes)
    assert front
    for one in front:
        assert not any(o.results[0] >= one.results[0] and o.results[1] < one.results[1] for o in trials)


def test_sampler_that_needs_torch_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="The sampler gp needs PyTorch, which is not installed"):
        refuse_missing_sampler(Sampler.GP)
    refuse_missing_sampler(Sampler.TPE)
