"""The trained network as it is served: it takes samples as they came, and says what its numbers stand for."""

from typing import Any

import numpy as np

from trainer.config import Labels, Loss
from trainer.data import Splits, Task
from trainer.engine.backend import keras

__all__ = ["answer_kind", "takes_raw"]


def takes_raw(model: Any, splits: Splits) -> Any:
    """The same network with the scaling of its data in front, for samples in the type `splits.raw_dtype`.

    It shares every layer and weight with `model`; the scaling is no weight, so neither `get_weights` nor its SHA-256
    changes. It is computed in float64 and rounded once to float32, as `Scaling.apply` does for training; of float64
    samples, Keras's `predict` has rounded to float32 before, so that answers may differ in the last digits. A network
    whose data are not scaled, such as sequences of words, is given back as it is.
    """
    if not splits.is_scaled:
        return model
    scaling = keras.layers.Rescaling(
        scale=_plain(1.0 / splits.spread),
        offset=_plain(-splits.center / splits.spread),
        dtype="float64",
        name="scaling",
    )
    shape = tuple(splits.train.x.shape[1:])
    served = keras.Sequential([keras.Input(shape, dtype=splits.raw_dtype), scaling, *model.layers], name=model.name)
    compiled = model.get_compile_config() if model.compiled else None
    if compiled:
        # The optimizer itself, with its state, so that whoever loads the file can train on.
        arguments = keras.saving.deserialize_keras_object(compiled) | {"optimizer": model.optimizer}
        served.compile(**arguments)
    return served


def _plain(value: Any) -> Any:
    """JSON for the file: a number, or a list with one for each feature."""
    return np.asarray(value).tolist()


def answer_kind(loss: Loss, splits: Splits) -> str | None:
    """How outputs become probabilities of classes: `probabilities`, `logits`, `sigmoid` (of each), or None.

    None stands for a regression. The words are those of `trainer.tracking.write.class_answers`.
    """
    if splits.schema.task is Task.REGRESSION or not splits.schema.classes:
        return None
    if loss.kind in {"Hinge", "SquaredHinge"}:
        return "sigmoid"
    if not getattr(loss, "from_logits", False):
        return "probabilities"
    return "sigmoid" if loss.labels is Labels.BINARY else "logits"
