"""Train the best trials of a sweep again, with fresh seeds."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from trainer.config import Config
from trainer.config.search import SweepFile
from trainer.execution.queue.enqueue import enqueue_trial, queue_name, wake_worker
from trainer.home import Home
from trainer.sweeps import Trial
from trainer.sweeps.confirmation import confirming_configs
from trainer.sweeps.records import sweep_runs
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["NOT_YET", "Confirming", "confirm"]


class Confirming(NamedTuple):
    """How far a confirmation is: `ended` of `wanted` runs have ended, and whether it is `over`."""

    ended: int
    wanted: int
    over: bool


NOT_YET = Confirming(0, 0, over=False)
"""As long as trials run."""


def confirm(
    store: "Store",
    run: Run,
    sweep: SweepFile,
    trials: Sequence[Trial],
    *,
    home: Home,
    earlier: Callable[[str], Run | None],
    is_late: bool = False,
) -> Confirming:
    """Queue the next runs that confirm the trials of a sweep's run, up to as many at once as trials; none if `is_late`.

    `earlier` returns a finished run of a config's digest, which then need not be trained.
    """
    wanted = [(number, config) for number, configs in confirming_configs(sweep, trials).items() for config in configs]
    own = [each for each in sweep_runs(store.reader, run.run_id) if Tag.SWEEP_CONFIRMS in each.tags] if wanted else []
    has_ended = {each.tags.get(Tag.CONFIG_DIGEST, ""): each.status.ended for each in own}
    busy = sum(not each.status.ended for each in own)
    ended = 0
    for number, config in wanted:
        if config.digest in has_ended:
            ended += has_ended[config.digest]
        elif earlier(config.digest) is not None:
            ended += 1
        elif is_late or busy >= sweep.settings.jobs:
            break
        else:
            _queue(store, run, number, config, home=home)
            busy += 1
    return Confirming(ended=ended, wanted=len(wanted), over=busy == 0 and (is_late or ended == len(wanted)))


def _queue(store: "Store", run: Run, number: int, config: Config, *, home: Home) -> None:
    name = f"{config.name or 'sweep'} · trial {number} · seed {config.seed}"
    tags: dict[str, str] = {Tag.SWEEP_CONFIRMS: str(number)}
    enqueue_trial(store, config, sweep=run, queue=queue_name(home), name=name, tags=tags)
    wake_worker(home)
