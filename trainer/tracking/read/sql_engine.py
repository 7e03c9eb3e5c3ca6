"""Connections to MLflow's database, for reading only."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, event, select

from trainer.tracking.read.search import fold
from trainer.tracking.read.sql_kept import KEPT, kept_number
from trainer.tracking.read.sql_words import FOLD
from trainer.tracking.read.stored import stored_text
from trainer.tracking.read.tables import runs

__all__ = ["server_engine", "sqlite_engine", "undo_half_write", "uri_of"]

_PATIENCE_SECONDS = 5


def undo_half_write(file: Path) -> None:
    """Let SQLite roll back a write interrupted by a crash or a full disk; until then, no reader can read.

    Any connection that may write does it as it reads; ours may not write.
    """
    engine = create_engine(_address(file, "rw"), poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS})
    with engine.connect() as connection:
        connection.execute(select(runs.c.run_uuid).limit(1)).all()


def sqlite_engine(file: Path) -> Engine:
    """Create a read-only engine with a new connection each time, since the file may be replaced meanwhile."""
    engine = create_engine(_address(file, "ro"), poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS})

    @event.listens_for(engine, "connect")
    def define(connection: Any, _record: Any) -> None:
        # By default sqlite3 raises an error for text that is not UTF-8, which other programs may have stored.
        connection.text_factory = stored_text
        connection.create_function(FOLD, 1, _folded, deterministic=True)
        connection.create_function(KEPT, 3, kept_number, deterministic=True)

    return engine


# Most runs share their texts that are not ASCII, such as the line of their layers.
@lru_cache(maxsize=4096)
def _folded(text: object) -> str:
    return fold(stored_text(text))


def uri_of(file: Path) -> str:
    """Return the file as an SQLite URI that opens it for reading only."""
    return f"{file.as_uri()}?mode=ro"


def _address(file: Path, mode: str) -> URL:
    return URL.create("sqlite", database=file.as_uri(), query={"mode": mode, "uri": "true"})


def server_engine(uri: str) -> Engine:
    """Create an engine for a database server, read-only where that can be asked for."""
    engine = create_engine(uri, pool_pre_ping=True, pool_size=2, pool_recycle=600)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(postgresql_readonly=True)

        @event.listens_for(engine, "do_connect")
        def limit(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
            options.setdefault("connect_timeout", _PATIENCE_SECONDS)

    return engine
