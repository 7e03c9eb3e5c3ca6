"""Durations and sizes as people type them, such as `1h30m` and `4GB`."""

import math
import re

from trainer.errors import ConfigError

__all__ = ["read_memory", "read_time"]

_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_BYTES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")


def read_time(text: str) -> float:
    """Parse a duration such as `90s`, `30m`, `1h30m`, `2d` to seconds.

    Raises:
        ConfigError: it is none, or none above 0.
    """
    seconds = _sum(text, _SECONDS)
    if seconds is None:
        raise ConfigError(
            f"{text!r} is not a time limit; expected a number with a unit, such as 90s, 30m, 1h30m or 2d."
        )
    return seconds


def read_memory(text: str) -> int:
    """Parse a size such as `500MB`, `4GB`, `4GiB` to bytes.

    Raises:
        ConfigError: it is none, or none above 0.
    """
    size = _sum(text, _BYTES)
    if size is None:
        raise ConfigError(f"{text!r} is not a memory limit; expected a number with a unit, such as 500MB, 4GB or 4GiB.")
    return int(size)


def _sum(text: str, units: dict[str, int]) -> float | None:
    """Return the sum of numbers with units, or None if the text has anything else or the sum is not positive."""
    total, end = 0.0, 0
    # `finditer` skips what does not match, so each part must start where the last one ended.
    for part in _PART.finditer(text.lower()):
        if part.start() != end or part[2] not in units:
            return None
        total, end = total + float(part[1]) * units[part[2]], part.end()
    return total if end == len(text) and 0 < total < math.inf else None
