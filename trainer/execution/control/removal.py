"""Delete and restore runs as MLflow does, and remove them permanently with their files, rows and checkpoints."""

import shutil
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.errors import ConfigError, FitboardError, ResourceError
from trainer.execution.control.ownership import refuse_other_program
from trainer.execution.process.liveness import is_lost
from trainer.format import counted, readable_bytes
from trainer.home import Home
from trainer.tracking.run import Run, Status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Footprint", "delete", "footprint", "remove", "restore"]


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What removing runs frees: how many files, and their size in bytes; and a sentence for what stays of them."""

    runs: int
    files: int
    size: int
    stays: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Why some of the runs are not removed."""

    @property
    def sentence(self) -> str:
        """What is removed and how much that frees, in one sentence."""
        if not self.files:
            return f"This permanently deletes {counted(self.runs, 'run')} without files. It cannot be undone."
        return (
            f"This permanently deletes {counted(self.runs, 'run')} with {counted(self.files, 'file')} (artifacts, "
            f"models and checkpoints) and frees {readable_bytes(self.size)}. It cannot be undone."
        )


def delete(store: "Store", run: Run) -> None:
    """Mark a run as deleted, so that it can be restored.

    Raises:
        ConfigError: another program made the run, or it has not ended.
    """
    refuse_other_program(run)
    if not run.status.ended:
        raise ConfigError(f"{run.short_title} has not ended yet; stop it first.")
    if not run.deleted:
        store.delete(run.run_id)


def restore(store: "Store", run: Run) -> None:
    """Restore a deleted run.

    Raises:
        ConfigError: another program made the run, or its experiment is deleted too.
    """
    refuse_other_program(run)
    if not run.deleted:
        return
    if all(each.experiment_id != run.experiment_id for each in store.reader.experiments()):
        raise ConfigError(
            f"The experiment of {run.short_title} has been deleted too; restore it and all its runs with `mlflow "
            f"experiments restore -x {run.experiment_id}`."
        )
    store.restore(run.run_id)


def footprint(store: "Store", runs: Iterable[Run], home: Home) -> Footprint:
    """Return what removing those of the runs frees that can be removed.

    Raises:
        StoreUnreachableError: the store or the storage of the files does not respond.
    """
    from trainer.tracking.write.artifact_folders import size_of_tree
    from trainer.tracking.write.removal import folders_of, refusals, size_of

    every = list(runs)
    folders = folders_of(store, every)
    unremovable = refusals(store, folders)
    chosen, sizes, refused = [], [], []
    for run in every:
        reason = _refusal(run) or unremovable.get(run.run_id)
        if reason is not None:
            refused.append(str(reason))
            continue
        chosen.append(run)
        sizes += [size_of(store, folders[run.run_id]), size_of_tree(home.run(run.run_id))]
    return Footprint(
        runs=len(chosen),
        files=sum(each.files for each in sizes),
        size=sum(each.size for each in sizes),
        stays=tuple(_stays(store, chosen, home)),
        refused=tuple(dict.fromkeys(refused)),
    )


def _refusal(run: Run) -> FitboardError | None:
    """Return why a run may not be removed, whatever its files are."""
    try:
        refuse_other_program(run)
    except ConfigError as error:
        return error
    return ConfigError(f"{run.short_title} has not ended yet; stop it first.") if _is_live(run) else None


def _stays(store: "Store", runs: Sequence[Run], home: Home) -> Iterator[str]:
    from trainer.tracking.write.removal import SERVER_KEEPS

    if store.is_server:
        yield SERVER_KEEPS
    elsewhere: dict[str, int] = {}
    for run in runs:
        if run.owner is not None and not home.run(run.run_id).exists():
            is_here = run.owner.host == socket.gethostname()
            place = "in another home of this machine" if is_here else f"on {run.owner.host}"
            elsewhere[place] = elsewhere.get(place, 0) + 1
    for place, number in elsewhere.items():
        yield f"The checkpoints and logs of {counted(number, 'run')} are {place} and stay there."


def remove(store: "Store", run: Run, *, home: Home) -> None:
    """Remove a run permanently; what is interrupted leaves a deleted run that can be removed again.

    Raises:
        ConfigError: another program made the run, it has not ended, or its model is registered.
        StoreError: its files cannot be removed.
        ResourceError: its folder in home cannot be removed.
    """
    from trainer.tracking.write.removal import folders_of, refusals, remove_run

    run = store.get(run.run_id)  # as it is now, not as a page or a list saw it
    folders = folders_of(store, [run])
    reason = _refusal(run) or refusals(store, folders).get(run.run_id)
    if reason is not None:
        raise reason
    if not run.deleted:
        store.delete(run.run_id)
        run = store.get(run.run_id)
    folder = home.run(run.run_id)
    # Before the rows, without which nobody would know whose folder it was.
    try:
        # Another program may have stored any text as an id, which must not lead out of the folder of all runs.
        if run.run_id.isalnum() and folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise ResourceError(
            f"The folder {folder} of the run cannot be removed ({error.strerror or error}); check its permissions."
        ) from error
    remove_run(store, run, folders[run.run_id])


def _is_live(run: Run) -> bool:
    """Return whether the run may still train. Workers do not see deleted runs, so a queued one cannot start."""
    if run.status.ended:
        return False
    if not run.deleted:
        return True
    return run.status is Status.RUNNING and run.owner is not None and not is_lost(run)
