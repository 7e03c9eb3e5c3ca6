"""Resume runs that ended or were lost: the same run, or a new one with more epochs."""

import json
import shutil
import time
from typing import TYPE_CHECKING

from trainer.config import Config, with_overrides
from trainer.errors import ConfigError, ResourceError
from trainer.execution.control.ownership import refuse_foreign
from trainer.execution.executors.handles import is_alive
from trainer.execution.limits import NO_LIMITS, Limits, used_up
from trainer.execution.process.attempts import forget_attempts, has_checkpoint
from trainer.execution.process.handover import bring_checkpoint, is_elsewhere
from trainer.execution.process.liveness import LOST_SECONDS, is_lost, last_heard
from trainer.execution.queue.enqueue import enqueue, new_place, queue_name, wake_worker
from trainer.format import counted
from trainer.home import Home
from trainer.reproduce import recorded_threads
from trainer.tracking.files import CHECKPOINTS
from trainer.tracking.read.config import config_of
from trainer.tracking.record.delivery import seed_journal
from trainer.tracking.record.notes import forget_notes
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Owner, Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["adopt", "extend", "resume"]

_SECOND_LOOK_SECONDS = 2.5
_PENDING = "resumed/preparing"
_ENDED_TAGS = (Tag.STOP, Tag.FAILURE, Tag.FAILURE_KIND, Tag.JUDGEMENT, Tag.KEPT, Tag.OWNER, Tag.PROGRESS, Tag.VERDICT)


def resume(store: "Store", run: Run, *, home: Home, limits: Limits = NO_LIMITS) -> None:
    """Return a run that was stopped, failed or lost to this home's queue; it resumes from its checkpoint.

    `limits` replace its own limits limits; if none are given, those that ended the run are removed.

    Raises:
        ConfigError: another program made it, it is running or finished, or its checkpoint is not in this home.
    """
    refuse_foreign(run)
    if run.status is Status.FINISHED:
        raise ConfigError(f"Run {run.run_id} has finished; continue it as a new run with --epochs.")
    if not (run.status.ended or is_lost(run)):
        raise ConfigError(f"Run {run.run_id} is {run.status}; there is nothing to resume.")
    bring_checkpoint(store, run, home=home)
    if not has_checkpoint(home.run(run.run_id)):
        raise ConfigError(
            f"Run {run.run_id} has no checkpoint in the home {home.path}{_where_else(run, home)}; train it again with "
            f"`fitboard rerun {run.short_id}`."
        )
    over = used_up(run)
    for tag, ended_it in ((Tag.TIME_LIMIT, over.seconds), (Tag.MEMORY_LIMIT, over.memory)):
        if ended_it is not None:
            store.delete_tag(run.run_id, tag)
    store.set_tags(run.run_id, limits.tags())
    _requeue(store, run, home)


def _where_else(run: Run, home: Home) -> str:
    """Name the home that last trained the run, if that is another one."""
    if run.trained_in is None or not is_elsewhere(run, home):
        return ""
    return f", and that of {run.trained_in.name} ({run.trained_in.path}) cannot be read from here"


def adopt(store: "Store", run: Run, *, home: Home) -> None:
    """Take over a lost run from its host: this home's worker trains it, from its checkpoint if there is one.

    Raises:
        ConfigError: another program made the run, or it is not lost.
    """
    refuse_foreign(run)
    run = store.get(run.run_id)  # as it is now, not as a page or a list saw it
    if run.status is not Status.RUNNING:
        raise ConfigError(
            f"Run {run.run_id} is {run.status}, not lost; use `fitboard resume` for runs that have ended."
        )
    if run.owner is None:
        _refuse_starting(run)
    elif not is_lost(run):
        raise ConfigError(
            f"Run {run.run_id} is running on {run.owner.host}, or was less than {LOST_SECONDS} seconds "
            "ago; if it is not, try again in a minute."
        )
    _refuse_beating(store, run)
    bring_checkpoint(store, run, home=home)
    seed_journal(store.reader, run.run_id, home.run(run.run_id))
    _requeue(store, run, home)


def _refuse_starting(run: Run) -> None:
    """Refuse a run that is being created or whose process has not started yet, which has no owner."""
    command = Owner.loads(run.tags.get(Tag.COMMAND, ""))
    age = time.time() - (run.start_time or 0) / 1000
    if abs(age) < LOST_SECONDS or (command is not None and is_alive(command)):
        raise ConfigError(f"Run {run.run_id} is starting; if it does not start, try again in a minute.")


def _refuse_beating(store: "Store", run: Run) -> None:
    """Look twice at a run that may be running elsewhere, since another host's clock may be off by over a minute."""
    if run.owner is not None and is_alive(run.owner) is not None:
        return
    time.sleep(_SECOND_LOOK_SECONDS)
    again = store.get(run.run_id)
    if again.status is not run.status or (run.owner is None and again.owner is not None):
        raise ConfigError(
            f"Run {run.run_id} was just changed by another process ({again.status}), so it was not taken over."
        )
    if run.owner is not None and last_heard(again) != last_heard(run):
        raise ConfigError(
            f"Run {run.run_id} is running on {run.owner.host}, whose clock differs from this machine's; "
            "synchronize the clocks."
        )


def extend(store: "Store", run: Run, *, epochs: int, home: Home, limits: Limits = NO_LIMITS) -> str:
    """Create a new run that continues an ended one up to a number of epochs, and return its id.

    It contains the history of the old run with its original times, and has the same bits as a run that was trained with
    all epochs from the start.

    Raises:
        ConfigError: another program made the run, it has not ended, its checkpoint is not in this home, it has as
            many epochs, or no config may have so many.
        ResourceError: the checkpoint cannot be copied.
    """
    refuse_foreign(run)
    config = config_of(store.reader.artifact, run)
    longer = with_overrides(config, [f"epochs={epochs}"])  # refuses more than a config may have
    bring_checkpoint(store, run, home=home)
    _refuse_extension(run, config, epochs, home)
    # No worker serves this queue, so that none starts the run before its checkpoint is copied.
    run_id = enqueue(store, longer, queue=_PENDING, resumed_from=run.run_id, limits=limits)
    folder = home.run(run_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in home.run(run.run_id).glob(CHECKPOINTS):
            shutil.copy2(file, folder / file.name)
        seed_journal(store.reader, run.run_id, folder)
    except OSError as error:
        store.delete(run_id)
        raise ResourceError(
            f"The checkpoint of run {run.run_id} cannot be copied ({error.strerror}); free disk space and try again."
        ) from error
    threads = recorded_threads(store.reader, run)
    tags: dict[str, str] = {Tag.QUEUE: queue_name(home)}
    if threads:
        tags[Tag.THREADS] = json.dumps(threads)
    store.set_tags(run_id, tags)
    wake_worker(home)
    return run_id


def _refuse_extension(run: Run, config: Config, epochs: int, home: Home) -> None:
    if not run.status.ended:
        raise ConfigError(f"Run {run.run_id} is {run.status}; stop it or wait until it ends.")
    if epochs <= config.epochs:
        raise ConfigError(f"Run {run.run_id} has {counted(config.epochs, 'epoch')}; expected more, got {epochs}.")
    folder = home.run(run.run_id)
    if not has_checkpoint(folder):
        raise ConfigError(
            f"Run {run.run_id} has no checkpoint in the home {home.path}; train all epochs with "
            f"`fitboard rerun {run.short_id} --set epochs={epochs}`."
        )
    from trainer.engine.checkpoint import latest_checkpoint

    found = latest_checkpoint(folder, config)
    if found is not None and found.complete:
        raise ConfigError(
            f"Run {run.run_id} was ended by a callback after epoch {found.epoch}; more epochs would change "
            "nothing. To train it with another callback, use `fitboard rerun --set`."
        )


def _requeue(store: "Store", run: Run, home: Home) -> None:
    # The status changes last: once the run is SCHEDULED a worker may start it and read all of this.
    forget_attempts(home.run(run.run_id))
    forget_notes(home.run(run.run_id))
    for tag in _ENDED_TAGS:
        store.delete_tag(run.run_id, tag)
    store.set_tags(run.run_id, {Tag.QUEUE: queue_name(home), Tag.PLACE: new_place()})
    store.set_status(run.run_id, Status.SCHEDULED)
    wake_worker(home)
