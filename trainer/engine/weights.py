"""A network's weights as one number, by which two trainings can be told apart."""

import hashlib
from typing import Any

import numpy as np

__all__ = ["weights_sha256"]


def weights_sha256(model: Any) -> str:
    """SHA-256 over `model.get_weights()` in order, each C-contiguous and little-endian: 64 hex digits."""
    found = hashlib.sha256()
    for weight in model.get_weights():
        array = np.asarray(weight)
        found.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return found.hexdigest()
