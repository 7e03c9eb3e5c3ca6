"""Keeps processes running: restarts those that die, and ends them all together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trainer.execution.logs import cap_log, tail
from trainer.execution.process.parent import end_with_parent
from trainer.format import exact_duration

__all__ = ["Service", "Supervisor"]

_WINDOW_SECONDS = 60.0
_MOST_DEATHS = 5
_FIRST_PAUSE = 0.5
_POLITE_SECONDS = 3.5
# The exit status of a process that cannot work as it was started: trying again would not help.
_WRONG_INPUT = 2


@dataclass(kw_only=True)
class Service:
    """One process to keep running. `may_start` delays its start until what it depends on is ready."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    may_start: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    start_at: float = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, or None if it is not running."""
        return self.process.pid if self.process else None


class Supervisor:
    """Starts services, watches them, and reports what happens through `say`."""

    def __init__(self, services: Sequence[Service], say: Callable[[str], None]) -> None:
        self._services = services
        self._say = say

    def turn(self) -> int | None:
        """Check each service once; return the exit status to end with, or None to continue."""
        for service in self._services:
            cap_log(service.log)
            if service.process is None:
                if time.monotonic() >= service.start_at and service.may_start():
                    self._start(service)
            elif (code := service.process.poll()) is not None:
                status = self._died(service, code)
                if status is not None:
                    return status
        return None

    def end(self) -> None:
        """End every service and all its children: with SIGTERM first, with SIGKILL after 3.5 s."""
        running = [service for service in self._services if service.process is not None]
        for service in running:
            _signal_group(service, signal.SIGTERM, only_leader=True)
        limit = time.monotonic() + _POLITE_SECONDS
        while time.monotonic() < limit and any(s.process and s.process.poll() is None for s in running):
            time.sleep(0.03)
        for service in running:
            _signal_group(service, signal.SIGKILL)
            if service.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    service.process.wait(1)

    def _start(self, service: Service) -> None:
        with service.log.open("ab") as log:
            service.process = subprocess.Popen(
                service.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=service.folder,
                env={**os.environ, **service.environment},
                # Ctrl-C in the terminal then reaches only this process, which ends the services in order.
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def _died(self, service: Service, code: int) -> int | None:
        service.process = None
        last = tail(service.log, lines=1)
        if code == _WRONG_INPUT:
            self._say(last or f"The {service.name} could not start; see its log, {service.log}.")
            return _WRONG_INPUT
        now = time.monotonic()
        service.deaths = [died for died in service.deaths if now - died < _WINDOW_SECONDS] + [now]
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if len(service.deaths) >= _MOST_DEATHS:
            self._say(
                f"The {service.name} died {_MOST_DEATHS} times in a minute ({how}); giving up. Its last message: {last}"
            )
            return 1
        pause = _FIRST_PAUSE * 2 ** (len(service.deaths) - 1)
        service.start_at = now + pause
        again = f"restarting in {exact_duration(pause)}"
        self._say(f"The {service.name} died ({how}); {again}. See its log, {service.log}.")
        return None


def _signal_group(service: Service, number: int, *, only_leader: bool = False) -> None:
    if service.process is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if only_leader:
            os.kill(service.process.pid, number)
        else:
            os.killpg(service.process.pid, number)
