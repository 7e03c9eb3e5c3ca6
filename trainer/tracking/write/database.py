"""Create and check a database store. MLflow alone would retry a bad one for minutes, and upgrade an older one."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from trainer.errors import ResourceError
from trainer.home import sqlite_uri
from trainer.tracking.errors import database_errors, database_url, mlflow_errors
from trainer.tracking.mlflow_settings import load_mlflow, quieten
from trainer.tracking.schema import has_tables

__all__ = ["prepare_database", "probe", "sqlite_file"]

# Any number that other programs do not lock in the same database.
_LOCK = 7_342_891_116_501


def sqlite_file(uri: str) -> Path | None:
    """Return the file of an SQLite store, or None for any other store."""
    url = database_url(uri)
    return Path(url.database).absolute() if url.drivername.startswith("sqlite") and url.database else None


def probe(uri: str) -> bool:
    """Return whether the database has MLflow's tables, or False where there are none yet.

    Raises:
        StoreUnreachableError: it does not answer.
        StoreError: it is damaged, or another version of MLflow or another program made its tables.
    """
    from sqlalchemy import NullPool, create_engine

    file = sqlite_file(uri)
    if file is not None and not file.exists():
        return False
    with database_errors(uri), create_engine(uri, poolclass=NullPool).connect() as connection:
        return has_tables(connection, uri)


def prepare_database(uri: str, artifact_root: str) -> None:
    """Create MLflow's tables where there are none.

    Raises:
        StoreUnreachableError: it does not respond.
        StoreError: another version of MLflow or another program made the tables.
        ResourceError: the file cannot be written.
    """
    load_mlflow()
    with _alone(uri):
        _prepare(uri, artifact_root)


@contextmanager
def _alone(uri: str) -> Iterator[None]:
    """Let others who prepare the same PostgreSQL database wait, since MLflow cannot create its tables twice at once."""
    if not database_url(uri).drivername.startswith("postgresql"):
        yield
        return
    from sqlalchemy import NullPool, create_engine, text

    engine = create_engine(uri, poolclass=NullPool)
    with ExitStack() as held:
        with database_errors(uri):
            connection = held.enter_context(engine.connect())
            # Released with the connection, however this process ends.
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        yield


def _prepare(uri: str, artifact_root: str) -> None:
    file = sqlite_file(uri)
    has_any = probe(uri)
    if not has_any and file is not None and not (file.exists() and file.stat().st_size):
        _make_file(uri, file, artifact_root)
        return
    with mlflow_errors(uri):
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        quieten()
        SqlAlchemyStore(uri, artifact_root).engine.dispose()


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
