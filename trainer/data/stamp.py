"""Whether the file of a data set is still the one that was read, without reading it again."""

from trainer.config import DatasetConfig, Npz
from trainer.data.keras_sets import KERAS_SETS, kept_file
from trainer.data.npz import find_file
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["data_stamp"]


def data_stamp(dataset: DatasetConfig, *, home: Home) -> tuple[int, ...]:
    """Device, inode, size and times of a data set's file; equal stamps mean the same bytes.

    Empty for a data set that is part of a package, and where there is no file.
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
