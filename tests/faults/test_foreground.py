"""`fitboard train` goes on where its training process dies."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.faults import Reference, Scene, Trial, fault_config
from tests.support.worker import wait_for, wait_for_end
from trainer.config import dump_config
from trainer.execution.process.attempts import has_checkpoint

pytestmark = pytest.mark.slow


def test_foreground_run_whose_process_is_killed_goes_on(local: Scene, reference: Reference, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(dump_config(fault_config()))
    command = [sys.executable, "-m", "trainer", "train", str(config), "--again", "--home", str(local.home.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as foreground:
        assert foreground.stderr is not None
        run_id = foreground.stderr.readline().removeprefix("Run ").strip()
        training = local.wait_for_training(run_id)
        wait_for(lambda: has_checkpoint(local.home.run(run_id)), "a checkpoint")
        training.kill()
        said, told = foreground.communicate(timeout=300)
    assert foreground.returncode == 0, told
    assert said.strip() == run_id
    assert "killed from outside (SIGKILL)" in told
    assert "The run resumes from its checkpoint after epoch" in told
    assert list(Trial(local, fault_config()).problems(local.store.get(run_id), reference)) == []


def test_foreground_run_that_loses_its_command_too_is_taken_over_by_the_worker(
    local: Scene, reference: Reference, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(dump_config(fault_config()))
    command = [sys.executable, "-m", "trainer", "train", str(config), "--again", "--home", str(local.home.path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as foreground:
        assert foreground.stderr is not None
        run_id = foreground.stderr.readline().removeprefix("Run ").strip()
        training = local.wait_for_training(run_id)
        wait_for(lambda: has_checkpoint(local.home.run(run_id)), "a checkpoint")
        foreground.kill()
        training.kill()
    wait_for(lambda: local.training(run_id) not in (None, training), "another training process")
    run = wait_for_end(local.store, run_id)
    assert list(Trial(local, fault_config()).problems(run, reference)) == []
    log = (local.home.path / "worker.log").read_text()
    assert f"The process of run {run_id} no longer exists; the run resumes from its checkpoint after epoch" in log
