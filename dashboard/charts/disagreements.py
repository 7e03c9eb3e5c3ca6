"""Samples with what two networks predicted, as captions of pictures and as columns of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.samples import rows, sequences
from trainer.data import Kind, Schema
from trainer.format import number, percent
from trainer.tracking.predictions import Predictions
from trainer.tracking.run_table import harmless

__all__ = ["inputs_of", "predicted_of", "wrong_classes"]

_MOST_VALUES, _MOST_TOKENS = 12, 100
_MOST_STEPS, _MOST_COLUMNS = 5, 8


def wrong_classes(kept: Sequence[Predictions], place: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the true class of a sample, and each wrong prediction with its probability in words, or no words.

    Args:
        kept: the predictions of classifiers for the same samples.
        place: the sample's index in the part.
    """
    actual = int(_array(kept[0].actual)[place])
    wrong = []
    for each in kept:
        predicted = int(_array(each.predicted)[place])
        if predicted != actual:
            wrong.append((each.labels[predicted], _sure(each, place)))
    return kept[0].labels[actual], tuple(wrong)


def predicted_of(kept: Sequence[Predictions], names: Sequence[str], places: NDArray[np.intp]) -> dict[str, list[str]]:
    """Return the columns of a table: the samples' places, what is true, and what each network predicted.

    In brackets stands the probability of the predicted class, or predicted − true if there is one target.

    Args:
        kept: the predictions of networks for the same samples.
        names: the networks' names, all different.
        places: the samples' indices in the part.
    """
    columns = {
        "sample": [str(place) for place in places],
        "true": [_value(kept[0], kept[0].actual, place) for place in places],
    }
    for each, name in zip(kept, names, strict=True):
        # Otherwise a network could be named like a column.
        columns[f"predicted by {name}"] = [_predicted(each, place) for place in places]
    return columns


def inputs_of(schema: Schema, x: NDArray[Any], words: Mapping[int, str] | None = None) -> dict[str, list[str]]:
    """Return the columns with the samples' inputs (samples, *input_shape): features, texts, or the first values.

    Without `words`, token → word, a text is shown as tokens.
    """
    none = np.zeros(len(x), np.int64)
    if schema.kind is Kind.SEQUENCES and not schema.raw_names:
        texts = [harmless(text) for _, text in sequences(x, none, (), words=words, most=_MOST_TOKENS)]
        return {"text" if words else "tokens": texts}
    if schema.kind is Kind.SERIES:
        return {f"input {name}": [_latest(cells) for cells in x[:, :, place]] for place, name in _columns(schema)}
    if x.ndim == 2:
        features: Mapping[str, list[str]] = rows(x, none, schema.raw_names or schema.feature_names, ())
        return {f"input {name}": [harmless(value) for value in values] for name, values in list(features.items())[1:]}
    return {"inputs": [_beginning(sample) for sample in x]}


def _columns(schema: Schema) -> list[tuple[int, str]]:
    return list(enumerate(schema.raw_names))[:_MOST_COLUMNS]


def _latest(cells: NDArray[Any]) -> str:
    """Return the last values of a column in a window of a time series."""
    shown = [each if isinstance(each, str) else number(float(each), 3) for each in cells[-_MOST_STEPS:].tolist()]
    more = "… " if len(cells) > _MOST_STEPS else ""
    return harmless(more + " ".join(each or "?" for each in shown))


def _beginning(sample: NDArray[Any]) -> str:
    values = sample.ravel()
    more = " …" if values.size > _MOST_VALUES else ""
    return " ".join(number(float(value), 3) for value in values[:_MOST_VALUES]) + more


def _value(kept: Predictions, values: NDArray[Any] | None, place: int) -> str:
    value = _array(values)[place]
    if kept.is_classification:
        return harmless(kept.labels[int(value)])
    return ", ".join(number(float(each)) for each in np.atleast_1d(value))


def _predicted(kept: Predictions, place: int) -> str:
    value = _value(kept, kept.predicted, place)
    added = _sure(kept, place) if kept.is_classification else _error(kept, place)
    return f"{value} ({added})" if added else value


def _error(kept: Predictions, place: int) -> str:
    errors = _array(kept.predicted)[place].astype(np.float64) - _array(kept.actual)[place].astype(np.float64)
    if errors.size != 1:
        return ""
    words = number(float(errors[0]))
    return f"+{words}" if errors[0] > 0 else words


def _sure(kept: Predictions, place: int) -> str:
    return "" if kept.confidence is None else percent(float(kept.confidence[place]))


def _array(values: NDArray[Any] | None) -> NDArray[Any]:
    return np.asarray(values)
