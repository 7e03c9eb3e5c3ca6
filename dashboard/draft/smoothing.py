"""Label smoothing for a loss on integer labels, which Keras (3.15) has only for one-hot labels."""

from collections.abc import Mapping
from typing import Any

from dashboard.draft.draft import as_fields
from trainer.config import LOSSES, METRICS
from trainer.config.check import Edit

__all__ = ["smoothing_edits"]

_SPARSE, _ONE_HOT = "SparseCategoricalCrossentropy", "CategoricalCrossentropy"
_USUAL = 0.1


def smoothing_edits(fields: Mapping[str, Any]) -> tuple[Edit, ...]:
    """Return the edits that change the loss to the same one on one-hot labels with label smoothing, and its metrics.

    There are none if the draft has another loss, or one that ignores a class, which is only possible with integers.
    """
    loss = as_fields(fields.get("loss"), LOSSES)
    if loss.get("name") != _SPARSE or loss.pop("ignore_class", None) is not None:
        return ()
    smoothed = {**loss, "name": _ONE_HOT, "label_smoothing": loss.get("label_smoothing", _USUAL)}
    edits = [Edit(action="set", path=("loss",), value=smoothed)]
    for place, metric in enumerate(fields.get("metrics") or ()):
        part = as_fields(metric, METRICS)
        other = str(part.get("name")).removeprefix("Sparse")
        if other != part.get("name") and other in METRICS.members and "ignore_class" not in part:
            edits.append(Edit(action="set", path=("metrics", place), value={**part, "name": other}))
    return tuple(edits)
