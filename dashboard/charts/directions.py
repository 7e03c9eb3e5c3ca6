"""Which way a metric is better, and which metrics say most of a run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["best", "higher_is_better", "is_result", "main_metrics", "ranked"]

_LOWER = ("loss", "error", "mse", "mae", "rmse", "mape", "msle", "crossentropy", "divergence", "perplexity", "hinge")
_HIGHER = ("acc", "auc", "precision", "recall", "f1", "fbeta", "r2", "iou", "sensitivity", "specificity", "score")
_HIGHER_WORDS = ("poisson_score", "cosine_similarity")
_FALSE = ("false_positives", "false_negatives")
_TRUE = ("true_positives", "true_negatives")
_NOT_RESULTS = ("learning_rate", "epoch_seconds", "lr", "epoch")
_PARTS = ("test_", "val_", "")
_ENOUGH = 0.25
"""Of the runs that have the commonest metric, the share that must have a metric for it to get a column."""


def higher_is_better(name: str) -> bool | None:
    """Whether more of a metric is better; None where its name does not tell."""
    words = name.lower()
    if any(word in words for word in _FALSE):
        return False
    if any(word in words for word in (*_TRUE, *_HIGHER_WORDS)):
        return True
    if any(word in words for word in _LOWER):
        return False
    return True if any(word in words for word in _HIGHER) else None


def is_result(name: str) -> bool:
    """Whether a metric says how well a run did, and not how it went about it."""
    return name not in _NOT_RESULTS and not name.startswith("system/")


def ranked(names: Iterable[str]) -> list[str]:
    """Metrics with the most telling first: of the test part, of the validation part, of training; the loss last."""
    return sorted({name for name in names if is_result(name)}, key=_rank)


def _rank(name: str) -> tuple[int, bool, bool, str]:
    part = next(index for index, prefix in enumerate(_PARTS) if name.startswith(prefix))
    bare = name.removeprefix(_PARTS[part])
    return part, bare == "loss", higher_is_better(bare) is None, bare


def main_metrics(runs: Sequence[Mapping[str, float]], count: int = 3) -> list[str]:
    """The metrics to show of these runs, from each run's latest: the most telling that enough of them have."""
    having = Counter(name for metrics in runs for name in metrics if is_result(name))
    commonest = max(having.values(), default=0)
    common = ranked(name for name, number in having.items() if number >= commonest * _ENOUGH)
    return common[:count]


def best(values: Mapping[str, float], name: str) -> set[str]:
    """The keys of the best values of a metric; empty where the name tells no direction or all are the same."""
    direction = higher_is_better(name)
    comparable = {key: value for key, value in values.items() if value == value}
    if direction is None or len(set(comparable.values())) < 2:
        return set()
    top = max(comparable.values()) if direction else min(comparable.values())
    return {key for key, value in comparable.items() if value == top}
