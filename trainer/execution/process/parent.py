"""End a process when the one that started it ends. Linux only; elsewhere these functions do nothing."""

import ctypes
import signal
import sys

__all__ = ["end_with_parent", "outlive_parent"]

_PR_SET_PDEATHSIG = 1


def end_with_parent(by: int = signal.SIGTERM) -> None:
    """Have the kernel signal this process when the thread that started it ends. A fork does not inherit this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)


def outlive_parent() -> None:
    """Undo `end_with_parent`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 0)
