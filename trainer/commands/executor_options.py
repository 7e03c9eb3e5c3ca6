"""The options of a worker's executor, for the commands that start a worker."""

from typing import Annotated

import typer

from trainer.execution.executors.choice import ExecutorName

__all__ = ["AddressOption", "CpusOption", "ExecutorOption", "GpusOption", "JobsOption"]

JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        max=64,
        help="Number of runs to train at once. [default: 1, with ray as many as the cluster has room for]",
    ),
]
ExecutorOption = Annotated[
    ExecutorName,
    typer.Option("--executor", help="What trains the runs: processes of this machine, or a Ray cluster."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="Ray cluster to use. [default: one of this machine alone, which ends with the worker]",
    ),
]
CpusOption = Annotated[int, typer.Option("--cpus", min=1, help="CPUs that Ray reserves for each run.")]
GpusOption = Annotated[int, typer.Option("--gpus", min=0, help="GPUs that Ray reserves for each run.")]
