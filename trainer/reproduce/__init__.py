"""Runs again: whether two runs are the same, and a run as a script or a bundle that repeats it.

Importing this loads no TensorFlow and no MLflow.
"""

from trainer.reproduce.record import RunRecord, read_record
from trainer.reproduce.verdict import Compared, Differing, FirstDifference, Verdict, compare
from trainer.reproduce.verify import recorded_threads, verify

__all__ = [
    "Compared",
    "Differing",
    "FirstDifference",
    "RunRecord",
    "Verdict",
    "compare",
    "read_record",
    "recorded_threads",
    "verify",
]
