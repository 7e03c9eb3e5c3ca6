"""Translate the errors of MLflow and of databases into sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trainer.errors import RunNotFoundError, StoreError, StoreUnreachableError
from trainer.tracking.address import masked, without_secrets
from trainer.tracking.mlflow_settings import load_mlflow
from trainer.tracking.storage_errors import storage_errors

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["database_errors", "database_url", "is_half_written", "lost_tables", "mlflow_errors"]

# Parts of drivers' messages for temporary failures; SQLAlchemy's OperationalError covers lasting ones too.
_NOT_NOW = (
    "locked",
    "busy",
    "connection",
    "connect",
    "timeout",
    "timed out",
    "refused",
    "server closed",
    "unable to open",
    "disk",
)

# SQLite's words for a full disk, and those of the system, which PostgreSQL quotes.
_FULL = ("database or disk is full", "no space left on device", "disk quota exceeded")


@contextmanager
def database_errors(uri: str) -> Iterator[None]:
    """Translate SQLAlchemy's errors.

    Raises:
        StoreUnreachableError: the database is locked, does not answer, or its disk is full.
        StoreError: it is no MLflow store, or is damaged, or its driver is missing.
    """
    from sqlalchemy import exc

    try:
        yield
    except (ModuleNotFoundError, exc.NoSuchModuleError) as error:
        raise _missing_driver(uri, error) from error
    except exc.ArgumentError as error:
        raise _no_address(uri) from error
    except exc.SQLAlchemyError as error:
        raise _of_database(uri, error) from error


def database_url(uri: str) -> "URL":
    """Parse the URI of a database or another store.

    Raises:
        StoreError: it is no address.
    """
    from sqlalchemy import make_url

    with database_errors(uri):
        try:
            return make_url(uri)
        except ValueError:
            raise _no_address(uri) from None  # the error quotes the port, which may be the end of a password


def _no_address(uri: str) -> StoreError:
    return StoreError(
        f"{masked(uri)!r} is not a valid tracking URI; expected sqlite:///file, postgresql://… or http(s)://…, "
        "with @ : / ? # in a password written as %40 %3A %2F %3F %23."
    )


def _missing_driver(uri: str, error: Exception) -> StoreError:
    extra = "fitboard[postgresql]" if uri.startswith("postgresql") else "the driver of this database"
    return StoreError(f"The store {masked(uri)} requires a package that is not installed ({error}); install {extra}.")


def _of_database(uri: str, error: Exception) -> StoreError:
    cause = without_secrets(str(getattr(error, "orig", None) or error).strip().splitlines()[0], uri)
    if is_half_written(error):
        return StoreUnreachableError(
            f"The store {masked(uri)} does not respond: an interrupted write has not been rolled back ({cause}). "
            "Run `fitboard up`, or make the store's file writable."
        )
    lowered = cause.lower()
    if _is_full(cause):
        return _full_disk(uri, cause)
    if 'database "' in lowered and "does not exist" in lowered:
        return StoreError(f"The database of the store {masked(uri)} does not exist; create it, or give another store.")
    if "authentication failed" in lowered:
        return StoreError(f"The store {masked(uri)} refused the login ({cause}); check its user name and password.")
    if "no such column" in lowered or "no such table" in lowered or "does not exist" in lowered:
        return StoreError(
            f"The store {masked(uri)} is missing some of MLflow's tables or columns ({cause}); restore it from a "
            "backup, or give another store with --tracking-uri."
        )
    if any(word in lowered for word in _NOT_NOW):
        return StoreUnreachableError(
            f"The store {masked(uri)} does not respond ({cause}); check that its database is available and try again."
        )
    return StoreError(
        f"The store {masked(uri)} cannot be read ({cause}); "
        "check the database, or give another store with --tracking-uri."
    )


def _is_full(cause: str) -> bool:
    return any(words in cause.lower() for words in _FULL)


def _full_disk(uri: str, cause: str) -> StoreUnreachableError:
    words = next(words for words in _FULL if words in cause.lower())
    # Once there is room, waiting runs go on, as they do when a store responds again.
    return StoreUnreachableError(
        f"The disk of the store {masked(uri)} is full ({words}), so nothing can be written; free disk space and try "
        "again."
    )


def is_half_written(error: Exception) -> bool:
    """Return whether SQLite cannot read because an interrupted write needs a rollback, which a reader may not do."""
    return getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_READONLY_ROLLBACK"


def lost_tables(uri: str) -> StoreUnreachableError:
    """Return the error of a store whose file or tables were deleted while Fitboard was running."""
    return StoreUnreachableError(
        f"The runs of the store {masked(uri)} have disappeared: its file or its tables were deleted. Restore them from "
        "a backup, or restart Fitboard to begin with an empty store."
    )


@contextmanager
def mlflow_errors(uri: str) -> Iterator[None]:
    """Translate the errors of MLflow, and of the storage of artifacts that it uses.

    Raises:
        RunNotFoundError: there is no such run.
        StoreUnreachableError: the store or the storage does not answer, is too busy, or its disk is full.
        StoreError: MLflow refuses, for example since the run is deleted, or a text holds half a character.
    """
    load_mlflow()
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        with database_errors(uri), storage_errors():
            yield
    except MlflowException as error:
        raise _of_mlflow(uri, error) from error
    except RequestException as error:
        raise StoreUnreachableError(
            f"The store {masked(uri)} does not respond; check that its MLflow server is running."
        ) from error
    except UnicodeError as error:
        raise StoreError(f"The text cannot be stored ({error}); remove the invalid characters.") from error
    except OSError as error:
        cause = without_secrets(str(error), uri)
        if _is_full(cause):
            raise _full_disk(uri, cause) from error
        raise StoreUnreachableError(
            f"A file of the store {masked(uri)} cannot be used ({cause}); "
            "check its permissions and the free disk space."
        ) from error


def _of_mlflow(uri: str, error: Exception) -> StoreError | RunNotFoundError:
    code = str(getattr(error, "error_code", ""))
    text = str(error).strip()
    line = without_secrets((text.splitlines() or [type(error).__name__])[0], uri)[:300]
    if "out-of-date database schema" in text or "Can't locate revision" in text:
        return StoreError(
            f"The store {masked(uri)} was created by another version of MLflow; use that version, give another store "
            "with --tracking-uri, or upgrade an older store with `mlflow db upgrade`."
        )
    if code == "RESOURCE_DOES_NOT_EXIST" and "run" in line.lower():
        return RunNotFoundError(f"Run not found in the store {masked(uri)} ({line}).")
    # What MLflow quotes of SQLAlchemy may begin with another line, and ends with what was to be written.
    told = text.partition("[SQL:")[0]
    if _is_full(told):
        return _full_disk(uri, told)
    if code in {"TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED"} or _is_connection(text):
        return StoreUnreachableError(
            f"The store {masked(uri)} does not respond; check that its MLflow server or database is running."
        )
    return StoreError(f"The store {masked(uri)} refused the request: {line}")


def _is_connection(text: str) -> bool:
    signs = ("Max retries exceeded", "Connection refused", "Connection aborted", "Read timed out", "error code 50")
    return any(sign in text for sign in signs)
