"""A machine that trains runs, and what it has."""

import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from trainer.machine import available_memory, total_memory

__all__ = ["Node", "this_machine"]

_GPUS = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True, kw_only=True)
class Node:
    """A machine that trains runs. Sizes are in bytes; what is not visible from here is None.

    `cpus_used` and `gpus_used` are those that an executor which places runs by what they need has given away.
    `problem` says in words why no run is placed on it.
    """

    name: str
    cpus: float | None = None
    cpus_used: float | None = None
    gpus: float | None = None
    gpus_used: float | None = None
    memory: int | None = None
    free: int | None = None
    problem: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return asdict(self)

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self | None:
        """Read what `plain` returned; None for anything else. Fields of a later version are ignored."""
        known = {each.name for each in fields(cls)}
        try:
            return cls(**{name: value for name, value in found.items() if name in known})
        except (TypeError, AttributeError):
            return None


def this_machine() -> Node:
    """Return the machine of this process: the cores and the memory that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Node(name=socket.gethostname(), cpus=cores, gpus=_gpus(), memory=total_memory(), free=available_memory())


def _gpus() -> int | None:
    """Return the number of NVIDIA GPUs, None if there is no driver: asking TensorFlow would take ten seconds."""
    try:
        return sum(1 for _ in _GPUS.iterdir())
    except OSError:
        return None
