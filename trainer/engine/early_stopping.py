"""How callbacks ended a training: the epoch whose weights were restored, and the callback that stopped it."""

from collections.abc import Sequence
from typing import Any

__all__ = ["ended_by", "kept_epoch"]


def kept_epoch(callbacks: Sequence[Any]) -> int | None:
    """Return the epoch (1, 2, …) whose weights were restored at the end, or None if the last weights were kept.

    Callbacks restore their weights one after the other, so those of the last callback remain.
    """
    kept = [
        int(callback.best_epoch) + 1
        for callback in callbacks
        if getattr(callback, "restore_best_weights", False) and getattr(callback, "best_weights", None) is not None
    ]
    return kept[-1] if kept else None


def ended_by(callbacks: Sequence[Any]) -> str:
    """Return the name of the callback that stopped the training early, or an empty string."""
    return next((type(callback).__name__ for callback in callbacks if getattr(callback, "stopped_epoch", 0) > 0), "")
