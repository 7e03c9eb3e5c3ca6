"""Load datasets by name: their arrays, schema and digest. Imports neither TensorFlow nor scikit-learn."""

from trainer.data.chosen import samples_at
from trainer.data.downloads import store_download
from trainer.data.keras_sets import offline_names
from trainer.data.loading import Splits, load
from trainer.data.previews import Preview, preview
from trainer.data.registry import catalogue, changed_at, describe, is_available, is_split
from trainer.data.schema import Kind, Schema, Task
from trainer.data.source import Arrays
from trainer.data.uploads import keep_pictures, keep_table, keep_upload
from trainer.data.words import kept_words, store_words, words_by_token

__all__ = [
    "Arrays",
    "Kind",
    "Preview",
    "Schema",
    "Splits",
    "Task",
    "catalogue",
    "changed_at",
    "describe",
    "is_available",
    "is_split",
    "keep_pictures",
    "keep_table",
    "keep_upload",
    "kept_words",
    "load",
    "offline_names",
    "preview",
    "samples_at",
    "store_download",
    "store_words",
    "words_by_token",
]
