"""Store datasets that Keras downloaded, so that they can be read without Keras and without unpickling."""

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
    """Store one of Keras's datasets in home and return its file.

    `arrays` are `x_train`, `y_train`, `x_test`, `y_test` as Keras's `load_data` returns them. Texts must be complete,
    from `load_data(num_words=2**31)`, because Keras without a limit replaces the rarest word as out of vocabulary.

    Raises:
        DownloadError: If the arrays do not have the shapes and sizes of the dataset.
        ResourceError: If home cannot be written.
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
        # CIFAR's labels have shape (samples, 1), all others (samples,).
        shape = (array.size,) if key.startswith("y_") else array.shape
        if array.dtype.kind not in "biuf" or shape != expected.get(key, shape):
            raise DownloadError(
                f"The download of {name} has the wrong contents: expected numbers in {key} of shape "
                f"{expected.get(key, shape)}, got {array.dtype} of shape {array.shape}; delete the file in Keras's "
                "cache and try again."
            )
