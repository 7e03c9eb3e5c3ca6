"""rerun: a run's config again, exactly or with fields changed."""

from trainer.commands.options import (
    HomeOption,
    JsonOption,
    MemoryLimitOption,
    Place,
    RunArgument,
    SetOption,
    TimeLimitOption,
    UriOption,
    changed,
)
from trainer.commands.train import Answer, How, QueueOption, SeedsOption, start_runs
from trainer.execution import Limits, refuse_foreign
from trainer.reproduce import repeats
from trainer.tracking.read.config import config_of

__all__ = ["rerun"]


def rerun(
    run: RunArgument,
    queue: QueueOption = False,
    seeds: SeedsOption = None,
    settings: SetOption = None,
    time_limit: TimeLimitOption = None,
    memory_limit: MemoryLimitOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Train a run's config again, exactly, and say whether it came out the same; with --set a variant of it.

    Exit status 1 where the numbers differ.
    """
    limits = Limits.read(time_limit, memory_limit)
    place = Place.of(home, tracking_uri)
    first = place.run(run)
    refuse_foreign(first)
    chosen = repeats(changed(config_of(place.reader().artifact, first), settings, place.home), seeds or 1)
    how = How(queue=queue, limits=limits, rerun_of=first.run_id)
    start_runs(place, chosen, how, Answer(as_json=as_json, together=seeds is not None))
