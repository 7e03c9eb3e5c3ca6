import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on, splits_of
from trainer.data import Arrays, Splits
from trainer.engine.backend import keras
from trainer.engine.report import Threads
from trainer.engine.state import weights_sha256
from trainer.engine.train import train
from trainer.errors import TrainingError


def test_every_steps_per_execution_gives_the_same_bits(tmp_path: Path) -> None:
    config = config_on()
    splits = splits_of(config, tmp_path)
    results = []
    for steps in (1, 7, 36, 50):
        memory = Memory()
        outcome, _ = train(config, splits, memory, steps_per_execution=steps)
        results.append((outcome.weights_sha256, memory.epochs, outcome.evaluation.metrics))
    assert all(result == results[0] for result in results)


def test_result_equals_plain_keras_with_the_same_order(tmp_path: Path) -> None:
    from trainer.engine.backend import tf
    from trainer.engine.pipeline import order_of

    config = config_on()
    splits = splits_of(config, tmp_path)
    outcome, _ = train(config, splits, Memory())
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8)),
            keras.layers.Flatten(),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    x, y = splits.train
    for epoch in range(2):
        order = order_of(0, epoch, len(y)).numpy()
        batches = tf.data.Dataset.from_tensor_slices((x[order], y[order])).batch(32)
        model.fit(batches, shuffle=False, verbose=0)
    assert weights_sha256(model) == outcome.weights_sha256


def test_sample_weights_give_the_bits_of_plain_keras_with_them(tmp_path: Path) -> None:
    from trainer.engine.pipeline import order_of

    random = np.random.default_rng(1)
    y = random.integers(0, 3, 90)
    given = np.where(y == 0, 6.0, 0.5)
    np.savez(tmp_path / "own.npz", x=random.normal(size=(90, 4)), y=y, sample_weight=given)
    layers = [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 3}]
    config = config_on({"name": "npz", "path": str(tmp_path / "own.npz")}, layers=layers)
    splits = splits_of(config, tmp_path)
    results = [train(config, splits, Memory(), steps_per_execution=steps)[0].weights_sha256 for steps in (1, 2)]
    unweighted, _ = train(config, Splits(**{**vars(splits), "weights": None}), Memory())
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    for epoch in range(2):
        order = order_of(0, epoch, len(splits.train.y)).numpy()
        ordered = (splits.train.x[order], splits.train.y[order])
        model.fit(*ordered, sample_weight=splits.weights[order], batch_size=32, shuffle=False, verbose=0)
    assert {weights_sha256(model)} == set(results)
    assert unweighted.weights_sha256 not in results


def test_reporter_hears_of_everything(tmp_path: Path) -> None:
    config = config_on()
    memory = Memory()
    outcome, model = train(config, splits_of(config, tmp_path), memory, steps_per_execution=10)
    (facts,) = memory.facts
    assert facts.steps == 36
    assert facts.steps_per_execution == 10
    assert facts.parameters == model.count_params()
    assert facts.samples == {"train": 1149, "validation": 288, "test": 360}
    assert [progress.step for progress in memory.progress] == [10, 20, 30, 36] * 2
    assert all(set(progress.values) == {"loss", "accuracy"} for progress in memory.progress)
    assert set(memory.epochs[0]) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert set(outcome.evaluation.metrics) == {"test_loss", "test_accuracy"}
    assert (outcome.epochs, outcome.stopped) == (2, False)
    assert outcome.history == {name: tuple(epoch[name] for epoch in memory.epochs) for name in memory.epochs[0]}
    assert memory.phases[-1] == "evaluating"


def test_stop_in_the_middle_of_an_epoch_ends_within_one_execution(tmp_path: Path) -> None:
    config = config_on(epochs=50, callbacks=[{"callback": "EarlyStopping", "monitor": "val_loss"}])
    memory = Memory(stop_after=6)
    outcome, _ = train(config, splits_of(config, tmp_path), memory, steps_per_execution=10)
    assert len(memory.progress) == 6
    assert outcome.stopped
    assert outcome.epochs == len(memory.epochs) == 1
    assert "test_loss" in outcome.evaluation.metrics


def test_stop_at_the_end_of_an_epoch_keeps_the_epoch(tmp_path: Path) -> None:
    config = config_on(epochs=50)
    memory = Memory(stop_after=4)
    outcome, _ = train(config, splits_of(config, tmp_path), memory, steps_per_execution=10)
    assert outcome.stopped
    assert outcome.epochs == len(memory.epochs) == 1
    assert "val_loss" in memory.epochs[0]


def test_test_part_is_never_seen_by_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test part of nothing but NaN leaves the weights and the history as they are."""
    config = config_on()
    splits = splits_of(config, tmp_path)
    plain, poisoned = Memory(), Memory()
    before, _ = train(config, splits, plain)
    nan = Arrays(np.full_like(splits.test.x, np.nan), splits.test.y)
    after, _ = train(config, type(splits)(**{**vars(splits), "test": nan}), poisoned)
    assert after.weights_sha256 == before.weights_sha256
    assert plain.epochs == poisoned.epochs
    assert after.evaluation.metrics["test_loss"] != before.evaluation.metrics["test_loss"]
    json.dumps(after.evaluation.files, allow_nan=False)


def test_loss_that_is_no_number_ends_the_training_with_a_sentence(tmp_path: Path) -> None:
    config = config_on(optimizer={"name": "SGD", "learning_rate": 1e30})
    memory = Memory()
    with pytest.raises(TrainingError, match=r"epoch 1, .*learning rate 1e\+30 is probably too high"):
        train(config, splits_of(config, tmp_path), memory)
    assert not memory.epochs


def test_terminate_on_nan_ends_training(tmp_path: Path) -> None:
    config = config_on(optimizer={"name": "SGD", "learning_rate": 1e30}, epochs=9, callbacks=["TerminateOnNaN"])
    outcome, _ = train(config, splits_of(config, tmp_path), Memory())
    assert outcome.epochs < 9
    assert not outcome.stopped


def test_parts_without_samples_are_left_out(tmp_path: Path) -> None:
    config = config_on({"name": "digits", "validation_fraction": 0.0, "test_fraction": 0.0})
    memory = Memory()
    outcome, _ = train(config, splits_of(config, tmp_path), memory)
    assert set(memory.epochs[0]) == {"loss", "accuracy", "learning_rate"}
    assert outcome.evaluation.metrics == {}
    assert outcome.evaluation.files == {}


def test_schedule_is_logged_as_it_was_at_the_end_of_each_epoch(tmp_path: Path) -> None:
    schedule = {"name": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 36, "decay_rate": 0.5}
    config = config_on(optimizer={"name": "SGD", "learning_rate": schedule})
    memory = Memory()
    train(config, splits_of(config, tmp_path), memory)
    assert [epoch["learning_rate"] for epoch in memory.epochs] == pytest.approx([0.05, 0.025])


def test_failure_in_keras_is_one_sentence(tmp_path: Path) -> None:
    config = config_on(layers=[{"layer": "Dense", "units": 10}])
    with pytest.raises(TrainingError, match="Keras failed while training"):
        train(config, splits_of(config, tmp_path), Memory())


def test_layer_that_does_not_fit_is_named(tmp_path: Path) -> None:
    config = config_on(layers=[{"layer": "Conv2D", "filters": 3, "kernel_size": 3}])
    with pytest.raises(TrainingError, match="layer conv2d"):
        train(config, splits_of(config, tmp_path), Memory())


@pytest.mark.parametrize(
    ("dataset", "layers", "loss", "metrics"),
    [
        (
            "moons",
            [{"layer": "Dense", "units": 1}],
            {"name": "BinaryCrossentropy", "from_logits": True},
            ["AUC", "accuracy"],
        ),
        ("moons", [{"layer": "Dense", "units": 1}], "Hinge", ["accuracy"]),
        ("iris", [{"layer": "Dense", "units": 3, "activation": "softmax"}], "CategoricalCrossentropy", ["F1Score"]),
    ],
)
def test_classifications_of_every_label_give_a_confusion(
    dataset: str, layers: list[Any], loss: Any, metrics: list[str], tmp_path: Path
) -> None:
    config = config_on(dataset, layers=layers, loss=loss, metrics=metrics)
    splits = splits_of(config, tmp_path)
    outcome, _ = train(config, splits, Memory())
    counts = outcome.evaluation.files["confusion.json"]["counts"]
    assert np.sum(counts) == len(splits.test.y)
    assert np.sum(counts, axis=1).tolist() == np.bincount(splits.test.y).tolist()


def test_regression_gives_predicted_against_actual(tmp_path: Path) -> None:
    config = config_on("diabetes", layers=[{"layer": "Dense", "units": 1}], loss="mse", metrics=["R2Score", "mae"])
    splits = splits_of(config, tmp_path)
    outcome, model = train(config, splits, Memory())
    predictions = outcome.evaluation.files["predictions.json"]
    assert predictions["actual"] == pytest.approx(splits.test.y[:, 0].tolist(), rel=1e-5)
    expected = model.predict(splits.test.x, verbose=0)[:, 0].tolist()
    assert predictions["predicted"] == pytest.approx(expected, rel=1e-4)
    assert set(outcome.evaluation.metrics) == {"test_loss", "test_r2_score", "test_mean_absolute_error"}


def test_threads_that_were_asked_for_are_reported(tmp_path: Path) -> None:
    config = config_on(epochs=1)
    memory = Memory()
    train(config, splits_of(config, tmp_path), memory, threads=Threads(intra=1, inter=1))
    assert memory.facts[0].threads.intra >= 1


def test_early_stopping_says_which_epoch_is_kept_and_that_it_ended_the_training(tmp_path: Path) -> None:
    callback = {"callback": "EarlyStopping", "monitor": "loss", "mode": "max", "patience": 2}
    config = config_on(epochs=9, callbacks=[{**callback, "restore_best_weights": True}])
    splits = splits_of(config, tmp_path)
    kept, _ = train(config, splits, Memory())
    assert (kept.epochs, kept.kept_epoch, kept.ended_by) == (3, 1, "EarlyStopping")
    first, _ = train(config_on(epochs=1), splits, Memory())
    assert kept.weights_sha256 == first.weights_sha256
    last, _ = train(config_on(epochs=9, callbacks=[callback]), splits, Memory())
    assert (last.epochs, last.kept_epoch, last.ended_by) == (3, None, "EarlyStopping")


def test_training_that_no_callback_ended_keeps_its_last_epoch(tmp_path: Path) -> None:
    config = config_on(epochs=1)
    outcome, _ = train(config, splits_of(config, tmp_path), Memory())
    assert (outcome.kept_epoch, outcome.ended_by) == (None, "")


def test_evaluation_names_the_part_that_it_is_about(tmp_path: Path) -> None:
    config = config_on({"name": "digits", "test_fraction": 0.0}, epochs=1)
    outcome, _ = train(config, splits_of(config, tmp_path), Memory())
    assert outcome.evaluation.metrics == {}
    assert outcome.evaluation.files["confusion.json"]["part"] == "validation"


@pytest.mark.parametrize(
    ("dataset", "changes", "metric"),
    [
        ("digits", {}, "test_accuracy"),
        ("moons", {"layers": [{"layer": "Dense", "units": 1, "activation": "sigmoid"}], "loss": "BinaryCrossentropy"},
         "test_accuracy"),
        ("diabetes", {"layers": [{"layer": "Dense", "units": 1}], "loss": "mse", "metrics": ["mae"]},
         "test_mean_absolute_error"),
        ({"name": "digits", "test_fraction": 0.0}, {}, None),
    ],
)  # fmt: skip
def test_run_keeps_the_prediction_for_every_sample(
    dataset: Any, changes: dict[str, Any], metric: str | None, tmp_path: Path
) -> None:
    config = config_on(dataset, epochs=1, **changes)
    splits = splits_of(config, tmp_path)
    outcome, _ = train(config, splits, Memory())
    kept = outcome.evaluation.predictions
    assert kept is not None
    part = splits.test if metric else splits.validation
    assert kept.part == ("test" if metric else "validation")
    assert np.array_equal(np.asarray(kept.actual).ravel(), part.y.ravel().astype(np.asarray(kept.actual).dtype))
    assert kept.rows is not None
    assert len(set(kept.rows.tolist())) == kept.samples == len(part.y)
    if kept.cross_entropy is not None:
        loss = outcome.evaluation.metrics["test_loss"] if metric else outcome.history["val_loss"][-1]
        assert kept.cross_entropy.mean() == pytest.approx(loss, rel=1e-5)
    if metric == "test_accuracy":
        assert np.mean(kept.actual == kept.predicted) == pytest.approx(outcome.evaluation.metrics[metric])
    elif metric:
        misses = np.abs(np.asarray(kept.predicted) - np.asarray(kept.actual))
        assert misses.mean() == pytest.approx(outcome.evaluation.metrics[metric], rel=1e-5)
