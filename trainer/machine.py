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

    Returns None if the process is gone or cannot be inspected. If its resident set size (RSS) is at most `beyond`
    bytes, returns that instead: it takes microseconds to read, the PSS about 20 ms.
    """
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        resident = int(process.memory_info().rss)
        if resident <= beyond:
            return resident
        full = process.memory_full_info()
        # Only Linux has a PSS.
        return int(getattr(full, "pss", full.uss))
    return None


def own_memory(pid: int) -> int:
    """Return the unique set size (USS) of a process, which is freed when it ends; 0 if it no longer exists."""
    with contextlib.suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).memory_full_info().uss)
    return 0


def _limits(groups: Path, mine: Path) -> Iterator[tuple[int, int]]:
    """Yield (limit, used) for each control group, version 2 or 1, that contains this process and has a limit.

    In a container the named folder may not exist although one above it does, so all of them are tried.
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
            # The kernel frees these cached pages before it runs out of memory.
            yield limit, max(0, used - _stat(folder / "memory.stat", cached))


def _stat(file: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in file.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0
