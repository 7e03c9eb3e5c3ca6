"""Columns that give the target away: a tree of depth 2 on one column alone predicts it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.findings.base import Finding, FindingKind, View, ignoring, quoted, warn
from trainer.format import percent

__all__ = ["leaks"]

_FEWEST_ROWS = 50
_SAMPLE = 5_000
_MOST_COLUMNS = 500
_FOLDS = 3
_MOST_CLASSES = 10
_LEAST_ACCURACY = 0.98
# Four leaves explain 15/16 of the variance of evenly spread ranks, even with a copy of the target.
_LEAST_EXPLAINED = 0.92


def leaks(view: View) -> Iterator[Finding]:
    """Yield columns from which alone a decision tree of depth 2 predicts the target, in 3-fold cross-validation.

    For classes, the balanced accuracy of one class against all others, averaged over the ten largest classes, must be
    at least 0.98; for numbers, the tree must explain 92 % of the variance of the target's ranks, where 94 % is the most
    that its four leaves can. This looks at 5,000 random rows.
    """
    # A network on time series is not given the other columns of the steps that it predicts.
    if len(view.targets) != 1 or view.is_series or view.rows < _FEWEST_ROWS:
        return
    target = view.columns[view.targets[0]]
    usable = np.flatnonzero(~target.missing)
    if len(usable) < _FEWEST_ROWS or view.summaries[target.name].distinct < 2:
        return
    drawn = np.random.default_rng(0).permutation(usable)[:_SAMPLE]
    answers = _answers(target.values[drawn], is_classification=view.is_classification)
    for name in view.inputs[:_MOST_COLUMNS]:
        column = view.columns[name]
        if column.type in (ColumnType.EMPTY, ColumnType.OTHER) or view.summaries[name].distinct < 2:
            continue
        scores = [_score(column, drawn, answer, is_classes=view.is_classification) for answer in answers]
        if answers and (found := float(np.mean(scores))) >= _threshold(view):
            yield _finding(view, name, target.name, found)


def _finding(view: View, name: str, target: str, score: float) -> Finding:
    how = (
        f"predicts it with a balanced accuracy of {percent(score)}"
        if view.is_classification
        else f"explains {percent(score)} of the variance of its ranks"
    )
    message = (
        f"Column {quoted(name)} gives the target {quoted(target)} away: a decision tree of depth 2 on this "
        f"column alone {how} (cross-validated). If its value is known only after the target, new rows will not have it."
    )
    return warn(FindingKind.LEAK, name, message, *ignoring(name))


def _threshold(view: View) -> float:
    return _LEAST_ACCURACY if view.is_classification else _LEAST_EXPLAINED


def _answers(values: NDArray[Any], *, is_classification: bool) -> list[NDArray[np.float64]]:
    """Return what trees are to predict: each of the largest classes against all others, or the ranks of numbers."""
    if not is_classification:
        from scipy.stats import rankdata

        return [rankdata(values) / len(values)]
    classes, counts = np.unique(values, return_counts=True)
    largest = classes[np.argsort(-counts, kind="stable")][:_MOST_CLASSES]
    several = [each for each in largest if (values == each).sum() >= 2 * _FOLDS]
    # Of two classes, one against the other is all there is.
    chosen = several[:1] if len(classes) == 2 else several
    return [(values == each).astype(np.float64) for each in chosen]


def _score(column: Column, drawn: NDArray[np.intp], answer: NDArray[np.float64], *, is_classes: bool) -> float:
    """Return the balanced accuracy of a class, or the explained variance of ranks, on the rows held out."""
    # scikit-learn takes a second to import, and a profile without a target does without.
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    predicted = np.zeros(len(answer))
    values = column.values[drawn]
    for fold in range(_FOLDS):
        held = np.arange(len(answer)) % _FOLDS == fold
        inputs = _inputs(column, drawn, values, answer, ~held)
        if is_classes and len(np.unique(answer[~held])) < 2:
            return 0.0
        tree = (
            DecisionTreeClassifier(max_depth=2, class_weight="balanced", random_state=0)
            if is_classes
            else DecisionTreeRegressor(max_depth=2, random_state=0)
        )
        tree.fit(inputs[~held], answer[~held])
        predicted[held] = tree.predict(inputs[held])
    if is_classes:
        hit = predicted == answer
        return float((hit[answer == 1].mean() + hit[answer == 0].mean()) / 2)
    return float(1 - np.mean((predicted - answer) ** 2) / max(float(np.var(answer)), 1e-12))


def _inputs(
    column: Column, drawn: NDArray[np.intp], values: NDArray[Any], answer: NDArray[np.float64], seen: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the column as one number per row, of shape (rows, 1); a category becomes its mean answer."""
    if not column.is_labelled:
        numbers = values.astype(np.float64)
        # scikit-learn takes NaN, but nothing beyond the range of float32.
        numbers[column.missing[drawn]] = np.nan
        return np.clip(numbers, -3e38, 3e38).reshape(-1, 1)
    codes = values.astype(np.int64) + 1
    size = len(column.labels) + 1
    rows = np.bincount(codes[seen], minlength=size)
    total = np.bincount(codes[seen], weights=answer[seen], minlength=size)
    # A category that the fitted rows do not have gets the mean of all, so that identifiers predict nothing.
    means = np.where(rows > 0, total / np.maximum(rows, 1), answer[seen].mean())
    return np.asarray(means[codes], np.float64).reshape(-1, 1)
