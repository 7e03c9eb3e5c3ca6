"""Hand a run over from one home to another with its latest checkpoint: from the other home's folder, or a copy."""

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import StoreError, StoreUnreachableError
from trainer.home import Home
from trainer.tracking.files import SHARED_CHECKPOINT, checkpoint_name, checkpoint_places
from trainer.tracking.record.delivery import undelivered
from trainer.tracking.run import Run
from trainer.tracking.tags import TrainedIn

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["bring_checkpoint", "checkpoint_elsewhere", "home_name", "is_elsewhere", "trained_in"]


def home_name(home: Home) -> str:
    """Return the name of a home among all that use the store: `host/home-id`."""
    return f"{socket.gethostname()}/{home.id}"


def trained_in(home: Home) -> TrainedIn:
    """Return what the record of a run that is trained in a home says about the home."""
    return TrainedIn(name=home_name(home), path=str(home.path))


def is_elsewhere(run: Run, home: Home) -> bool:
    """Return whether the run was last trained in another home."""
    return run.trained_in is not None and run.trained_in.name != home_name(home)


def checkpoint_elsewhere(run: Run, home: Home) -> Path | None:
    """Return the latest checkpoint in the home that last trained the run, unless this home has one as late.

    It can be read if the homes are on one machine and of one user, or in a folder that machines share; else None.
    """
    if run.trained_in is None or not is_elsewhere(run, home):
        return None
    folder = Home(Path(run.trained_in.path)).run(run.run_id)
    with contextlib.suppress(OSError):
        theirs, ours = checkpoint_places(folder), checkpoint_places(home.run(run.run_id))
        if theirs and (not ours or theirs[-1] > ours[-1]):
            found = folder / checkpoint_name(*theirs[-1])
            return found if os.access(found, os.R_OK) else None
    return None


def bring_checkpoint(store: "Store", run: Run, *, home: Home) -> None:
    """Copy the latest checkpoint of the home that last trained the run into this home, where the run then resumes.

    Points that its process could not send are sent first, since the run goes on behind them. Where the other home's
    folder cannot be read, the copy among the artifacts is taken, if there is one. A checkpoint that cannot be copied
    costs time, but no result: the run starts from an earlier one, or from its beginning.

    Raises:
        StoreError: the store or the storage does not respond, or the points cannot be sent.
    """
    if not is_elsewhere(run, home):
        return
    found = checkpoint_elsewhere(run, home)
    if found is None:
        _bring_copy(store, run, home.run(run.run_id))
        return
    missing = undelivered(store.reader, run.run_id, found.parent)
    if missing:
        store.log_metrics(run.run_id, missing)
    with _draft(home.run(run.run_id)) as draft:
        shutil.copyfile(found, draft)
        draft.replace(draft.parent / found.name)


def _bring_copy(store: "Store", run: Run, folder: Path) -> None:
    try:
        content = store.reader.artifact(run, SHARED_CHECKPOINT)
    except StoreUnreachableError:
        raise
    except StoreError:
        content = None
    if content is None:
        return
    from trainer.engine.checkpoint import read_checkpoint

    steps = [step for series in store.reader.histories([run.run_id])[run.run_id].values() for step in series.steps]
    places = checkpoint_places(folder)
    with _draft(folder) as draft:
        draft.write_bytes(content)
        copied = read_checkpoint(draft)
        # Without the journal of its home, the points of later epochs than the store has would be missing for good.
        is_covered = copied is not None and copied.epoch <= max(steps, default=0)
        if copied is not None and is_covered and (not places or places[-1] < (copied.epoch, copied.step)):
            draft.replace(folder / copied.name)


@contextlib.contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """Yield the path of a temporary file in the folder, which is removed if it is not renamed."""
    draft = folder / f"{checkpoint_name(0, 0)}.{os.getpid()}.tmp"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)
