"""The parts of a logged metric's name: the data it was measured on, its label, its unit and its direction."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trainer.config.metrics import METRICS, METRICS_BY_LOGGED_NAME

__all__ = ["SYSTEM", "TEST", "VALIDATION", "MeasuredPart", "MetricName"]

TEST = "test_"
"""Prefix of metrics on the test data, measured once, after training."""

VALIDATION = "val_"
"""Prefix of metrics on the validation data, measured after every epoch."""

SYSTEM = "system/"
"""Prefix of the system metrics that MLflow samples while a run trains."""


class MeasuredPart(StrEnum):
    """What a metric was measured on: a part of the data, or the machine."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"
    SYSTEM = "system"


# First words of names as written by Keras, scikit-learn, PyTorch Lightning, Transformers and XGBoost.
_PREFIXES: Mapping[str, MeasuredPart] = {
    "test": MeasuredPart.TEST,
    "val": MeasuredPart.VALIDATION,
    "valid": MeasuredPart.VALIDATION,
    "validation": MeasuredPart.VALIDATION,
    "eval": MeasuredPart.VALIDATION,
    "evaluation": MeasuredPart.VALIDATION,
    "train": MeasuredPart.TRAINING,
    "training": MeasuredPart.TRAINING,
}

_PREFIX = re.compile(rf"({'|'.join(sorted(_PREFIXES, key=len, reverse=True))})[_/.\-](?=.)", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HIGHER = _words("""
    acc accuracy adjusted_mutual_info adjusted_rand ap auc auprc auroc average_precision balanced_accuracy
    best_cv_score bleu calinski_harabasz chrf cohen_kappa completeness cosine_similarity d2_absolute_error dice
    exact_match explained_variance f1 f2 f_beta f_measure fbeta hit_rate hits homogeneity iou jaccard kappa m_ap map
    map50 matthews matthews_corrcoef mcc mean_average_precision meteor miou mrr mutual_info ndcg
    normalized_mutual_info npv pearson pearsonr ppv pr_auc precision psnr r2 r_squared recall reward roc_auc rouge
    rouge1 rouge2 rougel score sensitivity silhouette spearman spearmanr specificity ssim success_rate tnr tpr
    true_negative_rate true_positive_rate v_measure win_rate
""")
_LOWER = _words("""
    bce brier brier_loss cer cross_entropy crossentropy davies_bouldin deviance divergence ece elbo_loss
    entropy_loss error error_rate false_discovery_rate false_negative_rate false_positive_rate fid fnr fpr
    hamming_loss hinge kl_div kl_divergence kld log_cosh log_loss logcosh logloss loss mae mape max_error
    mean_poisson_deviance mer merror mlogloss mse msle negative_log_likelihood nll perplexity poisson ppl rmse rmsle
    smape ter wer
""")
_NEGATED = frozenset({"neg", "negative", "minus"})
# Words that change the meaning of the known name after them, so that its direction is unknown.
_CHANGED = _words("""
    change delta diff difference false gap improvement inverse nb no non not num number std var
""")

# Known names that have another meaning as the end of a longer name.
_NOT_SUFFIXES = frozenset({"ap", "hits", "map", "mer", "score", "ter"})

# Measures of time and progress, which say nothing about the quality of the model.
_NOT_RESULTS = _words("""
    elapsed epoch epoch_seconds epochs flops global_step grad_norm iteration iterations learning_rate lr runtime
    samples_per_second seconds step steps steps_per_second time total_flos
""")

_LABELS: Mapping[str, str] = {
    "auc": "AUC",
    "epoch_seconds": "time per epoch",
    "f1_score": "F1 score",
    "fbeta_score": "F-beta score",
    "binary_io_u": "binary IoU",
    "io_u": "IoU",
    "kl_divergence": "KL divergence",
    "logcosh": "log-cosh error",
    "mean_io_u": "mean IoU",
    "one_hot_io_u": "one-hot IoU",
    "one_hot_mean_io_u": "one-hot mean IoU",
    "poisson": "Poisson loss",
    "r2_score": "R² score",
}
_UNITS: Mapping[str, str] = {
    "epoch_seconds": "s",
    "mape": "%",
    "mean_absolute_percentage_error": "%",
    "runtime": "s",
    "smape": "%",
}
_UNIT_ENDS: Mapping[str, str] = {"_percentage": "%", "_megabytes": "MB", "_seconds": "s", "_watts": "W"}


@dataclass(frozen=True, kw_only=True)
class MetricName:
    """The parsed name of a logged metric.

    `base` is the name without its `prefix`, as written, so that `val_loss` and `loss` share one. `label` is for
    people and includes the part of the data; `unit` is empty if there is none. `higher_is_better` is None if the name
    does not tell, or if neither direction is better, as for the counts of a confusion matrix.
    """

    name: str
    base: str
    prefix: str
    part: MeasuredPart
    label: str
    unit: str
    higher_is_better: bool | None

    @classmethod
    def of(cls, name: str) -> "MetricName":
        """Parse a name, whichever library logged it."""
        return _parsed(name)

    @property
    def is_result(self) -> bool:
        """Whether the metric measures the quality of the model, as opposed to time or progress."""
        return self.part is not MeasuredPart.SYSTEM and _snake(self.base) not in _NOT_RESULTS


@functools.lru_cache(maxsize=4096)
def _parsed(name: str) -> MetricName:
    prefix, part = _split(name)
    base = name[len(prefix) :]
    word = _snake(base)
    is_system = part is MeasuredPart.SYSTEM
    return MetricName(
        name=name,
        base=base,
        prefix=prefix,
        part=part,
        label=_label(base, word, part if prefix and not is_system else None),
        unit=_unit(word),
        higher_is_better=None if is_system or word in _NOT_RESULTS else _direction(word),
    )


def _split(name: str) -> tuple[str, MeasuredPart]:
    if name.startswith(SYSTEM) and name != SYSTEM:
        return SYSTEM, MeasuredPart.SYSTEM
    found = _PREFIX.match(name)
    return (found[0], _PREFIXES[found[1].lower()]) if found else ("", MeasuredPart.TRAINING)


def _snake(text: str) -> str:
    """Convert a name to snake case: `F1-Score` and `f1Score` become `f1_score`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[^a-z0-9@]+", "_", parted.lower()).strip("_")


def _label(base: str, word: str, part: MeasuredPart | None) -> str:
    kept = next((word.removesuffix(end) for end in _UNIT_ENDS if word.endswith(end)), word)
    plain = _LABELS.get(word, kept.replace("_", " ") if base.isascii() else base)
    return f"{part.value} {plain}" if part else plain


def _unit(word: str) -> str:
    found = next((unit for end, unit in _UNIT_ENDS.items() if word.endswith(end)), "")
    return _UNITS.get(word, found)


def _direction(word: str) -> bool | None:
    """Look the name up among the config's own metrics, then among other libraries' names, then by its ending."""
    # Keras appends _1, _2 to the second and third metric of a kind.
    candidates = dict.fromkeys((word, re.sub(r"_\d+$", "", word)))
    for candidate in candidates:
        member = METRICS_BY_LOGGED_NAME.get(candidate) or METRICS_BY_LOGGED_NAME.get(_alias(candidate))
        if member is not None:
            return None if member.better is None else member.better == "up"
    plain = re.sub(r"(@|_at_|_)(\d+|k)$", "", word)
    words = plain.split("_")
    # The longest known ending wins: in `false_positive_rate` it is the whole name, not `rate`.
    for start in range(len(words)):
        known = _known("_".join(words[start:]), is_suffix=start > 0)
        if known is not None:
            before = set(words[:start])
            if before & _CHANGED:
                return None
            return not known if before & _NEGATED else known
    return None


def _alias(word: str) -> str:
    """Return the logged name of a metric that Keras knows by a short name, such as `mae`."""
    member = METRICS.members.get(METRICS.aliases.get(word, ""))
    return next((name for name, cls in METRICS_BY_LOGGED_NAME.items() if cls is member), "")


def _known(word: str, *, is_suffix: bool) -> bool | None:
    if is_suffix and word in _NOT_SUFFIXES:
        return None
    own = METRICS_BY_LOGGED_NAME.get(word)
    if own is not None:
        return None if own.better is None else own.better == "up"
    for candidate in (word, word.removesuffix("_score"), word.removesuffix("_coefficient")):
        if candidate in _LOWER:
            return False
        if candidate in _HIGHER:
            return True
    return None
