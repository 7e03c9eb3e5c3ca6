"""Identify processes in a run's record uniquely, across restarts of the machine and reuse of ids."""

import contextlib
import os
import signal
import socket
from pathlib import Path

import psutil

from trainer.tracking.tags import Owner

__all__ = ["is_alive", "owner_of", "send_signal"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Index, after the name in `/proc/PID/stat`, of the ticks from boot to the process's start.
_START_FIELD = 19

# Tolerance in seconds between two readings of a process's start.
_CLOSE_ENOUGH = 0.5


def _boot() -> str:
    if _BOOT_ID.exists():
        return _BOOT_ID.read_text().strip()
    return str(int(psutil.boot_time()))


def _started(process: psutil.Process) -> float:
    """Return when the process started, in seconds since boot if available; setting the clock does not change that."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        # The name is in parentheses and may contain spaces and parentheses itself, so the fields count from the last
        # one.
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
    return float(process.create_time())


def owner_of(pid: int | None = None) -> Owner:
    """Return the identity of a living process of this machine, by default of this one."""
    process = psutil.Process(pid or os.getpid())
    return Owner(host=socket.gethostname(), boot=_boot(), pid=process.pid, started=_started(process))


def is_alive(owner: Owner) -> bool | None:
    """Return whether the process is alive; None for another host, whose processes are not visible."""
    if owner.host != socket.gethostname():
        return None
    if owner.boot != _boot():
        return False
    try:
        process = psutil.Process(owner.pid)
        same = abs(_started(process) - owner.started) < _CLOSE_ENOUGH
        # Where process 1 does not reap, as in many containers, a dead process stays in the table.
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def send_signal(owner: Owner, number: signal.Signals) -> bool:
    """Signal the process if it is alive on this machine and owned by this user; return whether it was signaled."""
    if not is_alive(owner):
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(owner.pid, number)
        return True
    return False
