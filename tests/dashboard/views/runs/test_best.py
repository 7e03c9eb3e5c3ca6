"""The best values in the table of runs."""

from typing import Any

from dashboard.views.runs.best import best_values
from tests.support.runs import a_run
from trainer.comparison.basis import Basis
from trainer.config import UNTOLD, Directions
from trainer.tracking import Run, Status

DIGITS, IRIS = (Basis(frozenset({name}), "fitboard", "mse") for name in ("digits", "iris"))


def _runs(**metrics: dict[str, Any]) -> list[Run]:
    return [a_run(run_id=label, metrics=values) for label, values in metrics.items()]


def _best(runs: list[Run], *names: str, bases: Any = None, directions: Directions = UNTOLD) -> list[tuple[str, int]]:
    found = best_values(runs, names, bases or dict.fromkeys("abcd", DIGITS), directions)
    return [(each.run_id, each.among) for each in found]


def test_best_follows_the_direction_of_the_metric() -> None:
    runs = _runs(a={"val_loss": 0.5, "val_accuracy": 0.8}, b={"val_loss": 0.4, "val_accuracy": 0.7})
    assert _best(runs, "val_loss") == [("b", 2)]
    assert _best(runs, "val_accuracy") == [("a", 2)]
    wobble = _runs(a={"wobble": 1.0}, b={"wobble": 2.0})
    assert _best(wobble, "wobble") == []
    assert _best(wobble, "wobble", directions=Directions.of(["wobble"], [])) == [("b", 2)]


def test_best_of_a_value_follows_its_metric() -> None:
    runs = _runs(a={"val_loss": 0.5}, b={"val_loss": 0.4})
    read = {"a": {"val_loss@best": 0.1}, "b": {"val_loss@best": 0.2}}
    found = best_values(runs, ["val_loss@best", "val_loss@last"], dict.fromkeys("ab", DIGITS), UNTOLD, read)
    assert [(each.run_id, each.metric) for each in found] == [("a", "val_loss@best"), ("b", "val_loss@last")]


def test_each_dataset_has_a_best_of_its_own() -> None:
    runs = _runs(a={"accuracy": 0.8}, b={"accuracy": 0.9}, c={"accuracy": 0.2}, d={"accuracy": 0.1})
    assert _best(runs, "accuracy", bases={"a": DIGITS, "b": DIGITS, "c": IRIS, "d": IRIS}) == [("b", 2), ("c", 2)]


def test_unknown_data_unlike_losses_and_unfinished_runs_are_left_out() -> None:
    runs = _runs(a={"loss": 0.5}, b={"loss": 0.4}, c={"loss": 0.1}, d={"loss": float("nan")})
    assert _best(runs, "loss", bases=dict.fromkeys("abcd", DIGITS._replace(data=None))) == []
    assert _best(runs, "loss", bases=dict.fromkeys("abcd", DIGITS) | {"c": DIGITS._replace(loss="mae")}) == [("b", 2)]
    running = [*runs[:2], a_run(run_id="c", metrics={"loss": 0.1}, status=Status.RUNNING, end_time=None)]
    assert _best(running, "loss") == [("b", 2)]


def test_one_run_or_equal_ones_have_no_best() -> None:
    assert _best(_runs(a={"loss": 0.5}), "loss") == []
    assert _best(_runs(a={"loss": 0.5}, b={"loss": 0.5}), "loss") == []
