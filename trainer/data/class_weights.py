"""The weights of the training samples in the loss, from the weights of their classes."""

from collections.abc import Mapping, Sequence

import numpy as np

from trainer.data.loading import Splits
from trainer.data.source import AnyArray
from trainer.errors import DataError

__all__ = ["class_number", "weights_of_samples"]


def weights_of_samples(class_weight: str | Mapping[str, float] | None, splits: Splits) -> AnyArray | None:
    """Return the float32 weights of the training samples, (samples,), or None if all are equal.

    A sample's own weight is multiplied by that of its class. `balanced` gives a class the weight
    samples / (classes · samples of the class), as scikit-learn's `compute_class_weight` does.

    Raises:
        DataError: a class is unknown, or the samples have no classes.
    """
    if class_weight is None:
        return splits.weights
    y, classes = splits.train.y, splits.schema.classes
    if classes is None or y.ndim != 1:
        raise DataError("`class_weight` requires samples that each have one class; remove it from the config.")
    counts = np.bincount(y, minlength=classes)
    if isinstance(class_weight, str):
        by_class = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    else:
        by_class = np.ones(classes)
        for name, weight in class_weight.items():
            by_class[class_number(name, splits.schema.class_names, classes)] = weight
    weights: AnyArray = by_class.astype(np.float32)[y]
    return weights if splits.weights is None else splits.weights * weights


def class_number(name: str, names: Sequence[str], classes: int) -> int:
    """Return the number of a class that is given by its name or by its number.

    Raises:
        DataError: there is no such class.
    """
    if name in names:
        return names.index(name)
    if name.isdecimal() and int(name) < classes:
        return int(name)
    known = ", ".join(names[:10]) if names else f"0 to {classes - 1}"
    raise DataError(f"`class_weight` names the class {name!r}, which the data do not have; its classes are {known}.")
