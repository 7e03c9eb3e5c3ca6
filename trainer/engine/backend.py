"""Import TensorFlow and Keras in one place, without the messages that TensorFlow writes while loading."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["DataAdapter", "keras", "tf"]

# Keras prefers KERAS_BACKEND to the backend in ~/.keras/keras.json, which may be another.
_ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep native code from writing to standard error, which it does before its log level takes effect."""
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
