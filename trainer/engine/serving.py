"""The trained model for serving, which accepts raw samples and describes its outputs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from trainer.config import Labels, Loss
from trainer.data import Splits, Task
from trainer.data.preparation import ImagePreparation, SeriesPreparation, TablePreparation, TextPreparation
from trainer.data.source import AnyArray
from trainer.engine.backend import keras
from trainer.engine.series_layers import series_inputs
from trainer.engine.table_layers import input_names, table_inputs, text_inputs

__all__ = ["answer_kind", "raw_columns", "raw_sample", "takes_raw"]

_Fitted = ImagePreparation | SeriesPreparation | TablePreparation | TextPreparation


def takes_raw(model: Any, splits: Splits) -> Any:
    """Return the model preceded by the preparation of its data, for samples of dtype `splits.raw_dtype`.

    The preparation is the scaling, after a Permute if the images have their channels first.

    The result shares every layer and weight with `model`. The scaling is not a weight, so neither `get_weights` nor its
    SHA-256 changes. It is computed in float64 and rounded once to float32, as `Scaling.apply` does for training; but
    Keras's `predict` rounds float64 samples to float32 first, so that outputs may differ in the last digits. A model
    whose data are not prepared, such as sequences of words, is returned unchanged.

    A model on a table of a file has an input for each column, and the layers of the table's preparation; one on a time
    series has the same inputs with the steps of a window, (batch, past). One on pictures takes pixels of any height and
    width, uint8, and resizes them.
    """
    if isinstance(splits.fitted, _Fitted):
        return _takes_rows(model, splits.fitted)
    front = [*_channels_last(splits), *_scaling(splits)]
    if not front:
        return model
    entry = keras.Input(splits.raw_shape, dtype=splits.raw_dtype if splits.is_scaled else "float32")
    if any(layer.compute_dtype != "float32" for layer in model.layers):
        # Training rounds samples to float32 first; rounded to 16 bits at once, some would differ.
        front.append(keras.layers.Identity(dtype="float32", name="rounding"))
    layers = model.layers if isinstance(model, keras.Sequential) else [model]
    served = keras.Sequential([entry, *front, *layers], name=model.name)
    _compile_alike(served, model)
    return served


def _takes_rows(model: Any, preparation: _Fitted) -> Any:
    if isinstance(preparation, TextPreparation):
        inputs, prepared = text_inputs(preparation)
    elif isinstance(preparation, ImagePreparation):
        from trainer.engine.picture_layers import picture_inputs  # Pillow, which other datasets do without

        inputs, prepared = picture_inputs(preparation)
    elif isinstance(preparation, SeriesPreparation):
        inputs, prepared = series_inputs(preparation)
    else:
        inputs, prepared = table_inputs(preparation)
    outputs = prepared
    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            outputs = layer(outputs)
    else:
        outputs = model(prepared)
    served = keras.Model(inputs, outputs, name=model.name)
    _compile_alike(served, model)
    return served


def _compile_alike(served: Any, model: Any) -> None:
    compiled = model.get_compile_config() if model.compiled else None
    if compiled:
        # The optimizer itself, with its state, so that a loaded model can be trained further.
        arguments = keras.saving.deserialize_keras_object(compiled) | {"optimizer": model.optimizer}
        served.compile(**arguments)


def raw_columns(splits: Splits, date_formats: Mapping[str, str] = MappingProxyType({})) -> list[dict[str, str]] | None:
    """Return name, role and the model's input of each column of a file's rows; None for all other datasets.

    `date_formats` are those of the dataset; a column of dates has its format too.
    """
    if isinstance(splits.fitted, TextPreparation | ImagePreparation):
        column, role = splits.fitted.column, "text" if isinstance(splits.fitted, TextPreparation) else "image"
        return [{"name": column, "role": role, "input": column.replace("/", "_")}]
    table = splits.fitted.table if isinstance(splits.fitted, SeriesPreparation) else splits.fitted
    if not isinstance(table, TablePreparation):
        return None
    names = input_names(table)
    return [
        {
            "name": column.name,
            "role": column.role,
            "input": names[column.name],
            **({"format": date_formats[column.name]} if column.role == "date" and column.name in date_formats else {}),
        }
        for column in table.columns
    ]


def raw_sample(splits: Splits) -> AnyArray:
    """Return one sample in the shape (1, *raw_shape) and dtype that `takes_raw` expects, with scaled values."""
    sample = splits.train.x[:1]
    if splits.channels == "first":
        sample = np.moveaxis(sample, -1, 1)
    return sample.astype(splits.raw_dtype) if splits.is_scaled else sample


def _channels_last(splits: Splits) -> list[Any]:
    return [keras.layers.Permute((2, 3, 1), name="channels_last")] if splits.channels == "first" else []


def _scaling(splits: Splits) -> list[Any]:
    if not splits.is_scaled:
        return []
    scaling = keras.layers.Rescaling(
        scale=_plain(1.0 / splits.spread),
        offset=_plain(-splits.center / splits.spread),
        dtype="float64",
        name="scaling",
    )
    return [scaling]


def _plain(value: Any) -> Any:
    """Return JSON for the file: a number, or a list with one number per feature."""
    return np.asarray(value).tolist()


def answer_kind(loss: Loss, splits: Splits) -> str | None:
    """Return how outputs become class probabilities: `probabilities`, `logits`, `sigmoid` (each), or None.

    None is for a regression. Several labels at once are probabilities, or the sigmoid of each output. The words are
    defined by `trainer.tracking.write.class_answers`.
    """
    if splits.schema.task is Task.MULTILABEL:
        return "sigmoid" if getattr(loss, "from_logits", False) else "probabilities"
    if not splits.schema.classes:
        return None
    if loss.kind in {"Hinge", "SquaredHinge"}:
        return "sigmoid"
    if not getattr(loss, "from_logits", False):
        return "probabilities"
    return "sigmoid" if loss.labels is Labels.BINARY else "logits"
