"""Queue runs: MLflow runs with status SCHEDULED, which the home's only worker trains, or one of a team's."""

import contextlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trainer.config import Config, RunWeights, Vary, dump_config
from trainer.errors import ConfigError
from trainer.execution.executors.handles import own_handle
from trainer.execution.limits import NO_LIMITS, Limits
from trainer.execution.lock import holder_of
from trainer.execution.process.handover import home_name
from trainer.execution.queue.names import name_among_runs
from trainer.execution.queue.team import team_queue
from trainer.home import Home
from trainer.tracking.run import PARENT_TAG, Run
from trainer.tracking.tags import Tag
from trainer.tracking.user import USER_TAG
from trainer.tracking.write.params import params_of

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = [
    "enqueue",
    "enqueue_trial",
    "foreground_queue",
    "has_standby",
    "is_served",
    "new_place",
    "queue_name",
    "wake_worker",
    "worker_alive",
    "worker_jobs",
]


_FOREGROUND = "/foreground"
# MLflow silently truncates longer tags.
_LONGEST_TAG = 8_000


def queue_name(home: Home) -> str:
    """Return the queue of this home's worker: that of its team, or `host/home-id`."""
    return team_queue() or home_name(home)


def foreground_queue(home: Home) -> str:
    """Return the queue of this home's runs in the foreground, each trained by the command that queued it."""
    return home_name(home) + _FOREGROUND


def enqueue(
    store: "Store",
    config: Config,
    *,
    queue: str,
    rerun_of: str | None = None,
    resumed_from: str | None = None,
    limits: Limits = NO_LIMITS,
    seeded: bool = False,
    vary: Vary = Vary.SEED,
    user: str | None = None,
    data: str | None = None,
) -> str:
    """Create a run of the config for the worker of that queue, and return its id.

    A foreground run belongs to this process; its tag says so from the start, so that it is found if this process dies.
    `rerun_of` and `resumed_from` are ids of the run that it repeats, or continues with more epochs. `seeded` is
    whether it is one of several repeats that differ in what `vary` says, which its name then contains. A run that
    repeats or continues a run whose repeats vary the split or the fold belongs to such a group too. `user` is to whom
    the run belongs, by default the user of this process. `data` is the path of the config's file if it is not where the
    config says; the run counts as one of the config all the same.

    Raises:
        ConfigError: the run whose weights it starts from is not in the store.
        StoreError: the store refuses the run or does not respond; nothing is queued then.
    """
    _refuse_missing_start(store, config)
    source = rerun_of or resumed_from
    # Several seeds of one fold are no cross-validation, so they are a group of their own.
    if source and vary is Vary.SEED and not seeded:
        vary = next((run.vary for run in store.reader.get([source])), vary)
    trained = config.with_data_at(data)
    # The config keeps the name that was typed, so that a run of its copy does not get the name of this one.
    name = name_among_runs(store.reader, config, source=source, seeded=seeded, vary=vary)
    given = {Tag.RERUN_OF: rerun_of, Tag.RESUMED_FROM: resumed_from, Tag.NAMED: name, USER_TAG: user}
    tags = _tags(config, trained, queue, vary) | limits.tags()
    tags |= {tag: value for tag, value in given.items() if value}
    return store.create(
        config_text=dump_config(trained),
        experiment=config.experiment,
        name=name or config.name,
        tags=tags,
        params=params_of(trained),
    )


def enqueue_trial(store: "Store", config: Config, *, sweep: Run, queue: str, name: str, tags: Mapping[str, str]) -> str:
    """Create a run of a sweep's config under a name of its own and with the tags of the trial, and return its id.

    The run is nested in that of the sweep and belongs to the same user, whoever's worker creates it.

    Raises:
        ConfigError: the run whose weights it starts from is not in the store.
        StoreError: the store refuses the run or does not respond; nothing is queued then.
    """
    _refuse_missing_start(store, config)
    of_sweep = {PARENT_TAG: sweep.run_id, Tag.SWEEP: sweep.run_id, **({USER_TAG: sweep.author} if sweep.author else {})}
    return store.create(
        config_text=dump_config(config),
        experiment=config.experiment,
        name=name,
        tags={**_tags(config, config, queue, Vary.SEED), Tag.NAMED: name, **of_sweep, **tags},
        params=params_of(config),
    )


def _refuse_missing_start(store: "Store", config: Config) -> None:
    start = config.weights
    if isinstance(start, RunWeights) and not store.reader.get([start.run]):
        raise ConfigError(f"weights.run: run {start.run} is not in the store; expected the id of a finished run.")


def _tags(config: Config, trained: Config, queue: str, vary: Vary) -> dict[str, str]:
    tags: dict[str, str] = {
        Tag.CONFIG_DIGEST: config.digest,
        Tag.GROUP: config.group_over(vary),
        Tag.QUEUE: queue,
        Tag.PLACE: new_place(),
    }
    if isinstance(config.weights, RunWeights):
        tags[Tag.WEIGHTS_OF] = config.weights.run
    canonical = trained.canonical_json()
    if vary is not Vary.SEED:
        tags[Tag.VARY] = vary
    if len(canonical) <= _LONGEST_TAG:
        tags[Tag.CONFIG] = canonical
    if queue.endswith(_FOREGROUND):
        tags[Tag.COMMAND] = own_handle().dumps()
    return tags


def new_place() -> str:
    """Return the value of `fitboard.place` for a run that is queued now, behind all others."""
    return f"{time.time() * 1000:.3f}"


def worker_alive(home: Home) -> bool:
    """Return whether a worker of this home is running."""
    return holder_of(home.worker_lock) is not None


def is_served(home: Home) -> bool:
    """Return whether runs that this home queues are expected to start: its worker is running, or its team has some."""
    return bool(team_queue()) or worker_alive(home)


def worker_jobs(home: Home) -> int | None:
    """Return how many runs this home's worker trains at once, or None if no worker is running."""
    holder = holder_of(home.worker_lock)
    return None if holder is None else int(holder.get("jobs", 1))


def has_standby(home: Home) -> bool:
    """Return whether this home's worker has a process that trains the next run at once."""
    return bool(((holder_of(home.worker_lock) or {}).get("standby") or {}).get("is_prepared"))


def wake_worker(home: Home) -> None:
    """Notify this machine's worker that the queue has changed, so that it does not wait for its next poll."""
    with contextlib.suppress(OSError):
        wake_file = home.path / "queue.changed"
        wake_file.write_text(str(time.time_ns()))
