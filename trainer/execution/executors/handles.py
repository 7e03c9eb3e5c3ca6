"""Processes as runs' records name them, for whoever has no executor at hand: commands, pages, the queue.

A handle says what it is a handle of; so far every one is a process of some machine.
"""

from trainer.execution.executors.base import Processes
from trainer.execution.executors.local import LocalProcesses
from trainer.tracking.tags import Owner

__all__ = ["is_alive", "kill", "own_handle"]

_LOCAL: Processes = LocalProcesses()


def own_handle() -> Owner:
    """The handle of this process."""
    return _LOCAL.own_handle()


def is_alive(handle: Owner) -> bool | None:
    """Whether the process lives; None where that cannot be seen from here."""
    return _LOCAL.is_alive(handle)


def kill(handle: Owner) -> bool:
    """Ends a living process by force; whether it was told."""
    return _LOCAL.kill(handle)
