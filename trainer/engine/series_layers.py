"""The Keras layers that prepare raw windows of a time series, from the state of their fitted preparation."""

from typing import Any

from trainer.data.preparation.series import SeriesPreparation
from trainer.engine.backend import keras
from trainer.engine.table_layers import column_dtype, column_values, input_names

__all__ = ["series_inputs"]


def series_inputs(preparation: SeriesPreparation) -> tuple[dict[str, Any], Any]:
    """Return an input of shape (batch, past) for each column by its name, and the windows, (batch, past, features).

    Inputs are as those of a table: float32 for numbers and for dates, strings for texts.
    """
    names = input_names(preparation.table)
    inputs: dict[str, Any] = {}
    values = []
    for column in preparation.table.columns:
        name = names[column.name]
        inputs[name] = keras.Input((preparation.past,), dtype=column_dtype(column), name=name)
        # Every step is prepared as a row of a table, so that the layers, and their bits, are those of tables.
        values += column_values(column, keras.ops.reshape(inputs[name], (-1, 1)))
    rows = keras.layers.Concatenate(name="steps")(values) if len(values) > 1 else values[0]
    return inputs, keras.ops.reshape(rows, (-1, *preparation.shape))
