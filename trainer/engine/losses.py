"""The loss of each sample."""

import numpy as np

from trainer.config import Loss
from trainer.data.source import AnyArray
from trainer.engine.build import build_loss

__all__ = ["losses_of"]


def losses_of(loss: Loss, labels: AnyArray, outputs: AnyArray) -> AnyArray | None:
    """Return the loss of each sample, (samples,), without penalties on weights or outputs.

    None if the loss is not a mean over samples, as Dice is, or if the outputs do not have the shape of the labels.

    Args:
        loss: the loss of the config.
        labels: labels in the format of the loss, as `labels_for` returns them.
        outputs: the outputs of the network, (samples, outputs).
    """
    if outputs.ndim != 2 or not len(outputs) or (labels.ndim == 2 and labels.shape != outputs.shape):
        return None
    unreduced = build_loss(loss)
    unreduced.reduction = None
    values: AnyArray = np.asarray(unreduced(labels, outputs))
    return values if values.shape == (len(outputs),) else None
