"""Intersection over union of the classes: hits / (hits + false alarms + misses), also called the Jaccard index."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.losses import Labels
from trainer.config.metrics.base import BINARY, INTEGER, ONE_HOT, Metric
from trainer.config.values import Count, Flag, Integer, Number, Size

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]

_CLASSES = "Number of classes of the dataset."
_TARGETS = "Class ids whose values are averaged."
_IGNORED = "Class id whose samples are ignored."
_TWO_IDS = Annotated[tuple[Annotated[Count, Field(le=1)], ...], Field(min_length=1)]
_IDS = Annotated[tuple[Count, ...], Field(min_length=1)]


class BinaryIoU(Metric):
    """Intersection over union of two classes, from one output and a threshold."""

    labels: ClassVar[frozenset[Labels]] = BINARY
    name: Literal["BinaryIoU"] = "BinaryIoU"
    target_class_ids: _TWO_IDS = option((0, 1), _TARGETS)
    threshold: Annotated[Number, Field(ge=0, le=1)] = option(0.5, "Threshold above which an output counts as 1.")


class _Overlap(Metric):
    num_classes: Size = option(..., _CLASSES)
    ignore_class: Integer | None = option(None, _IGNORED, advanced=True)
    # Keras's default for integer labels, true, would take class ids for predictions, which no network outputs.
    sparse_y_pred: Flag = option(
        False, "Whether the model outputs class ids instead of a value per class.", advanced=True
    )


class _WithIntegers(_Overlap):
    labels: ClassVar[frozenset[Labels]] = INTEGER
    sparse_y_true: Flag = option(True, "Whether labels are class ids instead of vectors.", advanced=True)


class IoU(_WithIntegers):
    """Mean intersection over union of some classes, for integer labels."""

    first: ClassVar[tuple[str, ...]] = ("num_classes",)
    name: Literal["IoU"] = "IoU"
    target_class_ids: _IDS = option(..., _TARGETS)


class MeanIoU(_WithIntegers):
    """Mean intersection over union of all classes, for integer labels."""

    name: Literal["MeanIoU"] = "MeanIoU"


class OneHotIoU(_Overlap):
    """Mean intersection over union of some classes, for one-hot labels."""

    first: ClassVar[tuple[str, ...]] = ("num_classes",)
    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["OneHotIoU"] = "OneHotIoU"
    target_class_ids: _IDS = option(..., _TARGETS)


class OneHotMeanIoU(_Overlap):
    """Mean intersection over union of all classes, for one-hot labels."""

    labels: ClassVar[frozenset[Labels]] = ONE_HOT
    name: Literal["OneHotMeanIoU"] = "OneHotMeanIoU"
