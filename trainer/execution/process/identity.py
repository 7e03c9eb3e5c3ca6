"""Processes as a run's record names them: told apart across restarts of the machine and reuse of ids."""

import contextlib
import os
import signal
import socket
from pathlib import Path

import psutil

from trainer.tracking.tags import Owner

__all__ = ["is_alive", "owner_of", "send_signal"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_START_FIELD = 19
"""Of those behind the name in `/proc/PID/stat`: ticks from boot to the process's start."""

_CLOSE_ENOUGH = 0.5
"""Seconds by which two readings of a process's start may differ."""


def _boot() -> str:
    if _BOOT_ID.exists():
        return _BOOT_ID.read_text().strip()
    return str(int(psutil.boot_time()))


def _started(process: psutil.Process) -> float:
    """When it started, in seconds since boot where the system tells that: since 1970 it changes with the clock."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
    return float(process.create_time())


def owner_of(pid: int | None = None) -> Owner:
    """The identity of a living process of this machine, by default of this one."""
    process = psutil.Process(pid or os.getpid())
    return Owner(host=socket.gethostname(), boot=_boot(), pid=process.pid, started=_started(process))


def is_alive(owner: Owner) -> bool | None:
    """Whether the process lives; None of another host, whose processes cannot be seen from here."""
    if owner.host != socket.gethostname():
        return None
    if owner.boot != _boot():
        return False
    try:
        process = psutil.Process(owner.pid)
        same = abs(_started(process) - owner.started) < _CLOSE_ENOUGH
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def send_signal(owner: Owner, number: signal.Signals) -> bool:
    """Sends a signal to the process if it lives on this machine and is ours to signal; whether it was sent."""
    if not is_alive(owner):
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(owner.pid, number)
        return True
    return False
