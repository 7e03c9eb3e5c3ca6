"""Create, upgrade and check a database store; MLflow alone would retry a bad one for minutes."""

import os
import shutil
import stat
from pathlib import Path
from typing import Any

from trainer.errors import ResourceError, StoreError
from trainer.home import sqlite_uri
from trainer.tracking.address import masked
from trainer.tracking.errors import database_errors, database_url, mlflow_errors
from trainer.tracking.mlflow_settings import load_mlflow, quieten

__all__ = ["prepare_database", "probe", "sqlite_file"]


def sqlite_file(uri: str) -> Path | None:
    """Return the file of an SQLite store, or None for any other store."""
    url = database_url(uri)
    return Path(url.database).absolute() if url.drivername.startswith("sqlite") and url.database else None


def probe(uri: str) -> str | None:
    """Return the revision of the database's tables, or None where there are none yet.

    Raises:
        StoreUnreachableError: it does not answer.
        StoreError: it is damaged.
    """
    from sqlalchemy import NullPool, create_engine, inspect, text

    file = sqlite_file(uri)
    if file is not None and not file.exists():
        return None
    with database_errors(uri):
        engine = create_engine(uri, poolclass=NullPool)
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def prepare_database(uri: str, artifact_root: str) -> None:
    """Create MLflow's tables where there are none, and brings those of an older MLflow up to date in SQLite.

    Raises:
        StoreError: a newer MLflow made it, or an older one and it is not SQLite.
        ResourceError: the file cannot be written.
    """
    load_mlflow()
    file = sqlite_file(uri)
    revision = probe(uri)
    if file is not None and revision is None and not (file.exists() and file.stat().st_size):
        _make_file(uri, file, artifact_root)
        return
    if revision is not None:
        _check_revision(uri, file, revision)
    with mlflow_errors(uri):
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        quieten()
        SqlAlchemyStore(uri, artifact_root)


def _make_file(uri: str, file: Path, artifact_root: str) -> None:
    """Create the store under a temporary name first, so that no reader sees it half-created."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    quieten()
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            f"The store's folder {file.parent} cannot be created ({error.strerror}); choose another store."
        ) from error
    try:
        with mlflow_errors(uri):
            SqlAlchemyStore(sqlite_uri(draft), artifact_root).engine.dispose()
        # Configs and error messages in a store may be private, and SQLite creates files by the umask.
        draft.chmod(stat.S_IRUSR | stat.S_IWUSR)
        if file.exists() and not file.stat().st_size:
            file.unlink()
        # Unlike a rename, a link fails if another process has created the store meanwhile.
        os.link(draft, file)
    except FileExistsError:
        pass
    except OSError as error:
        raise ResourceError(
            f"The store's file {file} cannot be written ({error.strerror}); choose another store."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _check_revision(uri: str, file: Path | None, revision: str) -> None:
    scripts = _migrations()
    if revision == scripts.get_current_head():
        return
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"The store {masked(uri)} was created by a newer MLflow (schema {revision}); "
            "upgrade the installed MLflow, or give another store with --tracking-uri."
        )
    if file is None:
        raise StoreError(
            f"The store {masked(uri)} was created by an older MLflow; run `mlflow db upgrade` on it first."
        )
    _upgrade(uri, file, revision)


def _migrations() -> Any:
    from alembic.script import ScriptDirectory
    from mlflow.store.db.utils import _get_alembic_config

    return ScriptDirectory.from_config(_get_alembic_config(""))


def _upgrade(uri: str, file: Path, revision: str) -> None:
    """Keep a copy beside the store, because MLflow's migrations cannot be undone."""
    from mlflow.store.db.utils import _upgrade_db
    from sqlalchemy import create_engine

    quieten()
    try:
        shutil.copy2(file, file.with_name(f"{file.name}.before-{revision}"))
    except OSError as error:
        raise ResourceError(
            f"The store {file} cannot be copied before its upgrade ({error.strerror}); "
            "free disk space, or make its folder writable."
        ) from error
    with mlflow_errors(uri):
        _upgrade_db(create_engine(uri))
