"""The train command, and what it shares with rerun."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from trainer.commands.check import check_here
from trainer.commands.json_output import grouped, results_of, shown
from trainer.commands.options import ConfigArgument, Place, changed, echo, print_json, read_config
from trainer.commands.run_options import RunOptions, takes_run_options
from trainer.config import Config, MeasuredPart, MetricName, Vary
from trainer.data import changed_at, describe
from trainer.errors import ConfigError
from trainer.execution import enqueue, is_served, queue_name, wake_worker
from trainer.execution.keras_backend import check_keras_backend
from trainer.format import number
from trainer.reproduce import Verdict, finished_runs, refuse_unsplit
from trainer.statistics import Summary, summary_words
from trainer.tracking import Run, Status, Tag

__all__ = ["start_runs", "train"]


@takes_run_options
def train(
    config: ConfigArgument,
    again: Annotated[bool, typer.Option("--again", help="Do not warn if this config has already finished.")] = False,
    *,
    options: RunOptions,
) -> None:
    """Train a config here, with a progress bar, or queue it; with --seeds or --folds, train it several times."""
    place = options.place
    chosen = options.repeats(changed(read_config(config, place.home), options.settings, place.home))
    # A store that does not exist yet has no finished runs, and a reader would refuse one that is not the home's own.
    if not again and place.missing_file is None:
        _tell_of_finished(place, chosen)
    start_runs(chosen, options)


def start_runs(
    configs: Sequence[Config], options: RunOptions, *, rerun_of: str | None = None, data: str | None = None
) -> None:
    """Train or queue each config, as a rerun of `rerun_of` if it is given, and report the runs.

    `data` is the path of the configs' file if it is not where they say.

    Raises:
        ConfigError: If the check refuses the config; no run is created then.
        typer.Exit: With status 1 if a run did not finish, or if the numbers of a rerun differ.
    """
    place, make = options.place, partial(_queue if options.queue else _train_here, data=data)
    first = configs[0].with_data_at(data)
    check_keras_backend()
    place.warn()
    # Reports a bad data file at once, before a process with TensorFlow is started.
    describe(first.dataset, home=place.home)
    if options.varying is Vary.SPLIT:
        refuse_unsplit(first.dataset, home=place.home)
    if options.queue:
        _refuse_impossible(place, first)
    runs: list[Run] = []
    for config in configs:
        runs.append(make(place, config, rerun_of, options, seeded=len(configs) > 1))
        if not options.as_json:
            _summarize(runs[-1])
        _tell_verdict(runs[-1])
        # A second Ctrl-C ends the whole series.
        if runs[-1].status is Status.KILLED:
            break
    together = grouped(place.reader(), runs) if options.together else None
    if options.as_json:
        print_json(together or shown(place.reader(), runs[0]))
    elif together:
        _tell_summary(together["summary"])
    if not options.queue and not all(map(_is_good, runs)):
        raise typer.Exit(1)


def _refuse_impossible(place: Place, config: Config) -> None:
    """Check a config before it is queued; the process that trains it checks a run in the foreground."""
    refusal = check_here(place.home, config).refusal
    if refusal is not None:
        raise ConfigError(refusal)


def _train_here(
    place: Place, config: Config, rerun_of: str | None, options: RunOptions, *, seeded: bool, data: str | None
) -> Run:
    from trainer.commands.foreground import train_here

    how: dict[str, Any] = {"limits": options.limits, "seeded": seeded, "vary": options.varying, "data": data}
    return train_here(place, config, rerun_of=rerun_of, **how)


def _tell_of_finished(place: Place, configs: Sequence[Config]) -> None:
    """Report the newest finished run of each config and its results; training continues."""
    for config in configs:
        since = changed_at(config.dataset, home=place.home)
        for run in finished_runs(place.reader(), config.digest, since=since, limit=1):
            results = ", ".join(f"{name} {number(value)}" for name, value in results_of(run)) or "no results"
            echo(
                f"This config has already finished as run {run.short_id}: {results}. "
                "Training again (--again hides this)."
            )


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


def _queue(
    place: Place, config: Config, rerun_of: str | None, options: RunOptions, *, seeded: bool, data: str | None
) -> Run:
    run_id = enqueue(
        place.store(),
        config,
        queue=queue_name(place.home),
        rerun_of=rerun_of,
        limits=options.limits,
        seeded=seeded,
        vary=options.varying,
        data=data,
    )
    wake_worker(place.home)
    if not is_served(place.home):
        echo("No worker is running for this home; start one with `fitboard up` or `fitboard worker`.")
    return place.reader().get([run_id])[0]


def _summarize(run: Run) -> None:
    echo(f"{run.status}  {run.title}")
    for name, value in results_of(run):
        echo(f"  {name} {number(value)}")
    if Tag.JUDGEMENT in run.tags:
        echo(run.tags[Tag.JUDGEMENT])
    # The only line on standard output, so that a script can read the id from it.
    sys.stdout.write(run.run_id + "\n")
