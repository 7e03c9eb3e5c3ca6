"""Read the journals of running trials, so that pruning does not wait for the store.

A run sends its points once a second, in which a small network trains dozens of epochs.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from trainer.home import Home
from trainer.sweeps import Proposer, Trial
from trainer.tracking.record.journal import JournalTail
from trainer.tracking.run import Point, Run, Series, Status

__all__ = ["TrialJournals"]

_PAUSE_SECONDS = 0.1
# Looks take at most a tenth of one processor, which the trials need.
_PAUSES = 9


class TrialJournals:
    """The journals of the trials that this home trains; others have none here, and are pruned by the store alone.

    Args:
        home: the home with the folders of the runs.
        metric: the objective.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, home: Home, metric: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._home, self._metric, self._clock = home, metric, clock
        self._tails: dict[str, JournalTail] = {}
        self._judged: dict[str, int] = {}
        self._due = 0.0

    def ahead(
        self, runs: Sequence[Run], histories: Mapping[str, Mapping[str, Series]]
    ) -> dict[str, Mapping[str, Series]]:
        """Return run id → histories, with the points that only the journals of running runs have."""
        found = dict(histories)
        for run in runs:
            if run.status is not Status.RUNNING:
                self._tails.pop(run.run_id, None)
                continue
            tail = self._tails.setdefault(run.run_id, JournalTail(self._home.run(run.run_id), self._metric))
            known = found.get(run.run_id, {})
            found[run.run_id] = {**known, self._metric: _with_points(known.get(self._metric), tail.points())}
        return found

    def any_pruned(self, trials: Sequence[Trial], proposer: Proposer) -> bool:
        """Return whether one of the trials, all of a sweep, is to be pruned; False until a pause is over.

        It decides nothing that is not decided again from what `ahead` returns.
        """
        begun = self._clock()
        if begun < self._due:
            return False
        running = [each for each in trials if each.run_id in self._tails and not each.ended]
        found = any(self._is_pruned(trials, each, proposer) for each in running)
        self._due = begun + max(_PAUSE_SECONDS, _PAUSES * (self._clock() - begun))
        return found

    def _is_pruned(self, trials: Sequence[Trial], trial: Trial, proposer: Proposer) -> bool:
        points = self._tails[trial.run_id].points()
        epoch = max(points, default=0)
        if epoch <= max(trial.judged, self._judged.get(trial.run_id, 0)):
            return False
        self._judged[trial.run_id] = epoch
        return proposer.prunes(trials, trial.number, {step: point.value for step, point in points.items()})[1]


def _with_points(series: Series | None, points: Mapping[int, Point]) -> Series:
    """Return the history with the points by step; where it has a step already, both have the same value."""
    stored = () if series is None else zip(series.steps, series.values, series.times, strict=True)
    whole = {step: (point.value, point.time_ms) for step, point in points.items()}
    whole |= {step: (value, time_ms) for step, value, time_ms in stored}
    steps = sorted(whole)
    return Series(steps=steps, values=[whole[step][0] for step in steps], times=[whole[step][1] for step in steps])
