"""Train the best trials of a sweep again, with fresh seeds."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

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

__all__ = ["confirm"]


def confirm(
    store: "Store",
    sweep_id: str,
    sweep: SweepFile,
    trials: Sequence[Trial],
    *,
    home: Home,
    earlier: Callable[[str], Run | None],
) -> bool:
    """Queue the next confirming runs, up to as many at once as trials; return whether all of them have ended.

    `earlier` returns a finished run of a config's digest, which then need not be trained.
    """
    wanted = confirming_configs(sweep, trials)
    own = [run for run in sweep_runs(store.reader, sweep_id) if Tag.SWEEP_CONFIRMS in run.tags] if wanted else []
    busy = sum(not run.status.ended for run in own)
    known = {run.tags.get(Tag.CONFIG_DIGEST, "") for run in own}
    missing = [
        (number, config) for number, configs in wanted.items() for config in configs if config.digest not in known
    ]
    for number, config in missing:
        if busy >= sweep.settings.jobs:
            return False
        if earlier(config.digest) is None:
            _queue(store, sweep_id, number, config, home=home)
            busy += 1
    return busy == 0


def _queue(store: "Store", sweep_id: str, number: int, config: Config, *, home: Home) -> None:
    tags: dict[str, str] = {PARENT_TAG: sweep_id, Tag.SWEEP: sweep_id, Tag.SWEEP_CONFIRMS: str(number)}
    name = f"{config.name or 'sweep'} · trial {number} · seed {config.seed}"
    enqueue_trial(store, config, queue=queue_name(home), name=name, tags=tags)
    wake_worker(home)
