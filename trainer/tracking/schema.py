"""The schema of a store's tables, compared with the installed MLflow's. No store is changed here."""

import functools
import importlib.util
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import StoreError
from trainer.tracking.address import masked

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["has_tables", "installed_schemas", "written_by"]

_REVISION = re.compile(r"""^(revision|down_revision) = (?:["'](\w+)["']|None)""", re.MULTILINE)
# Every MLflow has these; a database that has them without a schema was written before MLflow 1.0.
_ALWAYS = {"experiments", "runs"}
_NAMED_TABLES = 3
# The last schema of some releases, as their migrations have it, oldest first.
_LAST_SCHEMAS = (
    ("1.30", "97727af70f4d"),
    ("2.9", "acf3f17fdcc7"),
    ("2.16", "4465047574b1"),
    ("2.22", "0584bdc529eb"),
    ("3.1", "bda7b8c39065"),
    ("3.5", "bf29a5ff90ea"),
    ("3.9", "d3e4f5a6b7c8"),
    ("3.12", "7d34483879f0"),
    ("3.17", "dc11669786a5"),
)


def has_tables(connection: "Connection", uri: str) -> bool:
    """Return whether the tables are those of the installed MLflow; False if there are no tables yet.

    Raises:
        StoreError: another version of MLflow made the tables, or another program.
    """
    found, tables = _found(connection)
    if found is not None and found == installed_schemas()[-1]:
        return True
    tables = tables or _tables(connection)
    if tables >= _ALWAYS:
        raise _other_schema(uri, found)
    others = sorted(tables - {"alembic_version"})
    # A database on a server may hold the tables of several programs; a file is one program's.
    if others and connection.dialect.name == "sqlite":
        raise StoreError(
            f"The store {masked(uri)} is a database of another program (with the tables "
            f"{', '.join(others[:_NAMED_TABLES])}); give an MLflow store with --tracking-uri."
        )
    return False


def _found(connection: "Connection") -> tuple[str | None, set[str]]:
    """Return the schema, or None with the tables that there are."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError, ProgrammingError

    try:
        # Without looking for the table first: this is asked of every new connection.
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar(), set()
    except (OperationalError, ProgrammingError):
        connection.rollback()
        tables = _tables(connection)
        if "alembic_version" in tables:
            raise
        return None, tables


def _tables(connection: "Connection") -> set[str]:
    from sqlalchemy import inspect

    return set(inspect(connection).get_table_names())


@functools.cache
def installed_schemas() -> tuple[str, ...]:
    """Return the schemas that the installed MLflow knows, oldest first, without importing it, which takes seconds."""
    spec = importlib.util.find_spec("mlflow")
    following: dict[str, str] = {}
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in Path(folder, "store", "db_migrations", "versions").glob("*.py"):
            named = dict(_REVISION.findall(file.read_text(encoding="utf-8")))
            if "revision" in named:
                following[named["down_revision"]] = named["revision"]
    known = [""]
    while known[-1] in following:
        known.append(following[known[-1]])
    return tuple(known[1:])


def written_by(schema: str | None) -> str:
    """Return which MLflow made tables of this schema, as closely as that is known; empty if only a newer one can have.

    Args:
        schema: the revision in `alembic_version`; None for tables that have none.
    """
    if schema is None:
        return "an MLflow before 1.0"
    known = installed_schemas()
    if schema not in known:
        return ""
    after = "1.0"
    for release, last in _LAST_SCHEMAS:
        if schema == last:
            return f"MLflow {release} or a release close to it"
        if last in known and known.index(schema) < known.index(last):
            return f"an MLflow between {after} and {release}"
        after = release
    return f"an MLflow after {after}"


def _other_schema(uri: str, found: str | None) -> StoreError:
    own = f"MLflow {version('mlflow')}"
    expected = installed_schemas()[-1]
    writer = written_by(found)
    if not writer:
        return StoreError(
            f"The store {masked(uri)} has schema {found}, which {own} does not know (it expects {expected}), so a "
            "newer MLflow wrote it; upgrade Fitboard and MLflow, or use another store with --tracking-uri."
        )
    schema = f"schema {found}" if found else "no schema"
    return StoreError(
        f"The store {masked(uri)} was written by {writer} ({schema}), but {own} expects schema {expected}; "
        f"back it up and run `mlflow db upgrade {masked(uri)}`, or use another store with --tracking-uri."
    )
