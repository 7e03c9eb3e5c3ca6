"""Rules about metrics: whether they fit the labels of the loss and the outputs of the model."""

from collections.abc import Iterator

from trainer.config import Labels, Metric
from trainer.config.check import Edit, Problem, Severity
from trainer.engine.rules.refit import counterpart
from trainer.engine.rules.situation import Fix, Situation, put, removed, written

__all__ = ["metric_problems"]

_FORMS = {
    Labels.INTEGER: "integer labels",
    Labels.ONE_HOT: "one-hot labels",
    Labels.BINARY: "binary labels",
    Labels.VALUES: "regression targets",
}
_SCORED = frozenset(
    {"AUC", "Precision", "Recall", "F1Score", "FBetaScore"}
    | {"TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"}
)
# Metrics of a regression that are also meaningful for probabilities of classes, such as the Brier score.
_PROPER_SCORES = frozenset({"CosineSimilarity", "MeanSquaredError"})


def metric_problems(situation: Situation) -> Iterator[Problem]:
    """Find metrics that cannot be computed or that mislead. Requires a loss that fits the task."""
    metrics = situation.config.metrics
    for index, metric in enumerate(metrics):
        if situation.labels not in metric.labels:
            yield _unfit(situation, index, metric)
        elif metric in metrics[:index]:
            fix = Fix("Remove the duplicate.", (removed("metrics", index),))
            yield _warning(index, f"{metric.kind} is listed twice.", fix)
        elif situation.is_multilabel and metric.kind == "accuracy" and situation.expected_units > 1:
            # Keras chooses categorical accuracy for several outputs, which compares only the largest of each row.
            fix = Fix("Use BinaryAccuracy instead.", (put("metrics", index, value={"name": "BinaryAccuracy"}),))
            yield _warning(index, "accuracy compares only the most probable label of a sample.", fix)
        elif situation.classifies and metric.for_values and metric.kind not in _PROPER_SCORES:
            message = f"{metric.kind} is a regression metric, but {situation.schema.name} is a classification dataset."
            fix = _replaced(situation, index, metric)
            yield _warning(index, message, fix)
        else:
            yield from _scores(situation, index, metric)
            yield from _top(situation, index, metric)
            yield from _classes(situation, index, metric)
            yield from _correlation(situation, index, metric)


def _warning(index: int, message: str, fix: Fix) -> Problem:
    return Problem(
        severity=Severity.WARNING, where=f"metrics.{index + 1}", message=message, fix=fix.text, edits=fix.edits
    )


def _unfit(situation: Situation, index: int, metric: Metric) -> Problem:
    loss = situation.config.loss
    if situation.labels is Labels.VALUES:
        message = f"{metric.kind} is a classification metric, but {situation.schema.name} is a regression dataset."
    else:
        wanted = " or ".join(_FORMS[labels] for labels in Labels if labels in metric.labels)
        message = f"{metric.kind} needs {wanted}, but {loss.kind} uses {_FORMS[situation.labels]}."
    one_hot = loss.kind == "SparseCategoricalCrossentropy" and loss.arguments()["ignore_class"] is None
    fix = _one_hot(situation) if metric.kind in _SCORED and one_hot else _replaced(situation, index, metric)
    return Problem(
        severity=Severity.ERROR, where=f"metrics.{index + 1}", message=message, fix=fix.text, edits=fix.edits
    )


def _one_hot(situation: Situation) -> Fix:
    """Return the same loss with one-hot labels, and the metrics that needed integers with it."""
    loss = {**written(situation.config.loss), "name": "CategoricalCrossentropy"}
    edits: list[Edit] = [put("loss", value=loss)]
    for index, metric in enumerate(situation.config.metrics):
        if Labels.ONE_HOT not in metric.labels:
            edits.append(put("metrics", index, value=counterpart(metric, Labels.ONE_HOT)))
    return Fix("Use CategoricalCrossentropy, the same loss with one-hot labels.", tuple(edits))


def _replaced(situation: Situation, index: int, metric: Metric) -> Fix:
    other = counterpart(metric, situation.labels)
    if any(held.kind == other["name"] for held in situation.config.metrics):
        return Fix(f"Remove it; {other['name']} is already listed.", (removed("metrics", index),))
    return Fix(f"Use {other['name']} instead.", (put("metrics", index, value=other),))


def _scores(situation: Situation, index: int, metric: Metric) -> Iterator[Problem]:
    """Find metrics that take logits for probabilities, or vice versa."""
    fields = metric.arguments()
    raw = situation.answer.activation is None if situation.answer else situation.from_logits
    if situation.from_logits is None or raw is None:
        return
    if "from_logits" in fields:
        if fields["from_logits"] != raw:
            outputs, expected = ("logits", "probabilities") if raw else ("probabilities", "logits")
            text = f"Set its from_logits to {str(raw).lower()}."
            fix = Fix(text, (put("metrics", index, "from_logits", value=raw),))
            yield _warning(index, f"The model outputs {outputs}, but {metric.kind} expects {expected}.", fix)
    elif raw and situation.from_logits and _has_threshold(situation, metric):
        good = "sigmoid" if situation.labels is Labels.BINARY else "softmax"
        edits = (*situation.activated(good), put("loss", "from_logits", value=False))
        message = f"{metric.kind} applies a threshold of 0.5, but the model outputs logits, not probabilities."
        yield _warning(
            index, message, Fix(f"Set the output activation to {good} and from_logits of the loss to false.", edits)
        )
    elif metric.kind in {"F1Score", "FBetaScore"} and situation.labels is Labels.BINARY and fields["threshold"] is None:
        fix = Fix("Set its threshold to 0.5.", (put("metrics", index, "threshold", value=0.5),))
        yield _warning(
            index, f"Without a threshold, {metric.kind} counts every sample of a single output as positive.", fix
        )


def _has_threshold(situation: Situation, metric: Metric) -> bool:
    """Return whether the metric compares each output with a probability, as Keras's accuracy does for one output."""
    fields = metric.arguments()
    if metric.kind == "accuracy":
        return situation.labels is Labels.BINARY
    if metric.kind in {"F1Score", "FBetaScore", "BinaryAccuracy"}:
        return bool(fields["threshold"])
    # A threshold of 0 is for logits, which are positive where the probability exceeds 0.5.
    return "thresholds" in fields and fields["thresholds"] != 0 and fields.get("top_k") is None


def _top(situation: Situation, index: int, metric: Metric) -> Iterator[Problem]:
    k, classes = metric.arguments().get("k"), situation.schema.classes
    if k is not None and classes is not None and k >= classes > 1:
        fix = Fix(f"Set k to {classes - 1}.", (put("metrics", index, "k", value=classes - 1),))
        yield _warning(
            index, f"With only {classes} classes, the correct one is always among the {k} most probable.", fix
        )


def _classes(situation: Situation, index: int, metric: Metric) -> Iterator[Problem]:
    """Find an IoU of other classes than the dataset's: Keras stops at the first label without a row."""
    fields, classes = metric.arguments(), situation.schema.classes
    given = fields.get("num_classes")
    if given is None or classes is None:
        return
    if given != classes:
        fix = f"Set num_classes to {classes}."
        message = f"`num_classes` is {given}, but {situation.schema.name} has {classes} classes."
        yield _field_error(index, "num_classes", message, fix, put("metrics", index, "num_classes", value=classes))
    if fields["sparse_y_pred"]:
        message = f"The model outputs a value per class, but {metric.kind} with sparse_y_pred=true expects class ids."
        edit = put("metrics", index, "sparse_y_pred", value=False)
        yield _field_error(index, "sparse_y_pred", message, "Set sparse_y_pred to false.", edit)
    beyond = [each for each in fields.get("target_class_ids", ()) if each >= classes]
    if beyond:
        message = f"`target_class_ids` must be below {classes}, the number of classes, got {beyond[0]}."
        edit = put("metrics", index, "target_class_ids", value=list(range(classes)))
        yield _field_error(index, "target_class_ids", message, "Use all classes.", edit)


def _field_error(index: int, field: str, message: str, fix: str, edit: Edit) -> Problem:
    where = f"metrics.{index + 1}.{field}"
    return Problem(severity=Severity.ERROR, where=where, message=message, fix=fix, edits=(edit,))


def _correlation(situation: Situation, index: int, metric: Metric) -> Iterator[Problem]:
    """Find a correlation over fewer than three outputs, which is undefined for one and ±1 for two."""
    if metric.kind in {"PearsonCorrelation", "ConcordanceCorrelation"} and metric.arguments()["axis"] in {-1, 1}:
        outputs = situation.schema.outputs
        if outputs < 3:
            fix = Fix("Correlate over the samples of a batch.", (put("metrics", index, "axis", value=0),))
            message = f"{metric.kind} over axis −1 needs at least three outputs for each sample, got {outputs}."
            yield _warning(index, message, fix)
