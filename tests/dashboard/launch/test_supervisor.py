import sys
import time
from pathlib import Path

import psutil

from dashboard.launch.supervisor import Service, Supervisor
from tests.support.worker import wait_for


def _service(tmp_path: Path, code: str, name: str = "part") -> Service:
    return Service(name=name, command=[sys.executable, "-c", code], log=tmp_path / f"{name}.log")


def _turn_until(supervisor: Supervisor, condition: object, seconds: float = 300) -> int | None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        status = supervisor.turn()
        if status is not None or (callable(condition) and condition()):
            return status
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def test_dead_service_is_said_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    service = _service(tmp_path, "input() if False else __import__('time').sleep(60)")
    supervisor = Supervisor([service], said.append)
    _turn_until(supervisor, lambda: service.pid)
    first = service.pid
    assert first
    psutil.Process(first).kill()
    _turn_until(supervisor, lambda: service.pid not in {None, first})
    assert said == [f"The part died (signal 9); restarting in 0.5 s. See its log, {tmp_path / 'part.log'}."]
    supervisor.end()


def test_service_that_cannot_work_ends_all_with_its_own_sentence(tmp_path: Path) -> None:
    said: list[str] = []
    service = _service(tmp_path, "import sys; print('The store is newer.'); sys.exit(2)")
    assert _turn_until(Supervisor([service], said.append), None) == 2
    assert said == ["The store is newer."]


def test_fifth_death_in_a_minute_gives_up(tmp_path: Path) -> None:
    said: list[str] = []
    service = _service(tmp_path, "print('no luck'); raise SystemExit(7)")
    supervisor = Supervisor([service], said.append)

    def impatient() -> bool:
        service.start_at = 0.0
        return False

    assert _turn_until(supervisor, impatient) == 1
    assert len(said) == 5
    assert "5 times in a minute (exit code 7); giving up. Its last message: no luck" in said[-1]
    assert [line.split("restarting in ")[1].split(" s.")[0] for line in said[:4]] == ["0.5", "1", "2", "4"]


def test_end_leaves_no_child_and_no_grandchild(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    service = _service(tmp_path, code)
    supervisor = Supervisor([service], lambda text: None)
    _turn_until(supervisor, lambda: service.log.exists() and service.log.read_text().strip())
    grandchild = psutil.Process(int(service.log.read_text()))
    supervisor.end()
    assert service.process is not None
    assert service.process.poll() is not None
    wait_for(lambda: not _lives(grandchild), "the grandchild's end", 30)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_service_waits_for_what_it_needs(tmp_path: Path) -> None:
    allowed: list[bool] = []
    service = _service(tmp_path, "import time; time.sleep(60)")
    service.may_start = lambda: bool(allowed)
    supervisor = Supervisor([service], lambda text: None)
    supervisor.turn()
    assert service.pid is None
    allowed.append(True)
    supervisor.turn()
    assert service.pid is not None
    supervisor.end()
