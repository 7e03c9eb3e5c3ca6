"""Several labels at once: how often each is found, by the probability from which it counts as true."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.tracking.read.stored import as_mapping

__all__ = ["LabelsInfo", "label_rows", "labels_info"]


class LabelsInfo(NamedTuple):
    """The confusion of each label at each threshold.

    `counts` is (labels, thresholds, 4): samples with the label that were found, those without it that were taken to
    have it, those with it that were missed, and those without it that were recognized.
    """

    names: tuple[str, ...]
    thresholds: tuple[float, ...]
    counts: NDArray[np.int64]


def labels_info(document: object, names: Sequence[str] = ()) -> LabelsInfo | None:
    """Read `evaluation/labels.json` (`thresholds`, `counts`); None if there is nothing to show.

    Args:
        document: the content of the file.
        names: the names of the labels; without them, labels are numbered from 1.
    """
    try:
        content = as_mapping(document)
        thresholds = tuple(float(each) for each in content["thresholds"])
        counts = np.asarray(content["counts"], dtype=np.int64)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if counts.ndim != 3 or not counts.size or counts.shape[1:] != (len(thresholds), 4) or (counts < 0).any():
        return None
    known = len(names) == len(counts)
    return LabelsInfo(
        tuple(names) if known else tuple(f"label {place}" for place in range(1, len(counts) + 1)), thresholds, counts
    )


def label_rows(info: LabelsInfo, threshold: float) -> list[dict[str, Any]]:
    """Return a row for each label at a threshold: its confusion, precision, recall and F1, and its best threshold.

    A ratio without samples is None. The best threshold is the one with the largest F1, the lowest if several have it.
    """
    place = info.thresholds.index(threshold)
    rows = []
    for name, counts in zip(info.names, info.counts, strict=True):
        found, wrong, missed, rest = counts[place].tolist()
        scores = [_f1(*each[:3]) or 0.0 for each in counts.tolist()]
        rows.append(
            {
                "label": name,
                "precision": _ratio(found, found + wrong),
                "recall": _ratio(found, found + missed),
                "F1": _f1(found, wrong, missed),
                "true positives": found,
                "false positives": wrong,
                "false negatives": missed,
                "true negatives": rest,
                "best threshold": info.thresholds[int(np.argmax(scores))],
            }
        )
    return rows


def _f1(found: int, wrong: int, missed: int) -> float | None:
    return _ratio(2 * found, 2 * found + wrong + missed)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
