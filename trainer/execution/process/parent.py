"""Processes that end when the one that started them is gone (Linux; elsewhere they are only told politely)."""

import ctypes
import signal
import sys

__all__ = ["end_with_parent", "outlive_parent"]

_PR_SET_PDEATHSIG = 1


def end_with_parent(by: int = signal.SIGTERM) -> None:
    """Has the kernel send this process a signal when its parent's starting thread ends. Lost at the next fork."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)


def outlive_parent() -> None:
    """Takes back what `end_with_parent` asked for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 0)
