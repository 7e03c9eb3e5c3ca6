"""Logs that do not grow without end."""

import contextlib
from pathlib import Path

__all__ = ["LARGEST_LOG", "cap_log"]

LARGEST_LOG = 10_000_000
"""Bytes that a log may have; beyond it, its middle is cut."""


def cap_log(log: Path, largest: int = LARGEST_LOG) -> None:
    """Cuts a log that is too long back to its first half, says so in it, and lets it grow on.

    Whoever writes it has opened it for appending, so what comes next stands behind the sentence.
    """
    with contextlib.suppress(OSError):
        if log.stat().st_size <= largest:
            return
        with log.open("r+b") as file:
            file.truncate(largest // 2)
        with log.open("ab") as file:
            file.write(f"\n[The log grew beyond {largest:,} bytes; what stood here was cut.]\n".encode())
