"""Importances of the settings of a sweep, computed by a program of its own, since they load Optuna and SciPy."""

import subprocess
import sys
import tempfile
from typing import NamedTuple

import streamlit as st

from dashboard.loaders.context import context
from trainer.statistics import FEWEST_RUNS, Importance
from trainer.sweeps import TrialState
from trainer.sweeps.following import Followed
from trainer.sweeps.importance_program import read_answer, request

__all__ = ["SweepImportances", "sweep_importances"]

_PROGRAM = "trainer.sweeps.importance_program"
# A running sweep is ranked anew once it has so many times the complete trials of the last ranking.
_GROWTH = 1.1


class SweepImportances(NamedTuple):
    """The importances over `trials` complete trials, largest first; None if there are none.

    `pending` is whether newer ones are being computed, `failed` whether the program ended without an answer.
    """

    found: tuple[Importance, ...] | None
    trials: int
    pending: bool
    failed: bool = False


class _Job:
    """The program's last answer for one sweep, and the program while it computes the next one."""

    def __init__(self) -> None:
        self.answer = SweepImportances(None, 0, pending=False)
        self._process: subprocess.Popen[str] | None = None
        self._asked = 0

    def ask(self, seen: Followed, complete: int) -> None:
        """Start the program without waiting for it."""
        # From a file, since a pipe would block until the program reads it.
        with tempfile.TemporaryFile("w+") as given:
            given.write(request(seen.sweep, seen.trials))
            given.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM], stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True,
            )  # fmt: skip
        self._asked = complete
        self.answer = self.answer._replace(pending=True)

    def listen(self) -> None:
        """Take over the answer if the program has ended."""
        if self._process is None or self._process.poll() is None:
            return
        text, _ = self._process.communicate()
        self._process = None
        try:
            self.answer = SweepImportances(read_answer(text), self._asked, pending=False)
        except ValueError:
            self.answer = SweepImportances(None, self._asked, pending=False, failed=True)


@st.cache_resource(show_spinner=False, max_entries=50)
def _job(tracking_uri: str, sweep_id: str) -> _Job:
    return _Job()


def sweep_importances(seen: Followed) -> SweepImportances:
    """Return the importances as far as they are known, and have newer ones computed where trials have been added."""
    complete = sum(each.state is TrialState.COMPLETE for each in seen.trials)
    if complete < FEWEST_RUNS or len(seen.sweep.settings.objective) > 1:
        return SweepImportances(None, complete, pending=False)
    job = _job(context().tracking_uri, seen.run.run_id)
    job.listen()
    known = job.answer
    is_due = complete >= _GROWTH * known.trials if seen.live else complete != known.trials
    if not known.pending and is_due:
        job.ask(seen, complete)
    return job.answer
