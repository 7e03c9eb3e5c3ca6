"""Smoothing of noisy curves."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["smoothed"]


def smoothed(values: ArrayLike, weight: float) -> NDArray[np.float64]:
    """Return the bias-corrected exponential moving average, as in Adam (https://arxiv.org/abs/1412.6980, section 3).

    Args:
        values: (points,), all finite.
        weight: the weight of earlier values, from 0 (no smoothing) to below 1.
    """
    # With `adjust`, pandas divides by the sum of the weights so far, which is the correction.
    import pandas as pd

    return pd.Series(np.asarray(values, dtype=np.float64)).ewm(alpha=1 - weight, adjust=True).mean().to_numpy()
