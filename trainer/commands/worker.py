"""worker: takes queued runs and trains them."""

import os
import sys
from typing import Annotated

import typer

from trainer.commands.options import (
    HomeOption,
    Place,
    UriOption,
)
from trainer.execution.keras_backend import check_keras_backend

__all__ = ["worker"]


def worker(
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="How many runs at once.")] = 1,
    executor: Annotated[str, typer.Option("--executor", help="Where runs are executed: local.")] = "local",
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """The worker alone: takes queued runs and trains them, until Ctrl-C."""
    if executor != "local":
        raise typer.BadParameter(f"{executor!r} is not known; the executor there is: local.", param_hint="--executor")
    check_keras_backend()
    place = Place.of(home, tracking_uri)
    command = [sys.executable, "-m", "trainer.execution.worker", "--jobs", str(jobs), "--home", str(place.home.path)]
    os.execve(sys.executable, command, {**os.environ, "MLFLOW_TRACKING_URI": place.tracking_uri})
