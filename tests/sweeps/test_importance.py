"""Which settings mattered, where it is known."""

import random

from tests.support.sweeps import sweep_of
from trainer.sweeps import Trial, TrialState
from trainer.sweeps.importance import setting_importances

SEARCH = (
    "search: {optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}, layers.2.units: [8, 16, 32], "
    "layers.3: {present: [true, false]}, layers.3.rate: {low: 0.1, high: 0.5}}"
)


def _trials(count: int) -> list[Trial]:
    space, chance = sweep_of(SEARCH).space, random.Random(1)
    found = []
    for number in range(count):
        values = space.values(lambda each: each.domain.at(chance.random()))
        result = -abs(values["optimizer.learning_rate"] - 0.01) + 1e-5 * values["layers.2.units"]
        found.append(Trial(number=number, state=TrialState.COMPLETE, values=values, results=(result,)))
    return found


def test_setting_that_decides_comes_first_with_its_interval() -> None:
    found = setting_importances(sweep_of(SEARCH), _trials(80))
    assert found is not None
    assert found[0].param == "optimizer.learning_rate"
    assert found[0].low > found[1].high, "clearly"
    assert abs(sum(each.value for each in found) - 1) < 1e-9
    assert {each.param for each in found} >= {"layers.3.present", "layers.3.rate"}
    assert found == setting_importances(sweep_of(SEARCH), _trials(80)), "the seed decides the resamples"


def test_nothing_is_said_of_few_trials_or_equal_results() -> None:
    sweep, trials = sweep_of(SEARCH), _trials(19)
    assert setting_importances(sweep, trials) is None
    same = [Trial(number=n, state=TrialState.COMPLETE, values=trials[0].values, results=(1.0,)) for n in range(30)]
    assert setting_importances(sweep, same) is None
