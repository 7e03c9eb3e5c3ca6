"""The worker command."""

import os
import sys
from typing import Annotated

import typer

from trainer.commands.options import ArtifactRootOption, HomeOption, Place, QueueOption, UriOption
from trainer.execution.keras_backend import check_keras_backend

__all__ = ["worker"]


def worker(
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Number of runs to train at once.")] = 1,
    executor: Annotated[
        str, typer.Option("--executor", help="Executor that trains the runs; only local is supported.")
    ] = "local",
    home: HomeOption = None,
    tracking_uri: UriOption = None,
    artifact_root: ArtifactRootOption = None,
    queue: QueueOption = None,
) -> None:
    """Run only the worker: train queued runs until Ctrl-C."""
    if executor != "local":
        raise typer.BadParameter(f"unknown executor {executor!r}; expected local.", param_hint="--executor")
    check_keras_backend()
    place = Place.of(home, tracking_uri, artifact_root, queue)
    # The worker replaces this process, so that signals reach it; the URI is passed in the environment because other
    # users can read a command line, and it may contain a password.
    command = [sys.executable, "-m", "trainer.execution.worker", "--jobs", str(jobs), "--home", str(place.home.path)]
    os.execve(sys.executable, command, {**os.environ, "MLFLOW_TRACKING_URI": place.tracking_uri})
