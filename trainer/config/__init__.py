"""What a run is: the config's schema, its text, its identity. Pure: no TensorFlow, no MLflow."""

from trainer.config.complaints import complaints, sentence
from trainer.config.config import Config
from trainer.config.datasets import DATASETS, DatasetConfig, Npz
from trainer.config.differences import Difference, brief, differences
from trainer.config.families import FAMILIES, family_of_field
from trainer.config.fields import FieldKind, FieldSpec, describe
from trainer.config.layers import LAYERS, Layer
from trainer.config.losses import LOSSES, Labels, Loss
from trainer.config.metrics import METRICS, METRICS_BY_LOGGED_NAME, Metric, logged_names
from trainer.config.optimizers import OPTIMIZERS, Optimizer
from trainer.config.part import Family, Part, nearest
from trainer.config.recipes import RECIPES, Recipe, find_recipe
from trainer.config.settings import with_settings
from trainer.config.text import dump_config, load_config, parse_config, read_mapping, read_value

__all__ = [
    "DATASETS",
    "FAMILIES",
    "LAYERS",
    "LOSSES",
    "METRICS",
    "METRICS_BY_LOGGED_NAME",
    "OPTIMIZERS",
    "RECIPES",
    "Config",
    "DatasetConfig",
    "Difference",
    "Family",
    "FieldKind",
    "FieldSpec",
    "Labels",
    "Layer",
    "Loss",
    "Metric",
    "Npz",
    "Optimizer",
    "Part",
    "Recipe",
    "brief",
    "complaints",
    "describe",
    "differences",
    "dump_config",
    "family_of_field",
    "find_recipe",
    "load_config",
    "logged_names",
    "nearest",
    "parse_config",
    "read_mapping",
    "read_value",
    "sentence",
    "with_settings",
]
