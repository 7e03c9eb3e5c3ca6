"""The record of a trial, from which a study is rebuilt."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Trial", "TrialState", "best_trials", "common_failure"]


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")


class TrialState(StrEnum):
    """What became of a trial."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One trial of a sweep.

    `results` are the values of the objectives, set if the trial is complete. `course` is the single objective by epoch
    (1, 2, …), for a pruned trial up to the epoch at which it was pruned. `judged` is the last epoch that the pruner has
    decided on, with what it remembers of the trial in `attrs`. `pending` are the numbers of the trials that were
    running when this one was proposed. `run_id` is empty if the values made no valid config.
    """

    number: int
    state: TrialState
    values: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[float, ...] = ()
    course: Mapping[int, float] = field(default_factory=dict)
    judged: int = 0
    attrs: Mapping[str, Any] = field(default_factory=dict)
    pending: tuple[int, ...] = ()
    run_id: str = ""
    failure: str = ""
    taken: bool = False

    @property
    def ended(self) -> bool:
        """Whether its result is known."""
        return self.state is not TrialState.RUNNING


def best_trials(trials: Sequence[Trial], maximizes: Sequence[bool]) -> tuple[Trial, ...]:
    """Return the complete trials that no other is better than, best first: one order, or the Pareto front.

    With one objective these are all complete trials in order. Of equal ones, the first proposed comes first.
    """
    done = [each for each in trials if each.state is TrialState.COMPLETE and all(map(math.isfinite, each.results))]
    if len(maximizes) == 1:
        sign = -1 if maximizes[0] else 1
        return tuple(sorted(done, key=lambda each: (sign * each.results[0], each.number)))
    costs = {each.number: _costs(each, maximizes) for each in done}
    return tuple(each for each in done if not any(_dominates(other, costs[each.number]) for other in costs.values()))


def common_failure(trials: Sequence[Trial]) -> str:
    """Return what failed trials have in common: their failure, whatever its numbers, or else values that all share."""
    reasons = list(dict.fromkeys(each.failure for each in trials))
    if len(reasons) == 1 and reasons[0]:
        return f"all with: {reasons[0]}"
    if len(reasons) > 1 and len({_NUMBER.sub("0", reason) for reason in reasons}) == 1:
        return f"all for the same reason with other numbers, for example: {reasons[0]}"
    shared = dict(trials[0].values)
    for each in trials[1:]:
        shared = {name: value for name, value in shared.items() if name in each.values and each.values[name] == value}
    told = "; ".join(dict.fromkeys(each.failure for each in trials if each.failure)) or "no reason was recorded"
    if shared:
        settings = ", ".join(f"{name} {value}" for name, value in shared.items())
        return f"all with {settings}: {told}"
    return f"for different reasons: {told}"


def _costs(trial: Trial, maximizes: Sequence[bool]) -> tuple[float, ...]:
    return tuple(-value if up else value for value, up in zip(trial.results, maximizes, strict=True))


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
