"""Points of the ROC or the precision-recall curve: the best value of one side where the other reaches a limit."""

from typing import ClassVar, Literal

from trainer.config.component import option
from trainer.config.losses import Labels
from trainer.config.metrics.base import SCORED, Metric
from trainer.config.values import Count, Probability, Size

__all__ = ["PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"]


class _OperatingPoint(Metric):
    labels: ClassVar[frozenset[Labels]] = SCORED
    num_thresholds: Size = option(200, "Number of thresholds to try.", advanced=True)
    class_id: Count | None = option(
        None, "Class id to compute the metric for; by default all classes together.", advanced=True
    )


class PrecisionAtRecall(_OperatingPoint):
    """Best precision at which recall reaches a given value."""

    name: Literal["PrecisionAtRecall"] = "PrecisionAtRecall"
    recall: Probability = option(..., "Recall to reach, between 0 and 1.")


class RecallAtPrecision(_OperatingPoint):
    """Best recall at which precision reaches a given value."""

    name: Literal["RecallAtPrecision"] = "RecallAtPrecision"
    precision: Probability = option(..., "Precision to reach, between 0 and 1.")


class SensitivityAtSpecificity(_OperatingPoint):
    """Best sensitivity at which specificity reaches a given value."""

    name: Literal["SensitivityAtSpecificity"] = "SensitivityAtSpecificity"
    specificity: Probability = option(..., "Specificity to reach, between 0 and 1.")


class SpecificityAtSensitivity(_OperatingPoint):
    """Best specificity at which sensitivity reaches a given value."""

    name: Literal["SpecificityAtSensitivity"] = "SpecificityAtSensitivity"
    sensitivity: Probability = option(..., "Sensitivity to reach, between 0 and 1.")
