"""Remove deleted runs permanently: their artifacts, their logged models, and where MLflow allows it, their rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from trainer.errors import ConfigError, FitboardError, StoreError
from trainer.format import cut
from trainer.tracking.errors import database_errors, mlflow_errors
from trainer.tracking.run import Run, short_id
from trainer.tracking.write.artifact_folders import ArtifactFolder, Size, folder_size, refuse_shared, remove_folder
from trainer.tracking.write.database import probe

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

    from trainer.tracking.write.store import Store

__all__ = ["SERVER_KEEPS", "folders_of", "refusals", "remove_run", "size_of"]

SERVER_KEEPS = (
    "An MLflow server cannot remove rows: metrics, params and tags stay in its database, marked as deleted, until "
    "`mlflow gc` is run on the server."
)
"""What `remove_run` leaves behind in a store that is an MLflow server."""

_AT_ONCE = 100
# More can only be missed while several runs are looked at; each is looked at again before it is removed.
_MOST_VERSIONS = 1_000
_OF_A_RUN = ("metrics", "latest_metrics", "params", "tags")
_OF_A_MODEL = ("logged_model_metrics", "logged_model_params", "logged_model_tags", "logged_models")


def folders_of(store: "Store", runs: Sequence[Run]) -> dict[str, tuple[ArtifactFolder, ...]]:
    """Return run id → the folder of its artifacts, followed by those of its logged models."""
    found: dict[str, tuple[ArtifactFolder, ...]] = {
        run.run_id: (ArtifactFolder(run.run_id, run.artifact_uri),) for run in runs
    }
    for run_id, model in _models(store, runs):
        found[run_id] += (model,)
    return found


def refusals(store: "Store", folders: Mapping[str, Sequence[ArtifactFolder]]) -> dict[str, FitboardError]:
    """Return run id → why the run cannot be removed whole, of those that cannot.

    Either its files are in a folder that may hold those of others, or its model is registered, so that the registered
    version would lose its files.
    """
    found: dict[str, FitboardError] = {}
    for version in _versions(store, list(folders)):
        found[version.run_id] = ConfigError(
            f"The model of run {short_id(version.run_id)} is registered as {cut(version.name, 60)!r}, version "
            f"{version.version}; delete that version first."
        )
    for run_id, each in folders.items():
        try:
            for folder in each:
                refuse_shared(folder)
        except StoreError as error:
            found[run_id] = error
    return found


def size_of(store: "Store", folders: Iterable[ArtifactFolder]) -> Size:
    """Return the size of all files in the folders.

    Raises:
        StoreError: a folder cannot be read.
    """
    return reduce(Size.plus, (folder_size(folder, store.tracking_uri) for folder in folders), Size())


def remove_run(store: "Store", run: Run, folders: Sequence[ArtifactFolder]) -> None:
    """Remove a deleted run: first the files, so that what is interrupted can be repeated, then the rows.

    In a store that is an MLflow server, its rows stay, see `SERVER_KEEPS`.

    Args:
        store: the store.
        run: the run, for which `refusals` has found nothing.
        folders: what `folders_of` found for it.

    Raises:
        ConfigError: the run is not deleted.
        StoreError: its files cannot be removed.
    """
    if not run.deleted:
        raise ConfigError(f"{run.short_title} is not deleted; delete it first.")
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


def _models(store: "Store", runs: Sequence[Run]) -> Iterator[tuple[str, ArtifactFolder]]:
    """Yield the id of a run and the folder of a logged model of it."""
    if store.is_server:
        for run in runs:
            with mlflow_errors(store.tracking_uri):
                asked = f"source_run_id = '{run.run_id}'"
                models = store.client.search_logged_models([run.experiment_id], filter_string=asked)
            yield from ((run.run_id, ArtifactFolder(each.model_id, each.artifact_location)) for each in models)
        return
    from trainer.tracking.read.tables import logged_models

    # Read from the table, since MLflow's search leaves out models that are marked as deleted.
    with database_errors(store.tracking_uri), _engine(store).connect() as connection:
        for chunk in _chunks([run.run_id for run in runs]):
            wanted = logged_models.select().where(logged_models.c.source_run_id.in_(chunk))
            rows = connection.execute(wanted.order_by(logged_models.c.model_id)).all()
            yield from ((row.source_run_id, ArtifactFolder(row.model_id, row.artifact_location)) for row in rows)


def _versions(store: "Store", run_ids: Sequence[str]) -> Iterator[Any]:
    """Yield the registered versions of models of these runs."""
    for chunk in _chunks([run_id for run_id in run_ids if run_id.isalnum()]):
        listed = ", ".join(f"'{run_id}'" for run_id in chunk)
        with mlflow_errors(store.tracking_uri):
            found = store.client.search_model_versions(f"run_id IN ({listed})", max_results=_MOST_VERSIONS)
        yield from found


def _chunks(run_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (run_ids[start : start + _AT_ONCE] for start in range(0, len(run_ids), _AT_ONCE))


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
        raise ConfigError("The run was restored or deleted in the meantime; look at its status and try again.")
