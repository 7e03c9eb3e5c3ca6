"""Where two networks differ on the same samples: which of them each classifies correctly, and how far each is off."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.comparison.networks import errors_of
from trainer.tracking.predictions import Predictions

__all__ = ["ErrorGaps", "Outcomes", "confusion_of", "error_gaps", "outcomes_of"]

_Places = NDArray[np.intp]


class Outcomes(NamedTuple):
    """The samples of a classification by who is right: their places in the part, counted from 0.

    The most confident mistakes come first: of the network that is wrong, or of both together.
    """

    only_first: _Places
    only_second: _Places
    neither: _Places
    both: int


class ErrorGaps(NamedTuple):
    """The mean absolute error of two networks on each sample of a regression, (samples,).

    `order` are the samples' places in the part, counted from 0, the largest difference of the errors first. An error
    that is not a number counts as infinite.
    """

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    order: _Places

    @property
    def first_is_closer(self) -> int:
        """The number of samples with a smaller error of the first network."""
        return int((self.first < self.second).sum())

    @property
    def second_is_closer(self) -> int:
        """The number of samples with a smaller error of the second network."""
        return int((self.second < self.first).sum())


def outcomes_of(first: Predictions, second: Predictions) -> Outcomes:
    """Return the samples of two classifiers by who is right; `why_not_paired` must have no objection."""
    right, other_right = (np.asarray(kept.actual == kept.predicted) for kept in (first, second))
    sure, other_sure = _confidence(first), _confidence(second)
    return Outcomes(
        _ordered(right & ~other_right, other_sure),
        _ordered(other_right & ~right, sure),
        _ordered(~right & ~other_right, sure + other_sure),
        int((right & other_right).sum()),
    )


def confusion_of(kept: Predictions) -> NDArray[np.int64]:
    """Return counts (classes, classes) by actual class (row) and predicted class (column)."""
    classes = len(kept.labels)
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (np.asarray(kept.actual), np.asarray(kept.predicted)), 1)
    return counts


def error_gaps(first: Predictions, second: Predictions) -> ErrorGaps:
    """Return the errors of two regressions on the same samples; `why_not_paired` must have no objection."""
    one, other = (np.nan_to_num(errors_of(kept), nan=np.inf, posinf=np.inf) for kept in (first, second))
    # Two infinite errors have no difference.
    gaps = np.zeros(len(one))
    np.subtract(one, other, out=gaps, where=one != other)
    return ErrorGaps(one, other, np.argsort(-np.abs(gaps), kind="stable"))


def _confidence(kept: Predictions) -> NDArray[np.float64]:
    known = np.zeros(kept.samples) if kept.confidence is None else kept.confidence.astype(np.float64)
    return np.nan_to_num(known)


def _ordered(chosen: NDArray[np.bool_], confidence: NDArray[np.float64]) -> _Places:
    places = np.flatnonzero(chosen)
    return places[np.argsort(-confidence[places], kind="stable")]
