"""The worker command."""

import os
import sys

from trainer.commands.executor_options import AddressOption, CpusOption, ExecutorOption, GpusOption, JobsOption
from trainer.commands.options import ArtifactRootOption, HomeOption, Place, QueueOption, UriOption
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.execution.keras_backend import check_keras_backend

__all__ = ["worker"]


def worker(
    jobs: JobsOption = None,
    executor: ExecutorOption = ExecutorName.LOCAL,
    address: AddressOption = None,
    cpus: CpusOption = 1,
    gpus: GpusOption = 0,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
    artifact_root: ArtifactRootOption = None,
    queue: QueueOption = None,
) -> None:
    """Run only the worker: train queued runs until Ctrl-C."""
    check_keras_backend()
    choice = ExecutorChoice(name=executor, jobs=jobs, address=address, cpus=cpus, gpus=gpus).check()
    place = Place.of(home, tracking_uri, artifact_root, queue)
    # The worker replaces this process, so that signals reach it; the URI is passed in the environment because other
    # users can read a command line, and it may contain a password.
    command = [sys.executable, "-m", "trainer.execution.worker", "--home", str(place.home.path), *choice.arguments()]
    os.execve(sys.executable, command, {**os.environ, "MLFLOW_TRACKING_URI": place.tracking_uri})
