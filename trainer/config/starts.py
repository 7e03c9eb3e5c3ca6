"""A first network for a dataset: small, and of the shape that its samples and its task need."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["first_config"]

# Largest ratio of the standard deviations of several targets that share a scale.
_ALIKE = 10.0


def first_config(
    dataset: Mapping[str, Any],
    *,
    input_shape: tuple[int, ...],
    classes: int | None = None,
    outputs: int = 1,
    vocabulary: int | None = None,
    is_multilabel: bool = False,
    targets: Sequence[tuple[float, float]] = (),
) -> dict[str, Any]:
    """Return the plain fields of a config that can be trained as it is.

    Args:
        dataset: the plain fields of the dataset.
        input_shape: the shape of one sample, without the batch.
        classes: the number of classes; None in a regression.
        outputs: the number of values to predict in a regression, or of labels.
        vocabulary: the number of words, if the samples are sequences of their ids.
        is_multilabel: whether each sample has several labels at once.
        targets: the mean and the standard deviation of each value to predict; a network on windows of a time series
            ends with a Rescaling to them, if they are alike.
    """
    layers = _body(input_shape, vocabulary)
    if is_multilabel:
        layers.append({"layer": "Dense", "units": outputs, "activation": "sigmoid"})
        ends: dict[str, Any] = {"loss": "BinaryCrossentropy", "metrics": ["BinaryAccuracy"]}
    elif classes:
        layers.append({"layer": "Dense", "units": classes, "activation": "softmax"})
        ends = {"loss": "SparseCategoricalCrossentropy", "metrics": ["accuracy"]}
    else:
        layers.append({"layer": "Dense", "units": outputs})
        if len(input_shape) == 2:
            layers += _rescaling(targets)
        ends = {"loss": "MeanSquaredError", "metrics": ["MeanAbsoluteError"]}
    return {"dataset": dict(dataset), "layers": layers, "optimizer": "adam", "epochs": 20, **ends}


def _rescaling(targets: Sequence[tuple[float, float]]) -> list[Any]:
    """Return the layer that gives outputs the unit of the targets, no layer if these have no common scale."""
    deviations = [deviation for _, deviation in targets]
    if not deviations or min(deviations) <= 0 or max(deviations) > _ALIKE * min(deviations):
        return []
    scale = float(f"{max(deviations):.2g}")
    return [{"layer": "Rescaling", "scale": scale, "offset": float(f"{sum(m for m, _ in targets) / len(targets):.3g}")}]


def _body(input_shape: tuple[int, ...], vocabulary: int | None) -> list[Any]:
    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    if vocabulary is not None and len(input_shape) == 1:
        return [{"layer": "Embedding", "input_dim": vocabulary, "output_dim": 16}, "GlobalAveragePooling1D", hidden]
    if len(input_shape) == 1:
        return [hidden, dict(hidden)]
    if len(input_shape) == 2:
        return [{"layer": "LSTM", "units": 32}]
    # Pooling needs two pixels each time.
    if len(input_shape) == 3 and min(input_shape[:2]) >= 8:
        return [
            {"layer": "Conv2D", "filters": 16, "kernel_size": 3, "activation": "relu", "padding": "same"},
            "MaxPooling2D",
            {"layer": "Conv2D", "filters": 32, "kernel_size": 3, "activation": "relu", "padding": "same"},
            "GlobalAveragePooling2D",
        ]
    return ["Flatten", hidden]
