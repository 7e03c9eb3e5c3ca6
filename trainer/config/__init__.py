"""What a run is: the config's schema, its text, its identity. Pure: no TensorFlow, no MLflow."""

from trainer.config.complaints import complaints, sentence
from trainer.config.config import Config
from trainer.config.datasets import DATASETS, DatasetConfig, Npz
from trainer.config.families import FAMILIES, family_of_field
from trainer.config.fields import FieldKind, FieldSpec, describe
from trainer.config.layers import LAYERS, Layer
from trainer.config.losses import LOSSES, Labels, Loss
from trainer.config.metrics import METRICS, Metric
from trainer.config.optimizers import OPTIMIZERS, Optimizer
from trainer.config.part import Family, Part, nearest
from trainer.config.text import dump_config, load_config, parse_config, read_mapping

__all__ = [
    "DATASETS",
    "FAMILIES",
    "LAYERS",
    "LOSSES",
    "METRICS",
    "OPTIMIZERS",
    "Config",
    "DatasetConfig",
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
    "complaints",
    "describe",
    "dump_config",
    "family_of_field",
    "load_config",
    "nearest",
    "parse_config",
    "read_mapping",
    "sentence",
]
