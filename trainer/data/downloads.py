"""CheckpointSettings what Keras downloaded, so that it is read without Keras and without unpickling."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trainer.data.files import write_whole
from trainer.data.keras_sets import KERAS_SETS, KerasTexts, kept_file
from trainer.data.source import About, AnyArray
from trainer.data.texts import flatten_texts
from trainer.errors import DownloadError
from trainer.home import Home

__all__ = ["store_download"]


def store_download(name: str, arrays: Mapping[str, Any], *, home: Home) -> Path:
    """Keeps one of Keras's datasets in home; returns its file.

    `arrays` are `x_train`, `y_train`, `x_test`, `y_test` as Keras's `load_data` gives them. Texts must come whole:
    `load_data(num_words=2**31)`, because with no limit at all Keras counts the rarest word as unknown.

    Raises:
        DownloadError: they are not of the shapes and sizes that the dataset has.
        ResourceError: home cannot be written.
    """
    source = KERAS_SETS[name]
    flatten = _flat_texts if isinstance(source, KerasTexts) else _plain
    kept = {key: array for part in ("train", "test") for key, array in flatten(arrays, part).items()}
    _check(name, source.known, kept)
    return write_whole(kept_file(name, home), lambda stream: np.savez(stream, allow_pickle=False, **kept))


def _plain(arrays: Mapping[str, Any], part: str) -> dict[str, AnyArray]:
    return {key: np.ascontiguousarray(arrays[key]) for key in (f"x_{part}", f"y_{part}")}


def _flat_texts(arrays: Mapping[str, Any], part: str) -> dict[str, AnyArray]:
    texts = flatten_texts(arrays[f"x_{part}"])
    labels = np.ascontiguousarray(arrays[f"y_{part}"])
    return {f"words_{part}": texts.words, f"offsets_{part}": texts.offsets, f"y_{part}": labels}


def _check(name: str, known: About, kept: Mapping[str, AnyArray]) -> None:
    sizes = {"train": known.samples, "test": known.test_samples or 0}
    expected: dict[str, tuple[int, ...]] = {}
    for part, samples in sizes.items():
        expected[f"x_{part}"] = (samples, *known.input_shape)
        expected[f"offsets_{part}"] = (samples + 1,)
        expected[f"y_{part}"] = (samples,)
    for key, array in kept.items():
        shape = (array.size,) if key.startswith("y_") else array.shape
        if array.dtype.kind not in "biuf" or shape != expected.get(key, shape):
            raise DownloadError(
                f"What was downloaded for {name} is not that dataset: {key} has the shape {array.shape}, expected is "
                f"{expected.get(key, shape)} of numbers; delete the file in Keras's cache and try again."
            )
