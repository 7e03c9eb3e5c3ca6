"""Logged models that were created, but whose files an interruption kept from being written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from trainer.errors import StoreError, StoreUnreachableError
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.run import Run

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["fail_pending_models", "failed_if_refused", "pending_models"]


def pending_models(store: "Store", run: Run) -> tuple[Any, ...]:
    """Return MLflow's logged models of a run that are PENDING, oldest first."""
    with mlflow_errors(store.tracking_uri):
        from mlflow.entities import LoggedModelStatus

        asked = f"source_run_id = '{run.run_id}'"
        found = store.client.search_logged_models([run.experiment_id], filter_string=asked)
        waiting = [each for each in found if each.status == LoggedModelStatus.PENDING]
        return tuple(sorted(waiting, key=lambda each: (each.creation_timestamp, each.model_id)))


def fail_pending_models(store: "Store", run: Run) -> int:
    """Mark the pending models of a run that has ended as FAILED, and return their number."""
    found = pending_models(store, run)
    with mlflow_errors(store.tracking_uri):
        for each in found:
            store.client.finalize_logged_model(each.model_id, "FAILED")
    return len(found)


@contextmanager
def failed_if_refused(store: "Store", model_id: str) -> Iterator[None]:
    """Mark a model as FAILED if the storage refuses its files; one that does not respond is asked again later.

    Raises:
        StoreError: the storage refuses the files, or does not respond.
    """
    try:
        with mlflow_errors(store.tracking_uri):
            yield
    except StoreUnreachableError:
        raise
    except StoreError:
        with suppress(StoreError), mlflow_errors(store.tracking_uri):
            store.client.finalize_logged_model(model_id, "FAILED")
        raise
