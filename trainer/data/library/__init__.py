"""Datasets that a home keeps under names: fields of the config, versions of the file, and copies."""

from trainer.data.library.arrivals import Arrival
from trainer.data.library.changes import changes
from trainer.data.library.copies import Progress, keep_copy
from trainer.data.library.entry import Entry, Version, version_of
from trainer.data.library.frames import keep_frame
from trainer.data.library.keeping import keep_dataset
from trainer.data.library.library import Library, State, check_name

__all__ = [
    "Arrival",
    "Entry",
    "Library",
    "Progress",
    "State",
    "Version",
    "changes",
    "check_name",
    "keep_copy",
    "keep_dataset",
    "keep_frame",
    "version_of",
]
