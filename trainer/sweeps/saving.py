"""How much training the pruner of a sweep has saved."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainer.sweeps.trial import Trial, TrialState
from trainer.tracking.run import Run

__all__ = ["Saving", "saved_by_pruning"]

_EPOCHS, _SECONDS = "epochs", "epoch_seconds"


class Saving(NamedTuple):
    """The epochs that pruned trials did not train, and about how many seconds these would have taken.

    `share` is the part that they are of all epochs that the pruned and the complete trials would have trained.
    """

    trials: int
    epochs: int
    seconds: float
    share: float


def saved_by_pruning(trials: Sequence[Trial], runs: Mapping[str, Run]) -> Saving | None:
    """Estimate what pruning saved; None if no trial was pruned.

    A pruned trial is taken to have trained all of its epochs otherwise, each as long as its last one, so that with
    early stopping this is an upper bound. Trials that took the results of earlier runs trained nothing.
    """
    pruned = [each for each in trials if each.state is TrialState.PRUNED and not each.taken]
    if not pruned:
        return None
    left = {each.number: max(0, _number(runs, each, _EPOCHS) - each.judged) for each in pruned}
    seconds = math.fsum(left[each.number] * _epoch_seconds(runs, each) for each in pruned)
    complete = [each for each in trials if each.state is TrialState.COMPLETE and not each.taken]
    trained = sum(each.judged for each in pruned) + sum(_number(runs, each, _EPOCHS) for each in complete)
    saved = sum(left.values())
    return Saving(len(pruned), saved, seconds, saved / (saved + trained) if saved else 0.0)


def _number(runs: Mapping[str, Run], trial: Trial, param: str) -> int:
    text = runs[trial.run_id].params.get(param, "") if trial.run_id in runs else ""
    return int(text) if text.isdecimal() else trial.judged


def _epoch_seconds(runs: Mapping[str, Run], trial: Trial) -> float:
    found = runs[trial.run_id].metrics.get(_SECONDS, 0.0) if trial.run_id in runs else 0.0
    return found if math.isfinite(found) else 0.0
