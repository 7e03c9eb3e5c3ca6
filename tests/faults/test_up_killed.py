"""`fitboard up` loses its dashboard, or everything at once; no run notices more than the time."""

import contextlib
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.fault_table import SEED, Table
from tests.support.faults import Reference, Scene
from tests.support.up import Up, answers, running_up
from tests.support.worker import wait_for
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking import open_store

pytestmark = pytest.mark.slow

_Starter = Callable[[], Up]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[_Starter]:
    """Starts an `up` on one home, waits for its worker, and ends the last one."""
    with contextlib.ExitStack() as stack:

        def started() -> Up:
            up = stack.enter_context(running_up(tmp_path))
            ready = {"state": "ready"}
            wait_for(lambda: ready.items() <= (holder_of(up.home.worker_lock) or {}).items(), "the worker")
            return up

        yield started


def test_runs_survive_what_happens_to_up(
    start: _Starter, tmp_path: Path, local: Scene, reference: Reference, table: Table
) -> None:
    ups = [start()]
    home = Home(tmp_path / "home")
    scene = Scene(home, open_store(home.tracking_uri(environment={}), home), random.Random(SEED), local.seconds)

    def kill_dashboard(scene: Scene, run_id: str) -> bool:
        training = scene.wait_for_training(run_id)
        scene.pause(0.5)
        met = scene.is_at_work(run_id)
        (dashboard,) = (each for each in _tree(ups[-1]) if "dashboard.launch.server" in each.cmdline())
        dashboard.kill()
        wait_for(lambda: answers(f"{ups[-1].dashboard}/_stcore/health"), "the dashboard to come back")
        return met and (not training.is_running() or training in _tree(ups[-1]))

    def kill_everything(scene: Scene, run_id: str) -> bool:
        scene.wait_for_training(run_id)
        scene.pause()
        met = scene.is_at_work(run_id)
        doomed = [psutil.Process(ups[-1].process.pid), *_tree(ups[-1])]
        for process in scene.random.sample(doomed, len(doomed)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        ups[-1].process.wait(10)
        ups.append(start())
        return met

    table.fill("kill -9 of the dashboard", kill_dashboard, scene, reference)
    table.fill("kill -9 of everything, then `up`", kill_everything, scene, reference)


def _tree(up: Up) -> list[psutil.Process]:
    return psutil.Process(up.process.pid).children(recursive=True)
