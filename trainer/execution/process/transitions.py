"""Change the status of a run without a process: end it, or return it to the queue."""

from typing import TYPE_CHECKING

from trainer.config import FailureKind, failure_kind
from trainer.home import Home
from trainer.tracking.record.delivery import deliver
from trainer.tracking.record.notes import forget_notes
from trainer.tracking.run import Status
from trainer.tracking.tags import Tag
from trainer.tracking.write.pending_models import fail_pending_models

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["LONGEST_FAILURE", "end_run", "failure_tags", "requeue"]

LONGEST_FAILURE = 2_000
"""Maximum length of the sentence that explains a failure; it may include the end of a log."""

_PROCESS_TAGS = (Tag.OWNER, Tag.PROGRESS)


def end_run(
    store: "Store", run_id: str, status: Status, *, home: Home, failure: str = "", stop: str | None = None
) -> None:
    """End the run: deliver its journal first, and remove its notes last.

    Raises:
        StoreError: the store cannot be written; calling again later is safe.
    """
    folder = home.run(run_id)
    deliver(store, run_id, folder)
    fail_pending_models(store, store.get(run_id))
    tags = failure_tags(failure) if failure else {}
    store.set_tags(run_id, {**tags, **({Tag.STOP: stop} if stop else {})})
    store.set_status(run_id, status)
    forget_notes(folder)


def failure_tags(sentence: str, kind: FailureKind | None = None) -> dict[str, str]:
    """Return the tags of a failure. Its kind is recorded, so that a later version may word its sentences differently.

    `kind` is that of the error; without it, the sentence says it.
    """
    known = kind or failure_kind(sentence)
    tags: dict[str, str] = {Tag.FAILURE: sentence[:LONGEST_FAILURE]}
    return tags | ({Tag.FAILURE_KIND: known.value} if known else {})


def requeue(store: "Store", run_id: str) -> None:
    """Return the run to its queue, where it keeps its place."""
    for tag in _PROCESS_TAGS:
        store.delete_tag(run_id, tag)
    store.set_status(run_id, Status.SCHEDULED)
