"""The rerun command."""

from trainer.commands.options import RunArgument, changed
from trainer.commands.run_options import RunOptions, takes_run_options
from trainer.commands.train import start_runs
from trainer.execution import refuse_foreign
from trainer.tracking.read.config import config_of

__all__ = ["rerun"]


@takes_run_options
def rerun(run: RunArgument, *, options: RunOptions) -> None:
    """Train a run's config again and verify that the numbers are identical; with --set, train a variant.

    Exits with 1 if the numbers differ.
    """
    place = options.place
    first = place.run(run)
    refuse_foreign(first)
    config = changed(config_of(place.reader().artifact, first), options.settings, place.home)
    start_runs(options.repeats(config), options, rerun_of=first.run_id)
