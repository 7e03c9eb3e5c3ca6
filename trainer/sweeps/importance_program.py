"""A program that ranks the settings of a sweep: `python -m trainer.sweeps.importance_program`.

It reads a request from standard input and writes the answer to standard output. A process of its own, since Optuna's
evaluator loads scikit-learn and SciPy: 200 MB that a dashboard does not need otherwise.
"""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from trainer.config.search import SweepFile, load_sweep
from trainer.statistics import Importance
from trainer.sweeps.importance import setting_importances
from trainer.sweeps.trial import Trial, TrialState

__all__ = ["answer", "main", "read_answer", "request"]

# So much nicer than the trainings beside it.
_NICE = 10


def request(sweep: SweepFile, trials: Sequence[Trial]) -> str:
    """Return the request: the sweep, and the number, the values and the results of each complete trial."""
    done = [
        [each.number, dict(each.values), list(each.results)] for each in trials if each.state is TrialState.COMPLETE
    ]
    return json.dumps({"sweep": sweep.dump(), "trials": done})


def answer(text: str) -> str:
    """Answer a request with a row per setting, or null if there are no importances."""
    asked = json.loads(text)
    trials = [
        Trial(number=number, state=TrialState.COMPLETE, values=values, results=tuple(results))
        for number, values, results in asked["trials"]
    ]
    return json.dumps(setting_importances(load_sweep(asked["sweep"], is_stored=True), trials))


def read_answer(text: str) -> tuple[Importance, ...] | None:
    """Read what `answer` wrote. Raises ValueError for anything else."""
    found = json.loads(text)
    return None if found is None else tuple(Importance(*row) for row in found)


def main() -> None:
    """Answer one request."""
    with suppress(OSError):
        os.nice(_NICE)
    sys.stdout.write(answer(sys.stdin.read()))


if __name__ == "__main__":
    main()
