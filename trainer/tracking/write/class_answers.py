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

__all__ = ["CLASS", "DECODING", "FILE", "RESIZING", "ClassAnswers", "picture_inputs", "probabilities", "raw_inputs"]

FILE = "classes.json"
"""In the model's folder: `names`, a list, and `outputs`, which is `probabilities`, `logits` or `sigmoid`.

A model that takes rows of a table also has `rows` there: `columns`, each with its `name`, its `role` and the name of
the model's `input`; `missing`, the texts that mean missing; `decimal`, the decimal sign of numbers in texts; and
`targets`, the names of the predicted numbers if there are no classes; and `outputs`, which is `sigmoid` if these are
probabilities of labels that the network gives as logits. If the rows are pictures, `pictures` has their `image_size`,
`color_mode`, `interpolation`, `crop_to_aspect_ratio` and `pad_to_aspect_ratio`.
"""

DECODING, RESIZING = "picture_decoding", "picture_resizing"
"""The modules beside this one with `decode` and `resize`, if the rows are pictures."""

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

    table = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
    missing, decimal = frozenset(rows["missing"]), str(rows["decimal"])
    inputs: dict[str, Any] = {}
    for column in rows["columns"]:
        name, role = column["name"], column["role"]
        if name not in table.columns:
            known = ", ".join(repr(each["name"]) for each in rows["columns"])
            raise ValueError(f"The rows have no column {name!r}; expected the columns {known}.")
        read = {"numeric": _number, "date": _days}.get(role, _text)
        try:
            cells = [read(value, missing, decimal) for value in table[name].tolist()]
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
    table = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
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
        scores = np.asarray(self._scores(data))
        scores = scores.reshape(len(scores), -1)
        if not self._names:
            scores = _sigmoid(scores) if self._rows and self._rows.get("outputs") == "sigmoid" else scores
            return pd.DataFrame(scores, columns=self._rows["targets"] if self._rows else None)
        chances = probabilities(scores, self._outputs)
        table = pd.DataFrame(chances, columns=self._names)
        table.insert(0, CLASS, [self._names[index] for index in chances.argmax(axis=1)], allow_duplicates=True)
        return table

    def _scores(self, data: Any) -> Any:
        if self._rows is None:
            return self._network.predict(data)
        inputs = (picture_inputs if self._rows.get("pictures") else raw_inputs)(data, self._rows)
        return self.get_raw_model().predict(inputs, verbose=0)


def _load_pyfunc(path: str) -> ClassAnswers:
    """Load the model in the folder `path`; MLflow calls this by name."""
    import mlflow.keras

    document = json.loads(Path(path, FILE).read_text(encoding="utf-8"))
    network = mlflow.keras._load_pyfunc(path)
    return ClassAnswers(network, document["names"], document["outputs"], document.get("rows"))
