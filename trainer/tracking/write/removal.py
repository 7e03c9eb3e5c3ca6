"""Remove deleted runs permanently: their artifacts, their logged models, and where MLflow allows it, their rows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trainer.errors import ConfigError
from trainer.format import cut
from trainer.tracking.errors import database_errors, mlflow_errors
from trainer.tracking.run import Run
from trainer.tracking.write.artifact_folders import ArtifactFolder, Size, folder_size, refuse_shared, remove_folder
from trainer.tracking.write.database import probe

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

    from trainer.tracking.write.store import Store

__all__ = ["SERVER_KEEPS", "refuse_removal", "remove_run", "size_of_run"]

SERVER_KEEPS = (
    "An MLflow server cannot remove rows: metrics, params and tags stay in its database, marked as deleted, until "
    "`mlflow gc` is run on the server."
)
"""What `remove_run` leaves behind in a store that is an MLflow server."""

_OF_A_RUN = ("metrics", "latest_metrics", "params", "tags")
_OF_A_MODEL = ("logged_model_metrics", "logged_model_params", "logged_model_tags", "logged_models")


def size_of_run(store: "Store", run: Run) -> Size:
    """Return the size of a run's artifacts, those of its logged models included.

    Raises:
        StoreError: a folder is not the run's alone, or cannot be read.
    """
    size = Size()
    for folder in _folders(store, run):
        size = size.plus(folder_size(folder, store.tracking_uri))
    return size


def refuse_removal(store: "Store", run: Run) -> None:
    """Refuse a run that `remove_run` cannot remove whole, before anything of it is removed.

    Raises:
        ConfigError: its model is registered, so that the registered version would lose its files.
        StoreError: its files are in a folder that may hold those of others.
    """
    for folder in _folders(store, run):
        refuse_shared(folder)
    with mlflow_errors(store.tracking_uri):
        found = store.client.search_model_versions(f"run_id = '{run.run_id}'", max_results=1)
    if found:
        raise ConfigError(
            f"The model of {run.title} is registered as {cut(found[0].name, 60)!r}, version {found[0].version}; delete "
            "that version first."
        )


def remove_run(store: "Store", run: Run) -> None:
    """Remove a deleted run: first the files, so that what is interrupted can be repeated, then the rows.

    In a store that is an MLflow server, its rows stay, see `SERVER_KEEPS`.

    Raises:
        ConfigError: the run is not deleted, or see `refuse_removal`.
        StoreError: its files cannot be removed.
    """
    if not run.deleted:
        raise ConfigError(f"{run.title} is not deleted; delete it first.")
    refuse_removal(store, run)
    folders = _folders(store, run)
    for folder in folders:
        remove_folder(folder, store.tracking_uri)
    if store.is_server:
        with mlflow_errors(store.tracking_uri):
            for folder in folders[1:]:
                store.client.delete_logged_model(folder.owner)
        return
    from mlflow.store.tracking.dbmodels.models import Base

    with database_errors(store.tracking_uri), _engine(store).begin() as connection:
        _remove_rows(connection, Base.metadata.tables, run.run_id)


def _folders(store: "Store", run: Run) -> Sequence[ArtifactFolder]:
    """Return the folder of the run, followed by those of its logged models."""
    own = ArtifactFolder(run.run_id, run.artifact_uri)
    if store.is_server:
        with mlflow_errors(store.tracking_uri):
            asked = f"source_run_id = '{run.run_id}'"
            models = store.client.search_logged_models([run.experiment_id], filter_string=asked)
        return [own, *(ArtifactFolder(each.model_id, each.artifact_location) for each in models)]
    from trainer.tracking.read.tables import logged_models

    # Read from the table, since MLflow's search leaves out models that are marked as deleted.
    with database_errors(store.tracking_uri), _engine(store).connect() as connection:
        wanted = logged_models.select().where(logged_models.c.source_run_id == run.run_id)
        rows = connection.execute(wanted).all()
    return [own, *(ArtifactFolder(row.model_id, row.artifact_location) for row in rows)]


def _engine(store: "Store") -> "Engine":
    from sqlalchemy import NullPool, create_engine

    probe(store.tracking_uri)
    return create_engine(store.tracking_uri, poolclass=NullPool)


def _remove_rows(connection: "Connection", tables: "Mapping[str, Table]", run_id: str) -> None:
    """Delete the rows of a run and of its logged models, children first, as foreign keys demand.

    Datasets stay, as with `mlflow gc`: runs of the same experiment share them.
    """
    models = tables["logged_models"]
    own = [row.model_id for row in connection.execute(models.select().where(models.c.source_run_id == run_id))]
    inputs, input_tags = tables["inputs"], tables["input_tags"]
    used = inputs.c.destination_id.in_([run_id, *own]) | inputs.c.source_id.in_([run_id, *own])
    uuids = [row.input_uuid for row in connection.execute(inputs.select().where(used))]
    connection.execute(input_tags.delete().where(input_tags.c.input_uuid.in_(uuids)))
    connection.execute(inputs.delete().where(used))
    measured = tables["logged_model_metrics"]
    connection.execute(measured.delete().where(measured.c.run_id == run_id))
    for name in _OF_A_MODEL:
        connection.execute(tables[name].delete().where(tables[name].c.model_id.in_(own)))
    issues = tables["issues"]
    connection.execute(issues.update().where(issues.c.source_run_id == run_id).values(source_run_id=None))
    for name in _OF_A_RUN:
        connection.execute(tables[name].delete().where(tables[name].c.run_uuid == run_id))
    runs = tables["runs"]
    # Again, since somebody may have restored the run since it was read.
    is_deleted = (runs.c.run_uuid == run_id) & (runs.c.lifecycle_stage == "deleted")
    if connection.execute(runs.delete().where(is_deleted)).rowcount != 1:
        raise ConfigError("The run was restored or removed meanwhile; reload the page and try again.")
