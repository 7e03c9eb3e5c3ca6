"""Every registry of components, by the field that holds its members."""

from collections.abc import Iterable, Mapping

from trainer.config.augmentations import AUGMENTATIONS
from trainer.config.callbacks import CALLBACKS
from trainer.config.component import Registry
from trainer.config.datasets import DATASETS
from trainer.config.initializers import INITIALIZERS
from trainer.config.layers import KERNELS, LAYERS, RECURRENT, WRAPPABLE
from trainer.config.losses import LOSSES
from trainer.config.metrics import METRICS
from trainer.config.optimizers import OPTIMIZERS
from trainer.config.regularizers import CONSTRAINTS, REGULARIZERS
from trainer.config.schedules import SCHEDULES
from trainer.config.splits import SPLITS
from trainer.config.weights import WEIGHTS

__all__ = ["REGISTRIES", "registry_of_field", "registry_of_names"]

REGISTRIES: Mapping[str, Registry] = {
    "dataset": DATASETS,
    "split": SPLITS,
    "layers": LAYERS,
    "wrapped": WRAPPABLE,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "learning_rate": SCHEDULES,
    "metrics": METRICS,
    "callbacks": CALLBACKS,
    "augment": AUGMENTATIONS,
    "weights": WEIGHTS,
    "initializer": INITIALIZERS,
    "regularizer": REGULARIZERS,
    "constraint": CONSTRAINTS,
}
"""Keyed by the name, or the end of the name, of the field that holds such components."""


def registry_of_field(name: str) -> Registry | None:
    """Return the registry of the field `name`, such as `kernel_initializer`, or None if it holds no component."""
    # `restore_best_weights` of EarlyStopping is a flag.
    ends = {end for end in REGISTRIES if name.endswith("_" + end)} - {"weights"}
    return next((registry for end, registry in REGISTRIES.items() if name == end or end in ends), None)


# Bidirectional and SpectralNormalization wrap fewer layers than TimeDistributed does.
_NARROWER = (RECURRENT, KERNELS)


def registry_of_names(names: Iterable[str]) -> Registry | None:
    """Return the registry whose members have exactly these names, as a schema lists them, or None."""
    wanted = set(names)
    return next((each for each in (*REGISTRIES.values(), *_NARROWER) if wanted == set(each.members)), None)
