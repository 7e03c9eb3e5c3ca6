"""A traced training that is taken again gives the bits of a new process."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on, splits_of
from tests.support.killing import Result, undisturbed
from trainer.config import Config
from trainer.data import Splits
from trainer.engine.checkpoint import latest_checkpoint
from trainer.engine.checkpoint_manager import CheckpointSettings
from trainer.engine.setup import prepare
from trainer.engine.signature import signature
from trainer.engine.train import train
from trainer.engine.training import Training
from trainer.errors import PutBackError

_DENSE: list[Any] = ["Flatten", {"layer": "Dense", "units": 12, "activation": "relu"}]
_LAST = {"layer": "Dense", "units": 10}
_CHANGING = [
    {"callback": "ReduceLROnPlateau", "monitor": "loss", "patience": 0, "min_delta": 9.0, "factor": 0.5},
    {"callback": "EarlyStopping", "monitor": "loss", "patience": 1, "min_delta": 9.0, "restore_best_weights": True},
]
_CASES: dict[str, dict[str, Any]] = {
    "dropout": {"layers": [*_DENSE, {"layer": "Dropout", "rate": 0.3}, _LAST]},
    "normalization": {"layers": [*_DENSE, "BatchNormalization", _LAST], "optimizer": "RMSprop"},
    "recurrent": {"layers": [{"layer": "LSTM", "units": 5, "dropout": 0.2}, _LAST], "optimizer": "Nadam"},
    "momentum": {"layers": [*_DENSE, _LAST], "optimizer": {"name": "SGD", "momentum": 0.9}},
    "averaged": {"layers": [*_DENSE, _LAST], "optimizer": {"name": "Adam", "use_ema": True}},
    "accumulated": {"layers": [*_DENSE, _LAST], "optimizer": {"name": "Adam", "gradient_accumulation_steps": 5}},
    "schedule-free": {"layers": [*_DENSE, _LAST], "optimizer": "ScheduleFreeAdamW"},
    "constrained": {"layers": ["Flatten", {**_LAST, "kernel_constraint": {"name": "MaxNorm", "max_value": 0.5}}]},
    "float16": {"layers": [*_DENSE, _LAST], "precision": "mixed_float16", "optimizer": "Nadam"},
    "bfloat16": {"layers": [*_DENSE, "BatchNormalization", _LAST], "precision": "mixed_bfloat16"},
    "jit": {"layers": [*_DENSE, {"layer": "Dropout", "rate": 0.3}, _LAST], "jit_compile": True},
    "class-weights": {"layers": [*_DENSE, _LAST], "class_weight": {"3": 5.0}},
    "frozen": {"layers": ["Flatten", {"layer": "Dense", "units": 12, "freeze": True}, _LAST]},
    "callbacks": {"layers": [*_DENSE, _LAST], "callbacks": _CHANGING, "epochs": 4},
}


def _training(config: Config, splits: Splits) -> Training:
    return Training(config, splits, prepare(config), steps_per_execution=10)


def _taken(training: Training, config: Config, splits: Splits, **options: Any) -> Result:
    memory = Memory()
    outcome, _ = train(config, splits, memory, prepared=training, **options)
    return Result.of(outcome, memory)


@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=pytest.mark.slow) if name == "jit" else name for name in _CASES]
)
def test_training_that_is_taken_again_after_a_stop_gives_the_bits_of_a_new_one(case: str, tmp_path: Path) -> None:
    config = config_on(**_CASES[case])
    splits = splits_of(config, tmp_path)
    optimizer = config.optimizer.model_copy(update={"learning_rate": 0.0123})
    other = config.model_copy(update={"seed": 2**32 - 1, "name": "other", "optimizer": optimizer, "epochs": 3})
    training = _training(config.model_copy(update={"seed": 99}), splits)
    training.warm_up()
    taken = []
    for each in (config, other, config):
        # Stopped in the middle of its first or second epoch, which is then evaluated but not validated.
        train(each, splits, Memory(stop_after=1 + 5 * len(taken) % 7), prepared=training)
        taken.append(_taken(training, each, splits))
    # Tracing is what takes the time.
    expected = undisturbed(config, splits)
    assert taken == [expected, undisturbed(other, splits), expected]


@pytest.mark.parametrize("case", ["dropout", "schedule-free", "callbacks"])
def test_freshened_training_has_fresh_weights_and_gives_the_bits_of_a_new_one(case: str, tmp_path: Path) -> None:
    config = config_on(**_CASES[case])
    splits = splits_of(config, tmp_path)
    training = _training(config, splits)
    fresh = [weight.copy() for weight in training.model.get_weights()]
    other = config.model_copy(update={"seed": 7})
    expected = {each.seed: undisturbed(each, splits) for each in (config, other)}
    for each in (config, config, other):
        assert _taken(training, each, splits) == expected[each.seed]
        training.freshen()
    _taken(training, config, splits)
    training.freshen()
    assert all(map(np.array_equal, training.model.get_weights(), fresh))


def test_warming_up_changes_no_bit(tmp_path: Path) -> None:
    config = config_on(**_CASES["dropout"])
    splits = splits_of(config, tmp_path)
    warmed, cold = _training(config, splits), _training(config, splits)
    warmed.warm_up()
    assert _taken(warmed, config, splits) == _taken(cold, config, splits)


def test_warmed_training_traces_nothing_more(tmp_path: Path) -> None:
    config = config_on()
    splits = splits_of(config, tmp_path)
    training = _training(config, splits)
    training.warm_up()
    calls: list[str] = []
    model = training.model
    plain_train_step, plain_test_step, plain_call = model.train_step, model.test_step, model.call
    model.train_step = lambda data: calls.append("train") or plain_train_step(data)
    model.test_step = lambda data: calls.append("test") or plain_test_step(data)
    model.call = lambda *given, **options: calls.append("call") or plain_call(*given, **options)
    _taken(training, config, splits)
    assert calls == []


def test_run_goes_on_from_its_checkpoint_in_a_taken_training(tmp_path: Path) -> None:
    config = config_on(**{**_CASES["callbacks"], "epochs": 3})
    splits = splits_of(config, tmp_path)
    keeping = CheckpointSettings(folder=tmp_path / "run")
    train(config, splits, Memory(stop_after=6), checkpoints=keeping, steps_per_execution=10)
    found = latest_checkpoint(tmp_path / "run", config)
    assert found is not None
    assert found.step
    training = _training(config, splits)
    _taken(training, config.model_copy(update={"seed": 5}), splits)
    assert _taken(training, config, splits, checkpoints=keeping) == undisturbed(config, splits)


def test_checkpoint_of_other_threads_is_refused(tmp_path: Path) -> None:
    config = config_on(epochs=1)
    splits = splits_of(config, tmp_path)
    train(config, splits, Memory(), checkpoints=CheckpointSettings(folder=tmp_path))
    origin = latest_checkpoint(tmp_path, config)
    assert origin is not None
    other = replace(origin, threads=replace(origin.threads, intra=origin.threads.intra + 1))
    with pytest.raises(ValueError, match="same threads"):
        _training(config, splits).take(config, Memory(), origin=other)


def test_config_of_another_signature_or_data_is_refused(tmp_path: Path) -> None:
    config = config_on(epochs=1)
    splits = splits_of(config, tmp_path)
    training = _training(config, splits)
    with pytest.raises(ValueError, match="another signature"):
        _taken(training, config.model_copy(update={"batch_size": 16}), splits)
    with pytest.raises(ValueError, match="other data"):
        _taken(training, config, replace(splits, digest="0" * 64))


def test_training_of_a_run_that_was_left_is_not_taken_again(tmp_path: Path) -> None:
    config = config_on(epochs=1)
    splits = splits_of(config, tmp_path)
    training = _training(config, splits)
    with pytest.raises(PutBackError):
        train(config, splits, Memory(leave_after=1), prepared=training)
    assert not training.is_reusable
    with pytest.raises(ValueError, match="did not end"):
        training.take(config, Memory())


def test_signature_leaves_out_what_is_no_part_of_the_trace() -> None:
    config = config_on()
    plain = config.optimizer.model_copy(update={"learning_rate": 0.5})
    changes: list[dict[str, Any]] = [
        {"name": "a"}, {"experiment": "b"}, {"seed": 3}, {"epochs": 9}, {"optimizer": plain}
    ]  # fmt: skip
    assert {signature(config.model_copy(update=change)) for change in changes} == {signature(config)}


def test_signature_holds_everything_else() -> None:
    schedule = {"name": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}
    others = [
        config_on(),
        config_on(batch_size=16),
        config_on(optimizer="SGD"),
        config_on(optimizer={"name": "Adam", "learning_rate": schedule}),
        config_on(optimizer={"name": "Adam", "learning_rate": {**schedule, "decay_rate": 0.6}}),
        config_on(metrics=[]),
        config_on(callbacks=["TerminateOnNaN"]),
        config_on(layers=["Flatten", _LAST]),
        config_on({"name": "digits", "split_seed": 1}),
    ]
    assert len({signature(config) for config in others}) == len(others)
