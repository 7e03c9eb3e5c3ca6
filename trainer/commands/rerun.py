"""The rerun command."""

from trainer.commands.options import RunArgument, changed, echo
from trainer.commands.run_options import RunOptions, takes_run_options
from trainer.commands.train import start_runs
from trainer.execution import refuse_foreign
from trainer.reproduce.kept_data import kept_data
from trainer.sweeps.records import refuse_sweep
from trainer.tracking.read.config import config_of

__all__ = ["rerun"]


@takes_run_options
def rerun(run: RunArgument, *, options: RunOptions) -> None:
    """Train a run's config again and verify that the numbers are identical; with --set, train a variant.

    If the run's file has changed since, the version that the run has read is used if home keeps it. Exits with 1 if
    the numbers differ.
    """
    place = options.place
    first = place.run(run)
    refuse_sweep(first)
    refuse_foreign(first)
    config = changed(config_of(place.reader().artifact, first), options.settings, place.home)
    kept = None if options.settings else kept_data(config, first, place.reader(), place.home)
    if kept is not None:
        echo(kept.sentence)
    data = None if kept is None or kept.path is None else str(kept.path)
    start_runs(options.repeats(config), options, rerun_of=first.run_id, data=data)
