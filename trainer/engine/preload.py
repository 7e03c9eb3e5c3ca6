"""Imports for the forkserver, so that a training process needs no further imports.

TensorFlow must not run an operation here, nor list devices: a process forked afterwards could not use it.
"""

import gc
import importlib

import trainer.engine.download
import trainer.engine.inspect
import trainer.engine.train
import trainer.tracking.preload  # noqa: F401

__all__ = ["LATE"]

LATE = (
    "sklearn.datasets",
    "sklearn.metrics",
    "sklearn.model_selection",
)
"""Modules that are otherwise imported on first use, which every run makes."""

for _name in LATE:
    importlib.import_module(_name)

# A collection writes to every object it visits, so a forked process would get its own copy of their memory.
gc.collect()
gc.freeze()
