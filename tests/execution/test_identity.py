import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from trainer.execution.process.identity import is_alive, owner_of


def test_owner_of_this_process_is_alive() -> None:
    assert is_alive(owner_of(os.getpid())) is True


def test_owner_with_another_start_is_another_process() -> None:
    mine = owner_of()
    assert is_alive(replace(mine, started=mine.started - 100)) is False


def test_owner_of_an_earlier_boot_is_gone() -> None:
    assert is_alive(replace(owner_of(), boot="another")) is False


def test_owner_of_another_host_cannot_be_judged() -> None:
    assert is_alive(replace(owner_of(), host="elsewhere")) is None


def test_ended_process_that_nobody_waited_for_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = owner_of(child.pid)
    assert is_alive(owner) is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(owner) is False, "a zombie counts as gone"
    assert child.stdin is not None
    child.stdin.close()
    child.wait()
    assert is_alive(owner) is False


def test_owner_stays_the_same_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = owner_of()
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: mine.started + 3_600)
    monkeypatch.setattr(psutil, "boot_time", lambda: psutil.boot_time() + 3_600)
    assert is_alive(mine) is True
