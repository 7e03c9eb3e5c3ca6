"""The faults that a running worker and its trainings must survive."""

import contextlib
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import psutil

from tests.support.faults import Fault, Scene
from tests.support.worker import wait_for
from trainer.execution.process.attempts import has_checkpoint
from trainer.tracking import Status
from trainer.tracking.record.journal import JOURNAL

__all__ = ["FAULTS", "LOCK_SECONDS", "is_refused", "lock_store"]

LOCK_SECONDS = 30
_HOUR = 3_600
# Seconds between two looks at a run's folder, since a temporary file exists only for a moment.
_TIGHT = 0.0005
# What a run's log says when the disk or the store refuses a write.
_REFUSALS = ("could not be written", "cannot be written", "does not respond", "cannot be used", "No space left")

# `isolation_level=None`, since Python would otherwise begin transactions itself.
_LONG_WRITER = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
database.execute(f"BEGIN {sys.argv[2]}")
print("locked", flush=True)
time.sleep(float(sys.argv[3]))
database.execute("ROLLBACK")
"""


def _kill(scene: Scene, run_id: str, process: psutil.Process) -> bool:
    """Kill a process with SIGKILL; return whether its run had not ended yet."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
        process.wait(5)
    run = scene.run_of(run_id)
    return run is not None and not run.status.ended


def _kill_training(scene: Scene, run_id: str) -> bool:
    process = scene.wait_for_training(run_id)
    scene.pause()
    return _kill(scene, run_id, process)


def _kill_when(is_moment: Callable[[Scene, str], bool]) -> Fault:
    """Return a fault that kills the training at the moment when something appears in the run's folder."""

    def fault(scene: Scene, run_id: str) -> bool:
        process = scene.wait_for_training(run_id)
        wait_for(lambda: is_moment(scene, run_id) or not process.is_running(), "the moment", 60, every=_TIGHT)
        return _kill(scene, run_id, process)

    return fault


def _writes_checkpoint(scene: Scene, run_id: str) -> bool:
    return any(scene.home.run(run_id).glob("checkpoint-*.tmp"))


def _has_trained(scene: Scene, run_id: str) -> bool:
    """Return whether the last checkpoint is written, after which the evaluation follows."""
    last = int(scene.store.get(run_id).params["epochs"])
    return any(scene.home.run(run_id).glob(f"checkpoint-{last:07d}-*.bin"))


def _saves(scene: Scene, run_id: str) -> bool:
    """Return whether the journal has test results, after which the model is saved and the run ends in the store."""
    journal = scene.home.run(run_id) / JOURNAL
    return journal.exists() and b'"test_' in journal.read_bytes()


def _kill_worker(scene: Scene, run_id: str) -> bool:
    scene.wait_for_training(run_id)
    scene.pause()
    met = scene.is_at_work(run_id)
    scene.kill_worker(everything=False)
    scene.start_worker()
    return met


def _kill_both(scene: Scene, run_id: str) -> bool:
    scene.wait_for_training(run_id)
    scene.pause()
    scene.kill_worker(everything=True)
    met = scene.is_at_work(run_id)
    scene.start_worker()
    return met


def _kill_forkserver(scene: Scene, run_id: str) -> bool:
    """Kill the forkserver: the training lives on, and the worker must not take it for dead."""
    process = scene.wait_for_training(run_id)
    scene.pause()
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = process.parent()
        assert parent is not None
        if scene.is_at_work(run_id):
            parent.kill()
            # Time for the worker to draw a wrong conclusion.
            time.sleep(1.0)
            return process.is_running()
    return False


def _stop_and_continue(scene: Scene, run_id: str) -> bool:
    process = scene.wait_for_training(run_id)
    scene.pause()
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        time.sleep(5.0)
        met = scene.is_at_work(run_id) and process.status() == psutil.STATUS_STOPPED
        process.resume()
        return met
    return False


def _limit_files(scene: Scene, run_id: str) -> bool:
    """Limit the size of all files to 4 kB for some seconds, the training's log, journal and store included."""
    process = scene.wait_for_training(run_id)
    # Without a checkpoint the run would start again, which is another fault.
    wait_for(lambda: has_checkpoint(scene.home.run(run_id)) or not process.is_running(), "a checkpoint")
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
        time.sleep(scene.random.uniform(2.0, 4.0))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    return is_refused(scene, run_id)


def is_refused(scene: Scene, run_id: str) -> bool:
    """Return whether the run's log reports that something could not be written."""
    log = (scene.home.run(run_id) / "log.txt").read_text(errors="replace")
    return any(words in log for words in _REFUSALS)


def _put_back(scene: Scene, run_id: str) -> bool:
    scene.wait_for_training(run_id)
    scene.pause()
    scene.stop_worker()
    run = scene.store.get(run_id)
    scene.start_worker()
    return run.status is Status.SCHEDULED


def lock_store(scene: Scene, run_id: str, *, seconds: float = LOCK_SECONDS) -> bool:
    """Lock the store by another process that writes for 30 s; with EXCLUSIVE nobody can read either.

    The fault took effect if the run had not ended before and is still running after it.
    """
    scene.wait_for_training(run_id)
    scene.pause(0.7)
    kind = scene.random.choice(["IMMEDIATE", "EXCLUSIVE"])
    command = [sys.executable, "-c", _LONG_WRITER, str(scene.home.database), kind, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"locked\n"
        met = scene.run_of(run_id)
        writer.wait(seconds + 20)
    return (met is None or not met.status.ended) and scene.is_at_work(run_id)


def _move_clock(scene: Scene, run_id: str) -> bool:
    """Move the clock an hour ahead, an hour behind, and back, while the run trains."""
    scene.wait_for_training(run_id)
    scene.pause(0.5)
    met = False
    for by in scene.random.sample([_HOUR, -_HOUR], 2):
        scene.clock.write_text(str(by))
        met = met or scene.is_at_work(run_id)
        scene.pause(0.4)
    if scene.random.random() < 0.5:
        wait_for(lambda: not scene.is_at_work(run_id), "the run's end in another hour", every=0.05)
    scene.clock.write_text("0")
    return met


FAULTS: Mapping[str, Fault] = {
    "kill -9 of the training": _kill_training,
    "kill -9, writing a checkpoint": _kill_when(_writes_checkpoint),
    "kill -9, evaluating": _kill_when(_has_trained),
    "kill -9, saving": _kill_when(_saves),
    "kill -9 of the worker": _kill_worker,
    "kill -9 of worker and training": _kill_both,
    "kill -9 of the forkserver": _kill_forkserver,
    "SIGSTOP and SIGCONT": _stop_and_continue,
    "no file may grow": _limit_files,
    "the clock's answer moves": _move_clock,
    "Ctrl-C of the worker, next worker": _put_back,
    "SQLite locked for 30 s": lock_store,
}
"""The fault of each row of the table, by its name."""
