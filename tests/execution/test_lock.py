import subprocess
import sys
from pathlib import Path

import pytest

from trainer.errors import ResourceError
from trainer.execution import has_standby
from trainer.execution.lock import FileLock, holder_of
from trainer.home import Home

_HOLD = """
import sys
from pathlib import Path
from trainer.execution.lock import FileLock
assert FileLock(Path(sys.argv[1])).acquire({"pid": 7})
print("held", flush=True)
input()
"""


def test_lock_is_held_once_and_says_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert holder_of(path) is None
    with FileLock(path).held({"pid": 1}, "taken"):
        assert holder_of(path) == {"pid": 1}
        with pytest.raises(ResourceError, match="taken"), FileLock(path).held({}, "taken"):
            pass
    assert holder_of(path) is None


def test_lock_is_gone_with_a_killed_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert holder_of(path) == {"pid": 7}
        holder.kill()
        holder.wait()
        assert holder_of(path) is None


def test_lock_in_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="cannot be written"):
        FileLock(tmp_path / "none" / "lock").acquire({})


def test_what_the_holder_says_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path).held({"state": "loading", "more": "text"}, "taken") as lock:
        lock.say({"state": "ready"})
        assert holder_of(path) == {"state": "ready"}


def test_standby_is_there_once_the_worker_says_that_it_is_prepared(tmp_path: Path) -> None:
    home = Home(tmp_path).make()
    assert not has_standby(home)
    with FileLock(home.worker_lock).held({"state": "ready", "standby": {"pid": 7, "is_prepared": False}}, "") as lock:
        assert not has_standby(home)
        lock.say({"state": "ready", "standby": {"pid": 7, "is_prepared": True}})
        assert has_standby(home)
        lock.say({"state": "ready", "standby": None})
        assert not has_standby(home)
    assert not has_standby(home)
