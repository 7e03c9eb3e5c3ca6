"""Detect whether a dataset's file has changed since it was read, without reading it again."""

from trainer.config import DatasetConfig, FileDataset
from trainer.data.keras_sets import KERAS_SETS, kept_file
from trainer.data.sources.file import find_file, state_to_keep
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["data_stamp"]


def data_stamp(dataset: DatasetConfig, *, home: Home) -> tuple[int, ...]:
    """Return the device, inode, size and times of a dataset's file; equal stamps mean equal content.

    Returns an empty tuple for a dataset without a file of its own, and if the file does not exist.
    """
    try:
        if isinstance(dataset, FileDataset):
            return tuple(state_to_keep(find_file(dataset.path, home)))
        return tuple(state_to_keep(kept_file(dataset.kind, home))) if dataset.kind in KERAS_SETS else ()
    except (OSError, DataError):
        return ()
