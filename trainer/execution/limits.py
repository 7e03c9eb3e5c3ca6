"""Time and memory limits of a run. They are not part of its config, since they do not affect the numbers."""

import math
from dataclasses import dataclass

from trainer.config.quantities import read_memory, read_time
from trainer.format import counted, exact_duration, readable_bytes
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["NO_LIMITS", "OVER_MEMORY", "Limits", "read_memory", "read_seconds", "read_time", "time_spent", "used_up"]

OVER_MEMORY = "memory limit"
"""The value of `fitboard.stop` if a run was ended because it exceeded its memory limit."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits in seconds and bytes; None for no limit."""

    seconds: float | None = None
    memory: int | None = None

    @classmethod
    def read(cls, time: str | None, memory: str | None) -> "Limits":
        """Parse limits as typed, such as `30m` and `4GB`; an empty text is no limit.

        Raises:
            ConfigError: it is neither.
        """
        return cls(
            seconds=read_time(time) if time and time.strip() else None,
            memory=read_memory(memory) if memory and memory.strip() else None,
        )

    @classmethod
    def of(cls, run: Run) -> "Limits":
        """Read the limits from the run's tags."""
        seconds, memory = (_number(run.tags.get(tag)) for tag in (Tag.TIME_LIMIT, Tag.MEMORY_LIMIT))
        return cls(seconds=seconds, memory=None if memory is None else int(memory))

    def tags(self) -> dict[str, str]:
        """Return the limits as tags."""
        told = {Tag.TIME_LIMIT: self.seconds, Tag.MEMORY_LIMIT: self.memory}
        # `:g` writes 30 for 30.0, but turns to exponents from a million on.
        return {str(tag): f"{value:g}" if value < 1e6 else str(value) for tag, value in told.items() if value}

    def words(self) -> str:
        """Describe the limits, such as `at most 30 min and 4.0 GB`; empty without limits."""
        time = None if self.seconds is None else exact_duration(self.seconds)
        memory = None if self.memory is None else readable_bytes(self.memory)
        told = " and ".join(each for each in (time, memory) if each)
        return f"at most {told}" if told else ""

    def out_of_time(self, epochs: int) -> str:
        """Return why a run ended before its last epoch."""
        done = counted(epochs, "epoch")
        limit = exact_duration(self.seconds or 0.0)
        return f"The run reached its time limit of {limit} after {done}; it was evaluated and saved."

    def out_of_memory(self, used: int) -> str:
        """Return why a run was killed."""
        took, limit = readable_bytes(used), readable_bytes(self.memory or 0)
        return (
            f"The run used {took} of memory, more than its limit of {limit}; reduce the batch size or "
            "the size of the network, or resume the run with a higher limit."
        )


NO_LIMITS = Limits()


def time_spent(run: Run) -> float:
    """Return the seconds that a run with a time limit has been running, in all its processes."""
    return read_seconds(run.tags.get(Tag.SPENT))


def read_seconds(text: str | None) -> float:
    """Return the seconds in a tag; 0 if it has none."""
    return _number(text) or 0.0


def used_up(run: Run) -> Limits:
    """Return the limits that ended a run, which a resume must remove or the run would end again at once."""
    limits = Limits.of(run)
    over_time = limits.seconds is not None and time_spent(run) >= limits.seconds
    over_memory = run.tags.get(Tag.STOP) == OVER_MEMORY
    return Limits(seconds=limits.seconds if over_time else None, memory=limits.memory if over_memory else None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 < number < math.inf else None
