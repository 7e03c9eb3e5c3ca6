"""A home on a disk that is full: one sentence, no torn file, and the run goes on once there is room."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fault_table import SEED, Table
from tests.support.faults import Reference, Scene, fault_config
from tests.support.worker import wait_for
from trainer.config import dump_config
from trainer.engine.checkpoint import checkpoint_files, read_checkpoint
from trainer.execution.process.attempts import has_checkpoint
from trainer.home import Home
from trainer.tracking import open_store

pytestmark = pytest.mark.slow

_SIZE = "48m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB."""
    point = tmp_path / "disk"
    point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(point)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here ({mounted.stderr.strip()}); the limit on files' sizes is tried")
    yield point
    subprocess.run(["umount", "--lazy", str(point)], check=True)


@contextlib.contextmanager
def _full(disk: Path) -> Iterator[None]:
    """Not a byte is free within."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65_536))
    yield
    ballast.unlink()


def test_run_survives_a_full_disk_and_a_person_is_told_in_a_sentence(
    disk: Path, local: Scene, reference: Reference, table: Table, tmp_path: Path
) -> None:
    home = Home(disk / "home").make()
    store = open_store(home.tracking_uri(environment={}), home)
    store.prepare()
    scene = Scene(home, store, random.Random(SEED), local.seconds)
    scene.start_worker()

    def fill(scene: Scene, run_id: str) -> bool:
        process, folder = scene.wait_for_training(run_id), scene.home.run(run_id)
        wait_for(lambda: has_checkpoint(folder) or not process.is_running(), "a checkpoint")
        with _full(disk):
            met = scene.is_at_work(run_id)
            time.sleep(scene.random.uniform(2.0, 5.0))
            full = os.statvfs(disk).f_bavail == 0
            torn = [file.name for file in checkpoint_files(folder) if read_checkpoint(file) is None]
        assert not torn
        return met and full

    try:
        table.fill("disk of 48 MB, full", fill, scene, reference)
        with _full(disk):
            _is_told_in_a_sentence(home, tmp_path)
    finally:
        scene.stop_worker()


def _is_told_in_a_sentence(home: Home, folder: Path) -> None:
    config = folder / "config.yaml"
    config.write_text(dump_config(fault_config()))
    command = [sys.executable, "-m", "trainer", "train", str(config), "--queue", "--again", "--home", str(home.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert "full" in done.stderr or "No space left" in done.stderr
