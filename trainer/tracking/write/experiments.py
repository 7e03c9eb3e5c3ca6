"""Create experiments, and move runs between them."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trainer.errors import ConfigError, StoreError
from trainer.format import cut
from trainer.tracking.errors import database_errors
from trainer.tracking.run import Run
from trainer.tracking.write.annotations import checked_name

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from trainer.tracking.write.store import Store

__all__ = ["create_experiment", "move_run", "refuse_move"]


def create_experiment(store: "Store", name: str) -> str:
    """Create an experiment and return its id; one of this name that is deleted is restored.

    Raises:
        ConfigError: the name is empty or too long, or there is such an experiment.
    """
    chosen = checked_name(name)
    if any(each.name == chosen for each in store.reader.experiments()):
        raise ConfigError(f"Experiment {cut(chosen, 60)!r} already exists; choose another name.")
    return store.experiment_id(chosen)


def move_run(store: "Store", run: Run, experiment_id: str) -> None:
    """Move an ended run to another experiment; its id, numbers and files stay as and where they are.

    MLflow has no request for it, so the rows of the store's database are changed, in one transaction.

    Raises:
        ConfigError: the run is deleted or has not ended.
        StoreError: the store is an MLflow server.
    """
    refuse_move(store, run)
    if run.experiment_id == experiment_id:
        return
    store.prepare()
    from mlflow.store.tracking.dbmodels.models import Base
    from sqlalchemy import NullPool, create_engine

    with database_errors(store.tracking_uri):
        engine = create_engine(store.tracking_uri, poolclass=NullPool)
        with engine.begin() as connection:
            _move(connection, Base.metadata.tables, run.run_id, int(experiment_id))


def refuse_move(store: "Store", run: Run) -> None:
    """Refuse to move a run that `move_run` cannot move.

    Raises:
        ConfigError: the run is deleted or has not ended.
        StoreError: the store is an MLflow server.
    """
    if store.is_server:
        raise StoreError(
            "An MLflow server cannot move runs to another experiment; open its database with --tracking-uri to do it."
        )
    if run.deleted:
        raise ConfigError(f"{run.short_title} is deleted; restore it first.")
    if not run.status.ended:
        raise ConfigError(f"{run.short_title} has not ended yet; stop it first.")


def _move(connection: "Connection", tables: "Mapping[str, Table]", run_id: str, target: int) -> None:
    """Change the experiment of a run, of its logged models, and of the datasets that it used."""
    runs, models = tables["runs"], tables["logged_models"]
    # Again, since the run may have been deleted or resumed since it was read.
    is_at_rest = runs.c.lifecycle_stage.in_(["active"]) & runs.c.status.in_(["FINISHED", "FAILED", "KILLED"])
    here = runs.c.run_uuid == run_id
    moved = connection.execute(runs.update().where(here & is_at_rest).values(experiment_id=target))
    if moved.rowcount != 1:
        raise ConfigError("The run was changed in the meantime; look at its status and try again.")
    own = [row.model_id for row in connection.execute(models.select().where(models.c.source_run_id == run_id))]
    for name in ("logged_models", "logged_model_params", "logged_model_tags"):
        table = tables[name]
        connection.execute(table.update().where(table.c.model_id.in_(own)).values(experiment_id=target))
    metrics = tables["logged_model_metrics"]
    connection.execute(metrics.update().where(metrics.c.run_id == run_id).values(experiment_id=target))
    _move_datasets(connection, tables, run_id, target)


def _move_datasets(connection: "Connection", tables: "Mapping[str, Table]", run_id: str, target: int) -> None:
    """Refer to the same datasets in the other experiment, since MLflow deletes those of an experiment with it."""
    datasets, inputs = tables["datasets"], tables["inputs"]
    used = (inputs.c.destination_id == run_id) & (inputs.c.source_type == "DATASET")
    for row in connection.execute(inputs.select().where(used)).all():
        for found in connection.execute(datasets.select().where(datasets.c.dataset_uuid == row.source_id)).all():
            there = _dataset_there(connection, datasets, dict(found._mapping), target)
            here = used & (inputs.c.source_id == row.source_id)
            connection.execute(inputs.update().where(here).values(source_id=there))


def _dataset_there(connection: "Connection", datasets: "Table", found: dict[str, Any], target: int) -> str:
    """Return the id of the same dataset in the other experiment, where it is added if there is none."""
    same = (datasets.c.name == found["name"]) & (datasets.c.digest == found["digest"])
    known = connection.execute(datasets.select().where(same & (datasets.c.experiment_id == target))).first()
    if known is not None:
        return str(known.dataset_uuid)
    made = uuid.uuid4().hex
    connection.execute(datasets.insert().values({**found, "dataset_uuid": made, "experiment_id": target}))
    return made
