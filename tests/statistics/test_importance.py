import math

import numpy as np
import pytest

from trainer.statistics import FEWEST_RUNS, importances


def _runs(number: int) -> tuple[list[dict[str, str | float]], list[float]]:
    """Runs whose metric depends on the learning rate, a little on the optimizer, and not on the seed."""
    random = np.random.default_rng(0)
    runs: list[dict[str, str | float]] = []
    values = []
    for seed in range(number):
        rate, optimizer = 10 ** random.uniform(-4, -1), str(random.choice(["Adam", "SGD"]))
        runs.append({"learning_rate": f"{rate:.5g}", "optimizer": optimizer, "seed": seed, "epochs": "5"})
        values.append(-abs(math.log10(rate) + 3) + 0.3 * (optimizer == "Adam") + random.normal(0, 0.05))
    return runs, values


def test_param_that_the_metric_depends_on_comes_first() -> None:
    found = importances(*_runs(60))
    assert found is not None
    names = [each.param for each in found]
    assert names[:2] == ["learning_rate", "optimizer"]
    assert "epochs" not in names
    by_name = {each.param: each for each in found}
    assert by_name["learning_rate"].low > by_name["seed"].high
    assert by_name["seed"].low <= 0 <= by_name["seed"].high
    assert all(each.low <= each.value <= each.high for each in found)


def test_same_runs_give_the_same_numbers() -> None:
    assert importances(*_runs(25)) == importances(*_runs(25))


@pytest.mark.parametrize("number", [0, FEWEST_RUNS - 1])
def test_few_runs_are_refused(number: int) -> None:
    assert importances(*_runs(number)) is None


def test_runs_without_a_value_do_not_count_and_equal_values_have_no_importance() -> None:
    runs, values = _runs(FEWEST_RUNS)
    assert importances(runs, [math.nan, *values[1:]]) is None
    assert importances(runs, [1.0] * FEWEST_RUNS) is None
    assert importances([{"epochs": "5"}] * FEWEST_RUNS, values) is None


def test_param_that_some_runs_lack_counts_too() -> None:
    runs, values = _runs(40)
    for place in range(0, 40, 2):
        del runs[place]["optimizer"]
        values[place] += 5
    found = importances(runs, values)
    assert found is not None
    assert found[0].param == "optimizer"
