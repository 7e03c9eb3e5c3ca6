"""Detect whether a dataset's file has changed since it was read, without reading it again."""

from trainer.config import DatasetConfig, Npz
from trainer.data.keras_sets import KERAS_SETS, kept_file
from trainer.data.npz import find_file
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["data_stamp"]


def data_stamp(dataset: DatasetConfig, *, home: Home) -> tuple[int, ...]:
    """Return the device, inode, size and times of a dataset's file; equal stamps mean equal content.

    Returns an empty tuple for a dataset without a file of its own, and if the file does not exist.
    """
    try:
        if isinstance(dataset, Npz):
            status = find_file(dataset.path, home).stat()
        elif dataset.kind in KERAS_SETS:
            status = kept_file(dataset.kind, home).stat()
        else:
            return ()
    except (OSError, DataError):
        return ()
    # A program can set a file's mtime back, but not its ctime.
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
