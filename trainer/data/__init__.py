"""A data set's name to its arrays, schema and digest. Loads no TensorFlow, no scikit-learn."""

from trainer.data.loading import Splits, load
from trainer.data.registry import describe, is_available, offline_names
from trainer.data.schema import Kind, Schema, Task
from trainer.data.source import Arrays

__all__ = ["Arrays", "Kind", "Schema", "Splits", "Task", "describe", "is_available", "load", "offline_names"]
