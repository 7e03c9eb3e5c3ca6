"""TensorFlow and Keras, imported in this one place, without the lines that TensorFlow writes as it loads."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["DataAdapter", "keras", "tf"]

_ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep native code from writing to standard error: it does so before any level of logging can be set."""
    sys.stderr.flush()
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

with _quiet():
    import keras
    import tensorflow as tf
    from keras.src.trainers.data_adapters.data_adapter import DataAdapter  # no public name in Keras 3.15
