import pytest

from trainer.config import METRICS_BY_LOGGED_NAME, MeasuredPart, Metric, MetricName


def _direction(name: str) -> bool | None:
    return MetricName.of(name).higher_is_better


@pytest.mark.parametrize(("name", "metric"), METRICS_BY_LOGGED_NAME.items())
@pytest.mark.parametrize("form", ["{}", "val_{}", "test_{}", "{}_1", "val_{}_2", "tower_{}"])
def test_direction_of_own_metrics_is_their_class_s(name: str, metric: type[Metric], form: str) -> None:
    assert _direction(form.format(name)) is {"up": True, "down": False, None: None}[metric.better]


@pytest.mark.parametrize(
    "name",
    [
        "acc", "val_acc", "test_accuracy_score", "training_roc_auc_score", "macro_f1", "F1", "f1-score", "F1Score",
        "eval/accuracy", "training_score", "best_cv_score", "neg_mean_squared_error", "cv_neg_log_loss",
        "test_neg_mean_squared_error", "R2", "training_r2_score", "mAP", "ndcg@10", "precision_at_5", "bleu",
        "out1_accuracy", "dice_coefficient", "top_5_accuracy", "validation_0-auc",
    ],
)  # fmt: skip
def test_known_names_of_other_libraries_for_which_more_is_better(name: str) -> None:
    assert _direction(name) is True


@pytest.mark.parametrize(
    "name",
    [
        "loss", "val_loss", "train/loss", "eval_loss", "out1_loss", "mae", "rmse", "RMSE", "log_loss", "logloss",
        "validation_0-logloss", "perplexity", "wer", "error_rate", "max_error", "brier_score", "brier_score_loss",
        "training_mean_absolute_error", "false_positive_rate", "negative_log_likelihood", "neg_accuracy",
        "valid_mlogloss", "davies_bouldin_score", "smape", "bce",
    ],
)  # fmt: skip
def test_known_names_of_other_libraries_for_which_less_is_better(name: str) -> None:
    assert _direction(name) is False


@pytest.mark.parametrize(
    "name",
    [
        "accident_rate", "accumulated", "hearing", "pickup", "learning_rate", "lr", "epoch", "epoch_seconds", "step",
        "true_positives", "test_false_negatives_1", "anomaly_score", "heat_map", "meter", "loss_scale", "delta_loss",
        "accuracy_std", "num_errors", "system/gpu_0_utilization_percentage", "system/loss", "x", "", "val_", "_",
        "nonsense", "macro", "lossless", "grad_norm", "eval_samples_per_second", "diff_accuracy",
    ],
)  # fmt: skip
def test_direction_is_not_guessed_from_letters_within_a_word(name: str) -> None:
    assert _direction(name) is None


@pytest.mark.parametrize(
    ("name", "base", "part", "label", "unit"),
    [
        ("loss", "loss", MeasuredPart.TRAINING, "loss", ""),
        ("val_loss", "loss", MeasuredPart.VALIDATION, "validation loss", ""),
        ("test_f1_score", "f1_score", MeasuredPart.TEST, "test F1 score", ""),
        ("training_score", "score", MeasuredPart.TRAINING, "training score", ""),
        ("eval/Loss", "Loss", MeasuredPart.VALIDATION, "validation loss", ""),
        ("val_mean_absolute_percentage_error", "mean_absolute_percentage_error", MeasuredPart.VALIDATION,
         "validation mean absolute percentage error", "%"),
        ("epoch_seconds", "epoch_seconds", MeasuredPart.TRAINING, "time per epoch", "s"),
        ("system/cpu_utilization_percentage", "cpu_utilization_percentage", MeasuredPart.SYSTEM,
         "cpu utilization", "%"),
        ("system/system_memory_usage_megabytes", "system_memory_usage_megabytes", MeasuredPart.SYSTEM,
         "system memory usage", "MB"),
        ("val_točnost", "točnost", MeasuredPart.VALIDATION, "validation točnost", ""),
        ("value", "value", MeasuredPart.TRAINING, "value", ""),
        ("trainable", "trainable", MeasuredPart.TRAINING, "trainable", ""),
        ("val_", "val_", MeasuredPart.TRAINING, "val", ""),
    ],
)  # fmt: skip
def test_name_is_taken_apart(name: str, base: str, part: MeasuredPart, label: str, unit: str) -> None:
    found = MetricName.of(name)
    assert (found.base, found.part, found.label, found.unit) == (base, part, label, unit)
    assert found.prefix + found.base == found.name == name


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("test", MeasuredPart.TEST),
        *((word, MeasuredPart.VALIDATION) for word in ("val", "valid", "validation", "eval", "evaluation")),
        *((word, MeasuredPart.TRAINING) for word in ("train", "training")),
    ],
)
@pytest.mark.parametrize("separator", ["_", "/", ".", "-"])
def test_first_word_says_the_part(word: str, part: MeasuredPart, separator: str) -> None:
    found = MetricName.of(f"{word}{separator}mae")
    assert (found.prefix, found.base, found.part) == (f"{word}{separator}", "mae", part)
    assert MetricName.of(f"{word.upper()}{separator}mae").part is part


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("auc", "AUC", ""),
        ("fbeta_score", "F-beta score", ""),
        ("kl_divergence", "KL divergence", ""),
        ("logcosh", "log-cosh error", ""),
        ("poisson", "Poisson loss", ""),
        ("r2_score", "R² score", ""),
        ("mape", "mape", "%"),
        ("smape", "smape", "%"),
        ("runtime", "runtime", "s"),
        ("load_seconds", "load", "s"),
        ("gpu_power_usage_watts", "gpu power usage", "W"),
    ],
)
def test_label_and_unit_are_the_field_s(name: str, label: str, unit: str) -> None:
    found = MetricName.of(name)
    assert (found.label, found.unit) == (label, unit)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("negative_mean_squared_error", True),
        ("minus_accuracy", False),
        ("hits@10", True),
        ("some_hits", None),
        ("some_mer", None),
        ("some_ter", None),
        ("some_ap", None),
        ("mer", False),
        ("ter", False),
        ("tower_mae_2", False),
    ],
)
def test_direction_minds_the_words_before(name: str, better: bool | None) -> None:
    assert _direction(name) is better


def test_what_says_how_a_run_went_is_no_result() -> None:
    for name in ("learning_rate", "epoch_seconds", "system/cpu_utilization_percentage", "eval_runtime", "epoch"):
        assert not MetricName.of(name).is_result, name
    for name in ("loss", "val_accuracy", "test_anything", "true_positives"):
        assert MetricName.of(name).is_result, name
