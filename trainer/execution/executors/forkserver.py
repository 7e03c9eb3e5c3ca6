"""Imported first in the forkserver: it ends with its worker, while the training processes it forked go on."""

import multiprocessing

from trainer.execution.process.parent import end_with_parent

__all__: list[str] = []

if multiprocessing.current_process().name == "MainProcess":
    end_with_parent()
