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
from trainer.tracking.run import PARENT_TAG, Run
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
    sweep_id: str,
    sweep: SweepFile,
    trials: Sequence[Trial],
    *,
    home: Home,
    earlier: Callable[[str], Run | None],
    is_late: bool = False,
) -> Confirming:
    """Queue the next confirming runs, up to as many at once as trials; none if it `is_late`.

    `earlier` returns a finished run of a config's digest, which then need not be trained.
    """
    wanted = [(number, config) for number, configs in confirming_configs(sweep, trials).items() for config in configs]
    own = [run for run in sweep_runs(store.reader, sweep_id) if Tag.SWEEP_CONFIRMS in run.tags] if wanted else []
    has_ended = {run.tags.get(Tag.CONFIG_DIGEST, ""): run.status.ended for run in own}
    busy = sum(not run.status.ended for run in own)
    ended = 0
    for number, config in wanted:
        if config.digest in has_ended:
            ended += has_ended[config.digest]
        elif earlier(config.digest) is not None:
            ended += 1
        elif is_late or busy >= sweep.settings.jobs:
            break
        else:
            _queue(store, sweep_id, number, config, home=home)
            busy += 1
    return Confirming(ended=ended, wanted=len(wanted), over=busy == 0 and (is_late or ended == len(wanted)))


def _queue(store: "Store", sweep_id: str, number: int, config: Config, *, home: Home) -> None:
    tags: dict[str, str] = {PARENT_TAG: sweep_id, Tag.SWEEP: sweep_id, Tag.SWEEP_CONFIRMS: str(number)}
    name = f"{config.name or 'sweep'} · trial {number} · seed {config.seed}"
    enqueue_trial(store, config, queue=queue_name(home), name=name, tags=tags)
    wake_worker(home)
