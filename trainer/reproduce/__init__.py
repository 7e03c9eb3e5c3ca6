"""Runs again: whether two runs are the same, and a run as a script or a bundle that repeats it.

Importing this loads no TensorFlow and no MLflow.
"""

from trainer.reproduce.record import RunRecord, read_record
from trainer.reproduce.verdict import Compared, Differing, FirstDifference, Verdict, compare
from trainer.reproduce.verify import keep_verdict, recorded_threads, rerun_verdicts, verify

__all__ = [
    "Compared",
    "Differing",
    "FirstDifference",
    "RunRecord",
    "Verdict",
    "compare",
    "keep_verdict",
    "read_record",
    "recorded_threads",
    "rerun_verdicts",
    "verify",
]
