"""Imported first by the forkserver, so that it exits with its worker while the training processes continue."""

import multiprocessing

from trainer.execution.process.parent import end_with_parent

__all__: list[str] = []

if multiprocessing.current_process().name == "MainProcess":
    end_with_parent()
