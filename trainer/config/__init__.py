"""The config of a run: its schema, its YAML and its digests. Imports neither TensorFlow nor MLflow."""

from trainer.config.component import Component, Registry, nearest
from trainer.config.config import Config, Vary
from trainer.config.datasets import DATASETS, DatasetConfig, FileDataset, Npz
from trainer.config.differences import AlignedLayer, LayerChange, aligned_layers, brief, differences
from trainer.config.fields import FieldKind, FieldSpec, describe
from trainer.config.layers import LAYER_GROUPS, LAYERS, Layer
from trainer.config.losses import LOSSES, Labels, Loss
from trainer.config.metrics import METRICS, METRICS_BY_LOGGED_NAME, Metric, logged_names
from trainer.config.metrics.names import MeasuredPart, MetricName
from trainer.config.metrics.ranking import UNTOLD, Directions, main_metrics, ranked_metrics
from trainer.config.optimizers import OPTIMIZERS, Optimizer
from trainer.config.overrides import with_overrides
from trainer.config.recipes import RECIPES, Recipe, find_recipe
from trainer.config.registry import REGISTRIES, registry_of_field
from trainer.config.remedy import FailureKind, Remedy, failure_kind, remedy
from trainer.config.serialization import dump_config, dump_fields, load_config, parse_config, read_mapping, read_value
from trainer.config.validation_messages import validation_messages
from trainer.config.weights import FileWeights, RunWeights, StartWeights

__all__ = [
    "DATASETS",
    "LAYERS",
    "LAYER_GROUPS",
    "LOSSES",
    "METRICS",
    "METRICS_BY_LOGGED_NAME",
    "OPTIMIZERS",
    "RECIPES",
    "REGISTRIES",
    "UNTOLD",
    "AlignedLayer",
    "Component",
    "Config",
    "DatasetConfig",
    "Directions",
    "FailureKind",
    "FieldKind",
    "FieldSpec",
    "FileDataset",
    "FileWeights",
    "Labels",
    "Layer",
    "LayerChange",
    "Loss",
    "MeasuredPart",
    "Metric",
    "MetricName",
    "Npz",
    "Optimizer",
    "Recipe",
    "Registry",
    "Remedy",
    "RunWeights",
    "StartWeights",
    "Vary",
    "aligned_layers",
    "brief",
    "describe",
    "differences",
    "dump_config",
    "dump_fields",
    "failure_kind",
    "find_recipe",
    "load_config",
    "logged_names",
    "main_metrics",
    "nearest",
    "parse_config",
    "ranked_metrics",
    "read_mapping",
    "read_value",
    "registry_of_field",
    "remedy",
    "validation_messages",
    "with_overrides",
]
