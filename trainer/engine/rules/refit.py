"""Changes that another loss requires: metrics that only fit the old one, and callbacks that monitor them."""

from typing import Any, NamedTuple

from trainer.config import LOSSES, METRICS, Labels, Loss, Metric, logged_names
from trainer.config.check import Edit
from trainer.config.metrics.names import VALIDATION
from trainer.engine.rules.situation import Fix, Situation, put, removed, written

__all__ = ["counterpart", "with_loss"]

_COUNTERPARTS: dict[Labels, dict[str, str]] = {
    Labels.ONE_HOT: {
        "SparseCategoricalAccuracy": "CategoricalAccuracy",
        "SparseTopKCategoricalAccuracy": "TopKCategoricalAccuracy",
        "SparseCategoricalCrossentropy": "CategoricalCrossentropy",
        "Hinge": "CategoricalHinge",
        "SquaredHinge": "CategoricalHinge",
    },
    Labels.INTEGER: {
        "CategoricalAccuracy": "SparseCategoricalAccuracy",
        "TopKCategoricalAccuracy": "SparseTopKCategoricalAccuracy",
        "CategoricalCrossentropy": "SparseCategoricalCrossentropy",
        "BinaryCrossentropy": "SparseCategoricalCrossentropy",
        "KLDivergence": "SparseCategoricalCrossentropy",
    },
    Labels.BINARY: {
        "CategoricalAccuracy": "BinaryAccuracy",
        "SparseCategoricalAccuracy": "BinaryAccuracy",
        "CategoricalCrossentropy": "BinaryCrossentropy",
        "SparseCategoricalCrossentropy": "BinaryCrossentropy",
        "KLDivergence": "BinaryCrossentropy",
        "CategoricalHinge": "Hinge",
    },
    Labels.VALUES: {},
}


class _Replaced(NamedTuple):
    """The place and logged name of a metric that is replaced, and its replacement."""

    place: int
    logged: str
    other: dict[str, Any]


def counterpart(metric: Metric, labels: Labels) -> dict[str, Any]:
    """Return the equivalent metric for other labels, with the fields that both have."""
    usual = "MeanAbsoluteError" if labels is Labels.VALUES else "accuracy"
    name = _COUNTERPARTS[labels].get(metric.kind, usual)
    known = METRICS.members[name].model_fields
    kept = {key: value for key, value in written(metric).items() if key in known}
    return {**kept, "name": name}


def with_loss(situation: Situation, loss: dict[str, Any]) -> Fix:
    """Return the fix that changes the loss, and with it every metric that does not fit its labels or task."""
    member = LOSSES.members[loss["name"]]
    labels = member.labels if issubclass(member, Loss) else Labels.VALUES
    replaced = _replaced(situation, labels)
    metrics, removals, names = _metric_edits(situation, replaced)
    edits = (put("loss", value=loss), *metrics, *_monitors(situation, replaced), *removals)
    measured = f" and measure {' and '.join(names)}" if names else ""
    return Fix(f"Use {loss['name']}{measured}.", edits)


def _replaced(situation: Situation, labels: Labels) -> list[_Replaced]:
    metrics = situation.config.metrics
    return [
        _Replaced(place, logged, counterpart(metric, labels))
        for place, (metric, logged) in enumerate(zip(metrics, logged_names(metrics), strict=True))
        if labels not in metric.labels or (metric.for_values and labels is not Labels.VALUES)
    ]


def _metric_edits(situation: Situation, replaced: list[_Replaced]) -> tuple[list[Edit], list[Edit], list[str]]:
    """Return the edits that set metrics, those that remove duplicates (last first), and the names of new metrics."""
    places = {each.place for each in replaced}
    kept = {metric.kind for place, metric in enumerate(situation.config.metrics) if place not in places}
    changed: list[Edit] = []
    removals: list[Edit] = []
    names: list[str] = []
    for place, _, other in replaced:
        if other["name"] in kept:
            # Last first, so that a removal does not shift the places of those still to come.
            removals.insert(0, removed("metrics", place))
            continue
        kept.add(other["name"])
        names.append(other["name"])
        changed.append(put("metrics", place, value=other))
    return changed, removals, names


def _monitors(situation: Situation, replaced: list[_Replaced]) -> list[Edit]:
    """Return the edits that make callbacks monitor the replacements, with the mode inferred anew."""
    now = {each.logged: METRICS.members[each.other["name"]] for each in replaced}
    edits = []
    for place, callback in enumerate(situation.config.callbacks):
        watched = str(callback.arguments().get("monitor", ""))
        prefix = VALIDATION if watched.startswith(VALIDATION) else ""
        member = now.get(watched.removeprefix(prefix))
        if member is not None and issubclass(member, Metric):
            edits.append(put("callbacks", place, "monitor", value=prefix + member.model_construct().logged_name))
            edits += [put("callbacks", place, "mode", value="auto")] if callback.arguments()["mode"] != "auto" else []
    return edits
