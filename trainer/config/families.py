"""Every family of parts, by the field that holds its members."""

from collections.abc import Mapping

from trainer.config.callbacks import CALLBACKS
from trainer.config.datasets import DATASETS
from trainer.config.initializers import INITIALIZERS
from trainer.config.layers import LAYERS, RECURRENT
from trainer.config.losses import LOSSES
from trainer.config.metrics import METRICS
from trainer.config.optimizers import OPTIMIZERS
from trainer.config.part import Family
from trainer.config.regularizers import CONSTRAINTS, REGULARIZERS
from trainer.config.schedules import SCHEDULES

__all__ = ["FAMILIES", "family_of_field"]

FAMILIES: Mapping[str, Family] = {
    "dataset": DATASETS,
    "layers": LAYERS,
    "wrapped": RECURRENT,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "learning_rate": SCHEDULES,
    "metrics": METRICS,
    "callbacks": CALLBACKS,
    "initializer": INITIALIZERS,
    "regularizer": REGULARIZERS,
    "constraint": CONSTRAINTS,
}
"""By the field, or the end of the field's name, that holds such parts."""


def family_of_field(name: str) -> Family | None:
    """The family whose members stand in the field `name`, such as `kernel_initializer`; None where there is none."""
    return next((family for end, family in FAMILIES.items() if name == end or name.endswith("_" + end)), None)
