"""Copy the `.keras` file of a run's logged model, without loading it."""

import shutil
import tempfile
from pathlib import Path

from trainer.errors import StoreError
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.read.artifacts import local_folder
from trainer.tracking.write.store import Store

__all__ = ["copy_keras_file"]

_FILE = "data/model.keras"


def copy_keras_file(store: Store, run_id: str, target: Path) -> Path:
    """Copy the `.keras` file of a run's last logged model to `target` and return it.

    Raises:
        StoreError: the run has no such file.
    """
    with mlflow_errors(store.tracking_uri):
        outputs = store.client.get_run(run_id).outputs
        logged = [] if outputs is None else outputs.model_outputs
        if not logged:
            raise StoreError(f"Run {run_id} has no model; it has not finished, or was created by another program.")
        # MLflow 3 keeps a logged model outside the run's artifacts, where `list_artifacts` does not show it.
        location = store.client.get_logged_model(logged[-1].model_id).artifact_location
    folder = local_folder(location)
    with tempfile.TemporaryDirectory(prefix="fitboard-") as scratch:
        found = _fetched(store, location, Path(scratch)) if folder is None else folder / _FILE
        try:
            shutil.copyfile(found, target)
        except OSError as error:
            raise StoreError(
                f"The model of run {run_id} cannot be copied ({error.strerror}); check that the store's artifact "
                "folder is readable and that the disk has free space."
            ) from error
    return target


def _fetched(store: Store, location: str, folder: Path) -> Path:
    with mlflow_errors(store.tracking_uri):
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        repository = get_artifact_repository(location, tracking_uri=store.tracking_uri)
        return Path(repository.download_artifacts(_FILE, dst_path=str(folder)))
