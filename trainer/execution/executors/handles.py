"""Check and kill processes by the handles in runs' records, for code without an executor: commands, pages, the queue.

Every handle currently identifies a process of some machine.
"""

from trainer.execution.executors.base import Processes
from trainer.execution.executors.local import LocalProcesses
from trainer.tracking.tags import Owner

__all__ = ["is_alive", "kill", "own_handle"]

_LOCAL: Processes = LocalProcesses()


def own_handle() -> Owner:
    """Return the handle of this process."""
    return _LOCAL.own_handle()


def is_alive(handle: Owner) -> bool | None:
    """Return whether the process is alive; None if that is not visible from here."""
    return _LOCAL.is_alive(handle)


def kill(handle: Owner) -> bool:
    """Kill a process; return whether it was alive and signaled."""
    return _LOCAL.kill(handle)
