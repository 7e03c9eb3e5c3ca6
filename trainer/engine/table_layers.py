"""The Keras layers that prepare raw rows of a table, from the state of their fitted preparation."""

from collections.abc import Mapping
from typing import Any

from trainer.data.preparation.columns import Category, ColumnPreparation, Date, Hashed, Numeric, Text
from trainer.data.preparation.hashing import SALT
from trainer.data.preparation.table import TablePreparation
from trainer.data.preparation.text import TextPreparation
from trainer.engine.backend import keras

__all__ = ["column_dtype", "column_values", "input_names", "table_inputs", "text_inputs"]

_DAYS_TO_MARCH_0000 = 719_468


def input_names(preparation: TablePreparation) -> dict[str, str]:
    """Return the name of the model's input for each column; Keras allows no slash in a name."""
    names: dict[str, str] = {}
    for column in preparation.columns:
        name = column.name.replace("/", "_")
        while name in names.values():
            name += "_"
        names[column.name] = name
    return names


def table_inputs(preparation: TablePreparation) -> tuple[dict[str, Any], Any]:
    """Return an input of shape (batch, 1) for each column by its name, and the prepared rows, (batch, features).

    Inputs are float32 for numbers (NaN is missing), strings for texts (the empty string is missing), and for dates
    float32 days since 1970-01-01.
    """
    names = input_names(preparation)
    inputs: dict[str, Any] = {}
    values = []
    for column in preparation.columns:
        name = names[column.name]
        inputs[name] = keras.Input((1,), dtype=column_dtype(column), name=name)
        values += column_values(column, inputs[name])
    return inputs, keras.layers.Concatenate(name="prepared")(values) if len(values) > 1 else values[0]


def column_dtype(column: ColumnPreparation) -> str:
    """Return the type of a column's raw values."""
    return "string" if isinstance(column, Category | Hashed | Text) else "float32"


def column_values(column: ColumnPreparation, raw: Any) -> list[Any]:
    """Return the prepared values of a column, each (rows, values), from its raw ones, (rows, 1)."""
    found: list[Any] = _WRITERS[column.role](column, raw)
    return found


def text_inputs(preparation: TextPreparation) -> tuple[dict[str, Any], Any]:
    """Return an input of strings of shape (batch, 1) by its name, and the prepared texts, (batch, *shape)."""
    name = preparation.column.replace("/", "_")
    raw = keras.Input((1,), dtype="string", name=name)
    is_sequence = preparation.output_mode == "int"
    vectorize = keras.layers.TextVectorization(
        vocabulary=list(preparation.vocabulary),
        output_mode=preparation.output_mode,
        output_sequence_length=preparation.output_sequence_length if is_sequence else None,
        standardize=preparation.standardize,
        split=preparation.tokens,
        name="prepared",
    )
    prepared = vectorize(raw)
    # Lookups are int64; training has int32.
    return {name: raw}, keras.ops.cast(prepared, "int32") if is_sequence else prepared


def _numeric(column: Numeric | Date, raw: Any) -> list[Any]:
    missing = keras.ops.isnan(raw)
    scaled = keras.layers.Normalization(axis=None, mean=column.mean, variance=column.variance)(raw)
    values = [keras.ops.where(missing, 0.0, scaled)]
    return [*values, keras.ops.cast(missing, "float32")] if column.indicator else values


def _category(column: Category, raw: Any) -> list[Any]:
    lookup = keras.layers.StringLookup(vocabulary=list(column.vocabulary), num_oov_indices=1, output_mode="one_hot")
    return [lookup(raw)]


def _hashed(column: Hashed, raw: Any) -> list[Any]:
    return [keras.layers.Hashing(column.bins, salt=list(SALT), output_mode="one_hot")(raw)]


def _text(column: Text, raw: Any) -> list[Any]:
    # Keras refuses an empty vocabulary; whether there is any word at all is then all that is left.
    vocabulary = list(column.vocabulary) or ["[no word]"]
    occurs = keras.layers.TextVectorization(output_mode="multi_hot", vocabulary=vocabulary)(raw)
    # Keras 3.15 declares an axis for the words of each text, which the result does not have.
    rows = keras.ops.reshape(keras.ops.cast(occurs, "float32"), (-1, len(vocabulary) + 1))
    return [rows[:, : len(column.vocabulary) + 1]]


def _date(column: Date, raw: Any) -> list[Any]:
    known = keras.ops.cast(keras.ops.logical_not(keras.ops.isnan(raw)), "float32")
    days = keras.ops.cast(keras.ops.floor(keras.ops.where(keras.ops.isnan(raw), 0.0, raw)), "int32")
    month = keras.ops.one_hot(keras.ops.squeeze(_month(days), -1), 12)
    # 1970-01-01 was a Thursday.
    weekday = keras.ops.one_hot(keras.ops.squeeze(keras.ops.mod(days + 3, 7), -1), 7)
    return [*_numeric(column, raw), month * known, weekday * known]


def _month(days: Any) -> Any:
    """Return the month, 0 for January, of days since 1970.

    The integer arithmetic is that of Howard Hinnant's `civil_from_days` (chrono-compatible low-level date algorithms).
    """
    shifted = days + _DAYS_TO_MARCH_0000
    of_era = keras.ops.mod(shifted, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    from_march = (5 * of_year + 2) // 153
    return keras.ops.mod(from_march + 2, 12)


_WRITERS: Mapping[str, Any] = {
    "numeric": _numeric,
    "category": _category,
    "hashed": _hashed,
    "text": _text,
    "date": _date,
}
