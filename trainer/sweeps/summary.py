"""A sweep in one line: how many trials are in each state, and which is best."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainer.config.search import SweepSettings
from trainer.sweeps.trial import Trial, TrialState, best_trials

__all__ = ["Summary", "summary_of"]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts of trials, and the best one: its number, its run and its results, unless none is complete.

    `confirmed` of `confirming` runs with fresh seeds have ended; both are 0 as long as trials run.
    """

    running: int = 0
    complete: int = 0
    pruned: int = 0
    failed: int = 0
    stopped: int = 0
    taken: int = 0
    best: int | None = None
    best_run: str = ""
    results: tuple[float, ...] = ()
    confirmed: int = 0
    confirming: int = 0

    @property
    def trials(self) -> int:
        """How many trials there are."""
        return self.running + self.complete + self.pruned + self.failed + self.stopped

    def dumps(self) -> str:
        """Return the text of the tag."""
        return json.dumps(vars(self), separators=(",", ":"))

    def document(self) -> dict[str, Any]:
        """Return it for a JSON document."""
        return {**vars(self), "trials": self.trials, "results": list(self.results)}

    @classmethod
    def loads(cls, text: str) -> "Summary":
        """Read what `dumps` wrote; an empty summary for anything else, since other programs may write tags too."""
        try:
            given = json.loads(text or "{}")
            read = cls(**{**given, "results": tuple(map(float, given.get("results", ())))})
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return cls()
        others = {"best": 0 if read.best is None else read.best, "best_run": 0, "results": 0}
        are_counts = all(type(each) is int and each >= 0 for each in {**vars(read), **others}.values())
        return read if are_counts and isinstance(read.best_run, str) else cls()


def summary_of(trials: Sequence[Trial], settings: SweepSettings, *, confirmed: int = 0, confirming: int = 0) -> Summary:
    """Return the summary of a sweep's trials; of several objectives, the best is the first of the front."""
    counts = {state: sum(each.state is state for each in trials) for state in TrialState}
    best = next(iter(best_trials(trials, settings.maximizes)), None)
    return Summary(
        running=counts[TrialState.RUNNING],
        complete=counts[TrialState.COMPLETE],
        pruned=counts[TrialState.PRUNED],
        failed=counts[TrialState.FAILED],
        stopped=counts[TrialState.STOPPED],
        taken=sum(each.taken for each in trials),
        best=None if best is None else best.number,
        best_run="" if best is None else best.run_id,
        results=() if best is None else best.results,
        confirmed=confirmed,
        confirming=confirming,
    )
