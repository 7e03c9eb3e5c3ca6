"""SQLite stores as other versions of MLflow write them."""

import sqlite3
from pathlib import Path

__all__ = ["LATER", "OLD_SCHEMA", "older_store", "stamp"]

OLD_SCHEMA = "0584bdc529eb"
"""MLflow 2.22's."""
LATER = "ffffffffffff"
"""A schema that no MLflow has yet."""


def older_store(file: Path, schema: str = OLD_SCHEMA) -> str:
    """Create a store with one run by MLflow's migrations up to a schema; return the run's id."""
    from alembic import command
    from mlflow.store.db.utils import _get_alembic_config
    from mlflow.store.tracking.dbmodels.initial_models import Base
    from sqlalchemy import create_engine

    uri = f"sqlite:///{file}"
    engine = create_engine(uri)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        settings = _get_alembic_config(uri)
        settings.attributes["connection"] = connection
        command.upgrade(settings, schema)
    engine.dispose()
    run_id = "0123456789abcdef" * 2
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO experiments VALUES (0, 'Default', '/nowhere', 'active', 1, 1)")
        connection.execute(
            "INSERT INTO runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, "
            "experiment_id) VALUES (?, 'old', 'me', 'FINISHED', 1, 2, 'active', '/nowhere', 0)",
            [run_id],
        )
    connection.close()
    return run_id


def stamp(file: Path, schema: str) -> None:
    """Give a store another schema version, without changing its tables."""
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [schema])
    connection.close()
