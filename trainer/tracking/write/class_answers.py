"""The pyfunc of a logged classifier, which predicts class names and probabilities.

A copy of this file is part of the logged model (`code/`). `mlflow models serve` loads it from there, possibly without
Fitboard installed, so it must not import Fitboard.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["CLASS", "FILE", "ClassAnswers", "probabilities"]

FILE = "classes.json"
"""In the model's folder: `names`, a list, and `outputs`, which is `probabilities`, `logits` or `sigmoid`."""

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


class ClassAnswers:
    """Wraps MLflow's own pyfunc of a Keras network."""

    def __init__(self, network: Any, names: list[str], outputs: str) -> None:
        self._network, self._names, self._outputs = network, names, outputs

    def get_raw_model(self) -> Any:
        """Return the Keras network."""
        return self._network.get_raw_model()

    def predict(self, data: Any, params: Any = None) -> pd.DataFrame:
        """Return a row per sample: the name of its class, and the probability of every class."""
        del params
        scores = np.asarray(self._network.predict(data))
        chances = probabilities(scores.reshape(len(scores), -1), self._outputs)
        table = pd.DataFrame(chances, columns=self._names)
        table.insert(0, CLASS, [self._names[index] for index in chances.argmax(axis=1)], allow_duplicates=True)
        return table


def _load_pyfunc(path: str) -> ClassAnswers:
    """Load the model in the folder `path`; MLflow calls this by name."""
    import mlflow.keras

    document = json.loads(Path(path, FILE).read_text(encoding="utf-8"))
    return ClassAnswers(mlflow.keras._load_pyfunc(path), document["names"], document["outputs"])
