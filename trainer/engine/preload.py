"""Imported by the forkserver, so that a training process imports nothing more. It computes nothing.

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
"""Modules that others import only when they need them; a run will."""

for _name in LATE:
    importlib.import_module(_name)

# A collection writes into every object that it looks at, and so unshares the memory of whoever was forked.
gc.collect()
gc.freeze()
