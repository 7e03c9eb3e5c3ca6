"""train: one config, here or in the queue; and what rerun shares with it."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer

from trainer.commands.check import check_here
from trainer.commands.json_output import grouped, results_of, shown
from trainer.commands.options import (
    ConfigArgument,
    HomeOption,
    JsonOption,
    MemoryLimitOption,
    Place,
    SetOption,
    TimeLimitOption,
    UriOption,
    changed,
    echo,
    print_json,
    read_config,
)
from trainer.config import Config, MeasuredPart, MetricName
from trainer.data import changed_at, describe
from trainer.errors import ConfigError
from trainer.execution import Limits, enqueue, queue_name, wake_worker, worker_alive
from trainer.execution.keras_backend import check_keras_backend
from trainer.reproduce import MOST_REPEATS, Verdict, finished_runs, repeats
from trainer.statistics import Summary, summary_words
from trainer.tracking import Run, Status, Tag

__all__ = ["AgainOption", "Answer", "How", "QueueOption", "SeedsOption", "start_runs", "train"]

QueueOption = Annotated[bool, typer.Option("--queue", help="Hand it to the worker instead of training here.")]
SeedsOption = Annotated[
    int | None,
    typer.Option("--seeds", min=1, max=MOST_REPEATS, help="So many runs, with the seeds seed, seed + 1, …"),
]
AgainOption = Annotated[bool, typer.Option("--again", help="Do not tell of finished runs of the same config.")]


def train(
    config: ConfigArgument,
    queue: QueueOption = False,
    seeds: SeedsOption = None,
    again: AgainOption = False,
    settings: SetOption = None,
    time_limit: TimeLimitOption = None,
    memory_limit: MemoryLimitOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Train one config, here with a progress bar, or queued; with --seeds several times."""
    limits = Limits.read(time_limit, memory_limit)
    place = Place.of(home, tracking_uri)
    chosen = repeats(changed(read_config(config, place.home), settings, place.home), seeds or 1)
    if not again and place.missing_file is None:
        _tell_of_finished(place, chosen)
    start_runs(place, chosen, How(queue=queue, limits=limits), Answer(as_json=as_json, together=seeds is not None))


class How(NamedTuple):
    """How runs are made: queued or trained here, with which limits, as reruns of what."""

    queue: bool
    limits: Limits
    rerun_of: str | None = None


class Answer(NamedTuple):
    """How a command answers: as JSON, and about all runs together or one."""

    as_json: bool
    together: bool


def start_runs(place: Place, configs: Sequence[Config], how: How, answered: Answer) -> None:
    """Trains or queues each config, and answers.

    Raises:
        ConfigError: the check refuses the config; no run is made then.
        typer.Exit: with status 1 where a run did not end well, or a rerun's numbers differ.
    """
    check_keras_backend()
    describe(configs[0].dataset, home=place.home)
    if how.queue:
        _refuse_impossible(place, configs[0])
    runs: list[Run] = []
    for config in configs:
        runs.append(_queue(place, config, how) if how.queue else _train_here(place, config, how))
        if not answered.as_json:
            _summarize(runs[-1])
        _tell_verdict(runs[-1])
        if runs[-1].status is Status.KILLED:
            break
    together = grouped(place.reader(), runs) if answered.together else None
    if answered.as_json:
        print_json(together or shown(place.reader(), runs[0]))
    elif together:
        _tell_summary(together["summary"])
    if not how.queue and not all(map(_is_good, runs)):
        raise typer.Exit(1)


def _refuse_impossible(place: Place, config: Config) -> None:
    """By the inspector where one runs; a run in the foreground is checked by the process that will train it."""
    refusal = check_here(place.home, config).refusal
    if refusal is not None:
        raise ConfigError(refusal)


def _train_here(place: Place, config: Config, how: How) -> Run:
    from trainer.commands.foreground import train_here

    return train_here(place, config, rerun_of=how.rerun_of, limits=how.limits)


def _tell_of_finished(place: Place, configs: Sequence[Config]) -> None:
    """Names the newest finished run of exactly each config, with its results; training goes on."""
    for config in configs:
        since = changed_at(config.dataset, home=place.home)
        for run in finished_runs(place.reader(), config.digest, since=since, limit=1):
            results = ", ".join(f"{name} {value:#.4g}" for name, value in results_of(run)) or "no results"
            echo(f"You ran exactly this: run {run.short_id}, {results}. It is trained again (--again: without a word).")


def _tell_verdict(run: Run) -> None:
    verdict = Verdict.loads(run.tags.get(Tag.VERDICT, ""))
    if verdict is not None:
        echo(verdict.sentence())


def _tell_summary(summary: dict[str, dict[str, Any]]) -> None:
    for name, each in summary.items():
        if MetricName.of(name).part is MeasuredPart.TEST and each["n"] > 1:
            echo(f"  {name} {summary_words(Summary(**each))}")


def _is_good(run: Run) -> bool:
    verdict = Verdict.loads(run.tags.get(Tag.VERDICT, ""))
    return run.status is Status.FINISHED and (verdict is None or verdict.identical)


def _queue(place: Place, config: Config, how: How) -> Run:
    queue = queue_name(place.home)
    run_id = enqueue(place.store(), config, queue=queue, rerun_of=how.rerun_of, limits=how.limits)
    wake_worker(place.home)
    if not worker_alive(place.home):
        echo("No worker runs on this home; `fitboard up` or `fitboard worker` starts one.")
    return place.reader().get([run_id])[0]


def _summarize(run: Run) -> None:
    echo(f"{run.status}  {run.title}")
    for name, value in results_of(run):
        echo(f"  {name} {value:#.4g}")
    if Tag.JUDGEMENT in run.tags:
        echo(run.tags[Tag.JUDGEMENT])
    sys.stdout.write(run.run_id + "\n")
