"""The pyfunc of a logged model, which takes raw rows of a table and predicts class names and probabilities.

A copy of this file is part of the logged model (`code/`). `mlflow models serve` loads it from there, possibly without
Fitboard installed, so it must not import Fitboard.
"""

import base64
import binascii
import datetime
import importlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "CLASS",
    "DECODING",
    "FILE",
    "RESIZING",
    "STEP",
    "ClassAnswers",
    "last_steps",
    "picture_inputs",
    "probabilities",
    "raw_inputs",
    "raw_names",
]

FILE = "classes.json"
"""In the model's folder: `names`, a list, and `outputs`, which is `probabilities`, `logits` or `sigmoid`.

A model that takes rows of a table also has `rows` there: `columns`, each with its `name`, its `role`, the name of the
model's `input` and perhaps the `format` of its dates; `missing`, the texts that mean missing; `decimal`, the decimal
sign of numbers in texts; and `targets`, the names of the predicted numbers if there are no classes; and `outputs`,
which is `sigmoid` if these are probabilities of labels that the network gives as logits. If the rows are pictures,
`pictures` has their `image_size`, `color_mode`, `interpolation`, `crop_to_aspect_ratio` and `pad_to_aspect_ratio`.
If they are the steps of time series, `series` has `past` and `horizon`, the numbers of steps that it takes and
predicts, and the columns `id` and `time`, or null.
"""

DECODING, RESIZING = "picture_decoding", "picture_resizing"
"""The modules beside this one with `decode` and `resize`, if the rows are pictures."""

STEP = "step"
"""The column with the number of a predicted step of a time series, from 1."""

CLASS = "class"
"""The column with the name of the most probable class; the others hold each class's probability."""


def probabilities(outputs: NDArray[Any], kind: str) -> NDArray[np.float64]:
    """Return a probability for each class, (samples, classes), from a network's outputs (samples, classes or 1)."""
    scores = np.asarray(outputs, np.float64)
    if scores.shape[1] == 1:
        one = _sigmoid(scores) if kind in {"sigmoid", "logits"} else scores
        return np.concatenate([1 - one, one], axis=1)
    if kind == "sigmoid":
        return _sigmoid(scores)
    if kind == "probabilities" and np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        return scores
    # Subtracting the maximum keeps large logits from overflowing and does not change the result.
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    # Unlike 1 / (1 + exp(-x)), this does not overflow for large negative scores.
    return np.asarray(0.5 * (1 + np.tanh(scores / 2)))


def raw_inputs(data: Any, rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return the network's inputs by name, each (rows, 1), from raw rows of a table.

    Args:
        data: a data frame, or what makes one, such as a list of rows as mappings.
        rows: `rows` of the file `FILE`.

    Raises:
        ValueError: If a column is not there, or a cell does not fit its column.
    """
    import keras

    table = _frame(data)
    missing, decimal = frozenset(rows["missing"]), str(rows["decimal"])
    inputs: dict[str, Any] = {}
    for column in rows["columns"]:
        name, role = column["name"], column["role"]
        if name not in table.columns:
            raise ValueError(f"The rows have no column {name!r}; expected the columns {_listed(raw_names(rows))}.")
        read = {"numeric": _number, "date": _days}.get(role, _text)
        form = column.get("format")
        try:
            cells = [read(_dated(value, form, missing), missing, decimal) for value in table[name].tolist()]
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"The column {name!r} has a cell that is not a {_NOUNS.get(role, 'text')}: {error}."
            ) from error
        if read is _text:
            inputs[column["input"]] = keras.ops.reshape(keras.ops.convert_to_tensor(cells, dtype="string"), (-1, 1))
        else:
            inputs[column["input"]] = np.array(cells, np.float64).astype(np.float32).reshape(-1, 1)
    return inputs


def picture_inputs(data: Any, rows: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return the network's input, (pictures, height, width, channels), from pictures of any size.

    Args:
        data: a data frame, or what makes one. Its cells are encoded pictures (JPEG, PNG and so on) as bytes or as
            base64, or pixels from 0 to 255: (height, width[, channels]) as an array or as lists.
        rows: `rows` of the file `FILE`.

    Raises:
        ValueError: If there is no column of pictures, or a cell is not a picture.
    """
    decode, resize = (
        getattr(importlib.import_module(module), name) for module, name in ((DECODING, "decode"), (RESIZING, "resize"))
    )
    table = _frame(data)
    name, how = rows["columns"][0]["name"], rows["pictures"]
    if name not in table.columns:
        raise ValueError(f"The rows have no column {name!r}; expected a picture there.")
    keywords = ("interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio")
    found = []
    for place, cell in enumerate(table[name].tolist()):
        try:
            pixels = decode(_encoded(cell), how["color_mode"])
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} {place} is not a picture: it {error}.") from error
        found.append(resize(pixels, tuple(how["image_size"]), **{word: how[word] for word in keywords}))
    return np.array(found, np.uint8)


def _encoded(cell: Any) -> bytes:
    """Return an encoded picture; pixels become a PNG file, so that every cell is converted by the same rules."""
    from PIL import Image

    if isinstance(cell, bytes | bytearray):
        return bytes(cell)
    if isinstance(cell, str):
        try:
            return base64.b64decode(cell.rpartition(",")[2], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"is not valid base64 ({error})") from error
    pixels = np.asarray(cell)
    pixels = pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    is_shape = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (2, 3, 4))
    if pixels.dtype.kind not in "iu" or not is_shape or not pixels.size or pixels.min() < 0 or pixels.max() > 255:
        raise ValueError(
            f"has shape {pixels.shape} and type {pixels.dtype}, expected bytes, base64, or integers from 0 to 255 "
            "of (height, width) or (height, width, channels)"
        )
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


def _frame(data: Any) -> pd.DataFrame:
    return data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)


def raw_names(rows: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that raw rows have: the inputs, then the id and the time of a series."""
    series = rows.get("series") or {}
    names = [str(column["name"]) for column in rows["columns"]]
    return list(dict.fromkeys([*names, *(series[name] for name in ("id", "time") if series.get(name))]))


def last_steps(data: Any, rows: Mapping[str, Any]) -> tuple[list[Any], pd.DataFrame]:
    """Return the id of each series in the order of their first rows, and the last `past` rows of each, in order.

    The rows of a series are ordered by their time if the training file has times, else they stay in the given order.

    Raises:
        ValueError: If a series has too few rows, or an id or a time is missing.
    """
    table, series = _frame(data).reset_index(drop=True), rows["series"]
    past, name, time = int(series["past"]), series["id"], series["time"]
    for column in filter(None, (name, time)):
        if column not in table.columns:
            raise ValueError(f"The rows have no column {column!r}; expected the columns {_listed(raw_names(rows))}.")
        if table[column].isna().any():
            raise ValueError(f"The column {column!r} is missing in a row; expected a value in every row.")
    ids = [None] * len(table) if name is None else table[name].tolist()
    places: dict[Any, list[int]] = {}
    for place in range(len(table)) if time is None else _in_order(table[time].tolist(), time, rows):
        places.setdefault(ids[place], []).append(place)
    found = list(dict.fromkeys(ids))
    short = next((key for key in found if len(places[key]) < past), None)
    if short is not None or not found:
        of = f" of {short!r}" if name is not None and found else ""
        raise ValueError(
            f"There are {len(places.get(short, []))} rows{of}, but a prediction is made from {past}; give at least "
            f"{past} rows{' of each series' if name is not None else ''}."
        )
    kept = [place for key in found for place in places[key][-past:]]
    return found, table.iloc[kept]


def _in_order(times: Sequence[Any], name: str, rows: Mapping[str, Any]) -> list[int]:
    """Return the places of rows by their time, those of the same time in the given order."""
    missing, decimal = frozenset(rows["missing"]), str(rows["decimal"])

    form = rows["series"].get("time_format")

    def moment(value: Any) -> float:
        if form is not None:
            return _days(_dated(value, form, missing), missing, decimal)
        try:
            return _number(value, missing, decimal)
        except (TypeError, ValueError):
            return _days(value, missing, decimal)

    try:
        moments = [moment(value) for value in times]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"The column {name!r} has a cell that is neither a date nor a number: {error}.") from error
    return sorted(range(len(moments)), key=moments.__getitem__)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


_NOUNS = {"numeric": "number", "date": "date such as 2026-11-27"}


def _is_missing(value: Any, missing: frozenset[str]) -> bool:
    if value is None or value is pd.NaT or (isinstance(value, str) and value.strip() in missing):
        return True
    return isinstance(value, float) and value != value


def _number(value: Any, missing: frozenset[str], decimal: str) -> float:
    if _is_missing(value, missing):
        return float("nan")
    number = float(value.replace(decimal, ".") if isinstance(value, str) else value)
    return float("nan") if any(_equals(word, number) for word in missing) else number


def _equals(word: str, number: float) -> bool:
    try:
        return float(word) == number
    except ValueError:
        return False


def _dated(value: Any, form: str | None, missing: frozenset[str]) -> Any:
    """Return a text that has the format of its column's dates as a date, and everything else as it is."""
    if form is None or not isinstance(value, str) or _is_missing(value, missing):
        return value
    return datetime.datetime.strptime(value.strip(), form)


def _days(value: Any, missing: frozenset[str], decimal: str) -> float:
    """Return the days since 1970-01-01 in UTC, with the time of day as a fraction."""
    if _is_missing(value, missing):
        return float("nan")
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value.strip())
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.UTC)
    since = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return float(micros / 86_400_000_000)


def _text(value: Any, missing: frozenset[str], decimal: str) -> str:
    """Return the text of a category as the training file has it; whole numbers have no decimal point."""
    if _is_missing(value, missing):
        return ""
    if isinstance(value, float):
        found = f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(value)
    elif isinstance(value, datetime.date):
        found = value.isoformat().removesuffix("T00:00:00")
    else:
        found = str(value).strip()
    return "" if found in missing else found


class ClassAnswers:
    """Wraps MLflow's own pyfunc of a Keras network."""

    def __init__(self, network: Any, names: Sequence[str], outputs: str, rows: Mapping[str, Any] | None = None) -> None:
        self._network, self._names, self._outputs, self._rows = network, list(names), outputs, rows

    def get_raw_model(self) -> Any:
        """Return the Keras network."""
        return self._network.get_raw_model()

    def predict(self, data: Any, params: Any = None) -> pd.DataFrame:
        """Return a row per sample: the name of its class and the probability of every class, or predicted numbers."""
        del params
        if self._rows and self._rows.get("series"):
            return self._next_steps(data, self._rows)
        scores = np.asarray(self._scores(data))
        scores = scores.reshape(len(scores), -1)
        if not self._names:
            scores = _sigmoid(scores) if self._rows and self._rows.get("outputs") == "sigmoid" else scores
            return pd.DataFrame(scores, columns=self._rows["targets"] if self._rows else None)
        chances = probabilities(scores, self._outputs)
        table = pd.DataFrame(chances, columns=self._names)
        table.insert(0, CLASS, [self._names[index] for index in chances.argmax(axis=1)], allow_duplicates=True)
        return table

    def _next_steps(self, data: Any, rows: Mapping[str, Any]) -> pd.DataFrame:
        """Return a row for each predicted step of each series: its id if there are ids, its number, and the targets."""
        series, targets = rows["series"], list(rows["targets"])
        ids, table = last_steps(data, rows)
        windows = {name: _shaped(cells, series["past"]) for name, cells in raw_inputs(table, rows).items()}
        outputs = np.asarray(self.get_raw_model().predict(windows, verbose=0))
        if not targets:
            return pd.DataFrame(outputs.reshape(len(ids), -1))
        found = pd.DataFrame(outputs.reshape(-1, len(targets)), columns=targets)
        horizon = int(series["horizon"])
        found.insert(0, STEP, list(range(1, horizon + 1)) * len(ids), allow_duplicates=True)
        if series["id"]:
            found.insert(0, series["id"], [key for key in ids for _ in range(horizon)], allow_duplicates=True)
        return found

    def _scores(self, data: Any) -> Any:
        if self._rows is None:
            return self._network.predict(data)
        inputs = (picture_inputs if self._rows.get("pictures") else raw_inputs)(data, self._rows)
        return self.get_raw_model().predict(inputs, verbose=0)


def _shaped(cells: Any, past: int) -> Any:
    """Return the cells of a column, (series × past, 1), as windows (series, past)."""
    import keras

    return keras.ops.reshape(cells, (-1, past))


def _load_pyfunc(path: str) -> ClassAnswers:
    """Load the model in the folder `path`; MLflow calls this by name."""
    import mlflow.keras

    document = json.loads(Path(path, FILE).read_text(encoding="utf-8"))
    network = mlflow.keras._load_pyfunc(path)
    return ClassAnswers(network, document["names"], document["outputs"], document.get("rows"))
