"""What callbacks did to the end of a training: which epoch's weights were put back, and which of them ended it."""

from collections.abc import Sequence
from typing import Any

__all__ = ["ended_by", "kept_epoch"]


def kept_epoch(callbacks: Sequence[Any]) -> int | None:
    """Return the epoch (1, 2, …) whose weights were put back at the end; None where they are as training left them.

    Each callback puts its own back in its turn, so the last one's stay.
    """
    kept = [
        int(callback.best_epoch) + 1
        for callback in callbacks
        if getattr(callback, "restore_best_weights", False) and getattr(callback, "best_weights", None) is not None
    ]
    return kept[-1] if kept else None


def ended_by(callbacks: Sequence[Any]) -> str:
    """Return the callback that ended the training for want of improvement; empty where none did."""
    return next((type(callback).__name__ for callback in callbacks if getattr(callback, "stopped_epoch", 0) > 0), "")
