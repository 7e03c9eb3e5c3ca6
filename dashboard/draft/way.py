"""The path of a sample through a network: its shape before the first layer and after each layer that changes it."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from trainer.config.check import LayerReport

__all__ = ["Stage", "stages"]

_Shape = tuple[int | None, ...]

_KEEP_SHAPE: Final = frozenset(
    {"Activation", "BatchNormalization", "Dropout", "GaussianNoise", "LayerNormalization", "Rescaling"}
)


class Stage(NamedTuple):
    """A shape without the batch, and the layers that produce or keep it.

    `size` is from 0 to 1, by the logarithm of the number of values; the largest stage of a network has 1.
    """

    shape: _Shape
    layers: tuple[str, ...]
    size: float


def stages(input_shape: _Shape, reports: Sequence[LayerReport], *, source: str) -> list[Stage]:
    """Return the stages of a network.

    Args:
        input_shape: one sample's shape, without the batch.
        reports: the layers that can be built, in order.
        source: the name of the first stage, such as that of the dataset.
    """
    found: list[tuple[_Shape, list[str]]] = [(input_shape, [source])]
    for report in reports:
        shape = tuple(report.output_shape[1:])
        # Layers that cannot change a shape would make a row of equal boxes; the input's box stays the data's alone.
        if report.layer in _KEEP_SHAPE and len(found) > 1 and shape == found[-1][0]:
            found[-1][1].append(report.layer)
        else:
            found.append((shape, [report.layer]))
    logs = [math.log2(1 + math.prod(step or 1 for step in shape)) for shape, _ in found]
    return [Stage(shape, tuple(layers), log / max(logs)) for (shape, layers), log in zip(found, logs, strict=True)]
