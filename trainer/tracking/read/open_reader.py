"""Open the reader that matches a tracking URI."""

from trainer.errors import StoreError
from trainer.tracking.address import masked
from trainer.tracking.reader import RunReader

__all__ = ["open_reader"]

_DATABASES = ("sqlite", "postgresql", "mysql")


def open_reader(tracking_uri: str) -> RunReader:
    """Return a reader of the store, without connecting yet.

    Raises:
        StoreError: the address is of no kind that can be read.
    """
    scheme = tracking_uri.partition(":")[0].partition("+")[0].lower()
    if scheme in _DATABASES:
        from trainer.tracking.read.sql_reader import SqlReader

        return SqlReader(tracking_uri)
    if scheme in {"http", "https"}:
        from trainer.tracking.read.rest_reader import RestReader

        return RestReader(tracking_uri)
    raise StoreError(
        f"{masked(tracking_uri)!r} is not a supported tracking URI; "
        "expected sqlite:///file, postgresql://… or http(s)://…."
    )
