"""The memory of this machine, or of this process's cgroup. All sizes are in bytes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

__all__ = ["available_memory", "memory_used", "own_memory", "total_memory"]

_GROUPS = Path("/sys/fs/cgroup")
_MINE = Path("/proc/self/cgroup")


def total_memory(groups: Path = _GROUPS, mine: Path = _MINE) -> int:
    """Return the memory of the machine, or the lower limit of a container."""
    return min([psutil.virtual_memory().total, *(limit for limit, _ in _limits(groups, mine))])


def available_memory(groups: Path = _GROUPS, mine: Path = _MINE) -> int:
    """Return the memory available without swapping or killing; reclaimable caches count as available."""
    free = [limit - used for limit, used in _limits(groups, mine)]
    return max(0, min([psutil.virtual_memory().available, *free]))


def memory_used(pid: int, *, beyond: int = 0) -> int | None:
    """Return the proportional set size (PSS) of a process: its own pages and its share of common ones.

    None where it is gone or may not be looked at. Up to `beyond` bytes of all its pages (RSS), which is read in
    microseconds where PSS takes some twenty milliseconds, nobody wants to know better.
    """
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        resident = int(process.memory_info().rss)
        if resident <= beyond:
            return resident
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.uss))
    return None


def own_memory(pid: int) -> int:
    """Return the unique set size (USS) of a process, which is freed when it ends; 0 if it no longer exists."""
    with contextlib.suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).memory_full_info().uss)
    return 0


def _limits(groups: Path, mine: Path) -> Iterator[tuple[int, int]]:
    """(limit, used) of each control group that this process is in and that has a limit, version 2 or 1.

    Within a container the named folder may not be there, but one above it, so all of them are looked at.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in mine.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                yield from _along(groups, path, ("memory.max", "memory.current", "inactive_file"))
            elif "memory" in controllers.split(","):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
                yield from _along(groups / "memory", path, names)


def _along(root: Path, path: str, names: tuple[str, str, str]) -> Iterator[tuple[int, int]]:
    limit_file, used_file, cached = names
    inner = root / path.lstrip("/")
    for folder in (inner, *inner.parents):
        if not folder.is_relative_to(root):
            return
        with contextlib.suppress(OSError, ValueError):
            limit = int((folder / limit_file).read_text())  # `max` is no number: no limit
            used = int((folder / used_file).read_text())
            yield limit, max(0, used - _stat(folder / "memory.stat", cached))


def _stat(file: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in file.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0
