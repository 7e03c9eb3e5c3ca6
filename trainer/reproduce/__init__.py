"""Reproduce runs: compare two runs, and export a run as a script or a bundle that repeats it.

Importing this loads no TensorFlow and no MLflow.
"""

from trainer.reproduce.ancestry import ancestry, parent_of
from trainer.reproduce.record import RunRecord, read_record
from trainer.reproduce.repeats import (
    MOST_REPEATS,
    finished_in_group,
    finished_runs,
    live_in_group,
    one_a_seed,
    refuse_unsplit,
    repeats,
)
from trainer.reproduce.verdict import Compared, Differing, FirstDifference, Verdict, compare
from trainer.reproduce.verify import keep_verdict, recorded_threads, rerun_verdicts, verify

__all__ = [
    "MOST_REPEATS",
    "Compared",
    "Differing",
    "FirstDifference",
    "RunRecord",
    "Verdict",
    "ancestry",
    "compare",
    "finished_in_group",
    "finished_runs",
    "keep_verdict",
    "live_in_group",
    "one_a_seed",
    "parent_of",
    "read_record",
    "recorded_threads",
    "refuse_unsplit",
    "repeats",
    "rerun_verdicts",
    "verify",
]
