"""train, check, rerun, worker: what starts or judges a training."""

import os
import sys
from typing import Annotated

import typer

from trainer.commands.common import (
    ConfigArgument,
    HomeOption,
    JsonOption,
    Place,
    RunArgument,
    SetOption,
    UriOption,
    answer,
    read_config,
    tell,
)
from trainer.commands.documents import config_of, shown
from trainer.config import Config, with_settings
from trainer.data import describe
from trainer.execution import enqueue, queue_name, wake_worker, worker_alive
from trainer.reproduce import Verdict
from trainer.tracking import Run, Status, Tag

__all__ = ["check", "rerun", "train", "worker"]

QueueOption = Annotated[bool, typer.Option("--queue", help="Hand it to the worker instead of training here.")]


def train(
    config: ConfigArgument,
    queue: QueueOption = False,
    settings: SetOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Train one config, here with a progress bar, or queued."""
    place = Place.of(home, tracking_uri)
    chosen = with_settings(read_config(config), settings or [])
    _start(place, chosen, queue=queue, rerun_of=None, as_json=as_json)


def rerun(
    run: RunArgument,
    queue: QueueOption = False,
    settings: SetOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Train a run's config again, exactly, and say whether it came out the same; with --set a variant of it.

    Exit status 1 where the numbers differ.
    """
    place = Place.of(home, tracking_uri)
    first = place.run(run)
    chosen = with_settings(config_of(place.reader(), first), settings or [])
    _start(place, chosen, queue=queue, rerun_of=first.run_id, as_json=as_json)


def _start(place: Place, config: Config, *, queue: bool, rerun_of: str | None, as_json: bool) -> None:
    describe(config.dataset, home=place.home)
    if queue:
        run = _queue(place, config, rerun_of)
    else:
        from trainer.commands.foreground import train_here

        run = train_here(place, config, rerun_of=rerun_of)
    if as_json:
        answer(shown(place.reader(), run))
    else:
        _summarize(run)
    verdict = Verdict.loads(run.tags.get(Tag.VERDICT, ""))
    if verdict is not None:
        tell(verdict.sentence())
    if not queue and (run.status is not Status.FINISHED or (verdict and not verdict.identical)):
        raise typer.Exit(1)


def _queue(place: Place, config: Config, rerun_of: str | None) -> Run:
    run_id = enqueue(place.store(), config, queue=queue_name(place.home), rerun_of=rerun_of)
    wake_worker(place.home)
    if not worker_alive(place.home):
        tell("No worker runs on this home; `fitboard up` or `fitboard worker` starts one.")
    return place.reader().get([run_id])[0]


def _summarize(run: Run) -> None:
    tell(f"{run.status}  {run.name}")
    for name, value in sorted(run.metrics.items()):
        if name.startswith("test_"):
            tell(f"  {name} {value:.4f}")
    sys.stdout.write(run.run_id + "\n")


def check(
    config: ConfigArgument,
    settings: SetOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Shapes, parameters, memory and problems of a config, without training. Exit status 1 on an error."""
    del tracking_uri
    from trainer.commands.checking import check_here, print_report

    place = Place.of(home, None)
    report = check_here(place.home, with_settings(read_config(config), settings or []))
    if as_json:
        answer(report.model_dump(mode="json", exclude={"problems": {"__all__": {"edits"}}}))
    else:
        print_report(report)
    if not report.ok:
        raise typer.Exit(1)


def worker(
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="How many runs at once.")] = 1,
    executor: Annotated[str, typer.Option("--executor", help="Where runs are executed: local.")] = "local",
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """The worker alone: takes queued runs and trains them, until Ctrl-C."""
    if executor != "local":
        raise typer.BadParameter(f"{executor!r} is not known; the executor there is: local.", param_hint="--executor")
    place = Place.of(home, tracking_uri)
    command = [sys.executable, "-m", "trainer.execution.worker", "--jobs", str(jobs), "--home", str(place.home.path)]
    command += ["--tracking-uri", place.tracking_uri]
    os.execv(sys.executable, command)
