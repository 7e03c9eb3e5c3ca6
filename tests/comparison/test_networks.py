"""Two networks on the same samples."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.predictions import classified, regressed
from tests.support.runs import a_run
from trainer.comparison import SAME, Side, compare, network_difference, why_not_paired
from trainer.statistics import Disagreement, Method
from trainer.tracking import Run
from trainer.tracking.predictions import Predictions

ACTUAL = [0, 1, 2] * 40
# The first classifies 110 of 120 correctly, the second 90; both fail on 5 of them.
FIRST = classified(ACTUAL, [(each + (place < 10)) % 3 for place, each in enumerate(ACTUAL)])
SECOND = classified(ACTUAL, [(each + (5 <= place < 35)) % 3 for place, each in enumerate(ACTUAL)])
Network = tuple[Run, Predictions | None]


def _network(name: str, kept: Predictions | None, **metrics: float) -> Network:
    return a_run(run_id=name, name=name, metrics=metrics), kept


def _classifier(name: str, kept: Predictions) -> Network:
    right = float(np.mean(np.equal(kept.actual, kept.predicted)))
    loss = 0.0 if kept.cross_entropy is None else float(kept.cross_entropy.mean())
    return _network(name, kept, test_accuracy=right, test_loss=loss)


def test_accuracies_are_compared_by_mcnemar_on_the_samples_where_they_disagree() -> None:
    first, second = _classifier("a", FIRST), _classifier("b", SECOND)
    found = network_difference("test_accuracy", first, second)
    assert found == Disagreement(only_first=25, only_second=5, samples=120)
    losses = network_difference("test_loss", first, second)
    assert losses is not None
    assert losses.method is Method.BOOTSTRAP
    assert losses.estimate == pytest.approx(-20 * 1.9 / 120)


def test_regressions_are_compared_by_the_paired_bootstrap() -> None:
    random = np.random.default_rng(0)
    actual = random.normal(size=200)
    near, far = (regressed(actual, actual + random.normal(0, scale, 200)) for scale in (0.1, 0.5))
    pair = []
    for name, kept in (("near", near), ("far", far)):
        errors = np.asarray(kept.predicted, float) - np.asarray(kept.actual, float)
        values = {"test_loss": (errors**2).mean(), "test_mean_absolute_error": np.abs(errors).mean(), "test_r2": 0.9}
        pair.append(_network(name, kept, **values))
    for metric in ("test_loss", "test_mean_absolute_error"):
        found = network_difference(metric, pair[0], pair[1])
        assert found is not None
        assert found.interval()[1] < 0
    assert network_difference("test_r2", pair[0], pair[1]) is None


def test_metric_that_is_another_quantity_than_the_mean_of_the_samples_is_not_tested() -> None:
    """As a loss with penalties on weights, or one of another epoch than the predictions."""
    first, second = _classifier("a", FIRST), _classifier("b", SECOND)
    other = (replace(second[0], metrics={"test_accuracy": 0.5, "val_accuracy": 0.75}), SECOND)
    assert network_difference("test_accuracy", first, other) is None
    assert network_difference("val_accuracy", first, other) is None
    assert network_difference("test_loss", first, other) is None


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (SECOND, None),
        (None, "second has no predictions of its single samples"),
        (SECOND.within(10), "second: The predictions of 120 test samples were not kept"),
        (replace(SECOND, rows=np.arange(120)[::-1]), "evaluated on different test samples"),
        (regressed([1.0], [2.0]), "One network is a classifier and the other one is not."),
    ],
)
def test_reason_against_a_comparison_is_a_sentence(kept: Predictions | None, words: str | None) -> None:
    found = why_not_paired(_network("first", FIRST), _network("second", kept))
    assert found is None if words is None else words in (found or "")
    if words is not None:
        assert network_difference("test_accuracy", _classifier("a", FIRST), _network("b", kept)) is None


def test_finding_of_single_runs_is_about_the_networks_and_in_the_family() -> None:
    networks = {
        "a": _classifier("a", FIRST),
        "b": _classifier("b", SECOND),
        "c": _network("c", None, test_accuracy=0.8),
    }
    sides = [Side((run,)) for run, _ in networks.values()]
    found = compare(
        sides,
        ["test_accuracy"],
        bases=dict.fromkeys(networks, SAME),
        between=lambda metric, one, other: network_difference(metric, networks[one.run_id], networks[other.run_id]),
    )
    known, unknown = found.comparisons[1, "test_accuracy"], found.comparisons[2, "test_accuracy"]
    assert found.family == 1
    assert known.is_of_networks
    assert known.words.startswith("worse by ")
    assert known.words.endswith(" (these two networks)")
    assert (unknown.finding, unknown.is_of_networks) == (None, False)


def test_several_runs_of_a_side_are_never_compared_as_networks() -> None:
    sides = [Side(tuple(a_run(run_id=f"{name}{place}", metrics={"test_accuracy": value + place / 100})
                        for place in range(3))) for name, value in (("a", 0.8), ("b", 0.9))]  # fmt: skip
    bases = {run.run_id: SAME for side in sides for run in side.runs}
    found = compare(sides, ["test_accuracy"], bases=bases, between=lambda *_: pytest.fail("several runs a side"))
    assert not found.comparisons[1, "test_accuracy"].is_of_networks
