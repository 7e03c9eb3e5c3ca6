"""A training that was cut anywhere ends with the bits of one that was not."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.components import made
from tests.support.engine import Memory, config_on, splits_of
from tests.support.killing import Result, cut_and_resumed, undisturbed
from trainer.config import LAYERS, OPTIMIZERS
from trainer.config.callbacks import CALLBACKS
from trainer.config.schedules import SCHEDULES
from trainer.engine.checkpoint import checkpoint_files, latest_checkpoint
from trainer.engine.checkpoint_manager import CheckpointSettings
from trainer.engine.setup import prepare
from trainer.engine.state import CALLBACK_STATE
from trainer.engine.train import train
from trainer.engine.training import Training
from trainer.errors import PutBackError

_COMPUTED: dict[str, dict[str, Any]] = {
    "float16": {"precision": "mixed_float16", "optimizer": "Nadam"},
    "bfloat16": {"precision": "mixed_bfloat16"},
    "jit": {"jit_compile": True},
    "class-weights": {"class_weight": "balanced"},
    "augmentation": {
        "augment": [
            {"layer": "RandomTranslation", "height_factor": 0.1, "width_factor": 0.1},
            {"layer": "RandomContrast", "factor": 0.2, "value_range": [0, 1]},
        ]
    },
}
_RICH: dict[str, Any] = {
    "layers": [
        "Flatten",
        {"layer": "Dense", "units": 12, "activation": "relu"},
        "BatchNormalization",
        {"layer": "Dropout", "rate": 0.3},
        {"layer": "GaussianNoise", "stddev": 0.1},
        {"layer": "Dense", "units": 10},
    ],
    "callbacks": [
        {"callback": "ReduceLROnPlateau", "monitor": "loss", "patience": 0, "min_delta": 0.3, "factor": 0.5},
        {"callback": "EarlyStopping", "monitor": "val_accuracy", "patience": 1, "restore_best_weights": True},
    ],
    "epochs": 4,
}


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What the training of `_RICH` in one piece gives."""
    config = config_on(**_RICH)
    return undisturbed(config, splits_of(config, tmp_path_factory.mktemp("rich")))


def test_cut_anywhere_and_resumed_gives_the_same_bits(rich: Result, tmp_path: Path) -> None:
    config = config_on(**_RICH)
    splits = splits_of(config, tmp_path)
    assert cut_and_resumed(config, splits, tmp_path / "run", (2, 1, 3), steps_per_execution=10) == rich


@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=pytest.mark.slow) if name == "jit" else name for name in _COMPUTED]
)
def test_training_of_other_arithmetic_resumes_in_the_middle_of_an_epoch(case: str, tmp_path: Path) -> None:
    _survives(tmp_path, case, cut=2, epochs=2, layers=_RICH["layers"], **_COMPUTED[case])


def test_cut_training_without_checkpoints_would_differ(rich: Result, tmp_path: Path) -> None:
    """What the tests here compare does depend on the state: leaving one variable out shows."""
    config = config_on(**_RICH)
    splits = splits_of(config, tmp_path)
    folder = tmp_path / "run"
    shorter = config.model_copy(update={"epochs": 1})
    train(shorter, splits, Memory(), checkpoints=CheckpointSettings(folder=folder), steps_per_execution=10)
    from trainer.engine.checkpoint import write_checkpoint

    found = latest_checkpoint(folder, config)
    assert found is not None
    altered = {**found.arrays, "optimizer/0": found.arrays["optimizer/0"] + 1}
    write_checkpoint(type(found)(**{**vars(found), "arrays": altered}), folder)
    assert cut_and_resumed(config, splits, folder, (), steps_per_execution=10).weights != rich.weights


def test_more_epochs_from_the_last_checkpoint_equal_all_at_once(tmp_path: Path) -> None:
    config = config_on(**_RICH | {"callbacks": _RICH["callbacks"][:1]})
    splits = splits_of(config, tmp_path)
    fewer = config.model_copy(update={"epochs": 2})
    train(fewer, splits, Memory(), checkpoints=CheckpointSettings(folder=tmp_path / "run"))
    found = latest_checkpoint(tmp_path / "run", config)
    assert found is not None
    assert found.epoch == 2
    assert cut_and_resumed(config, splits, tmp_path / "run", ()) == undisturbed(config, splits)


def test_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    config = config_on(**_RICH)
    splits = splits_of(config, tmp_path)
    keeping = CheckpointSettings(folder=tmp_path / "run")
    first = Memory()
    outcome, _ = train(config, splits, first, checkpoints=keeping)
    again = Memory()
    repeated, _ = train(config, splits, again, checkpoints=keeping)
    assert Result.of(repeated, again) == Result.of(outcome, first)
    assert not again.progress
    assert len(again.facts) == 1


def test_stopped_training_goes_on_to_the_same_bits(rich: Result, tmp_path: Path) -> None:
    config = config_on(**_RICH)
    splits = splits_of(config, tmp_path)
    keeping = CheckpointSettings(folder=tmp_path / "run")
    stopped, _ = train(config, splits, Memory(stop_after=6), checkpoints=keeping, steps_per_execution=10)
    assert stopped.stopped
    found = latest_checkpoint(tmp_path / "run", config)
    assert found is not None
    assert (found.epoch, found.step) == (1, 20)
    assert cut_and_resumed(config, splits, tmp_path / "run", ()) == rich


def test_training_that_has_to_leave_goes_on_to_the_same_bits(rich: Result, tmp_path: Path) -> None:
    config = config_on(**_RICH)
    splits = splits_of(config, tmp_path)
    keeping = CheckpointSettings(folder=tmp_path / "run")
    for executions, place in ((2, (0, 20)), (2, (1, 0)), (1, (1, 10))):
        with pytest.raises(PutBackError):
            train(config, splits, Memory(leave_after=executions), checkpoints=keeping, steps_per_execution=10)
        found = latest_checkpoint(tmp_path / "run", config)
        assert found is not None
        assert (found.epoch, found.step, found.complete) == (*place, False)
    assert cut_and_resumed(config, splits, tmp_path / "run", ()) == rich


def test_stopped_training_that_could_not_be_saved_is_evaluated_again_without_another_step(tmp_path: Path) -> None:
    best = {"callback": "EarlyStopping", "monitor": "val_loss", "patience": 100, "restore_best_weights": True}
    config = config_on(**{**_RICH, "callbacks": [best]})
    splits = splits_of(config, tmp_path)
    keeping = CheckpointSettings(folder=tmp_path / "run")
    stopped, _ = train(config, splits, Memory(stop_after=6), checkpoints=keeping, steps_per_execution=10)
    again, _ = train(config, splits, Memory(stop_after=0), checkpoints=keeping)
    assert again.stopped
    assert (again.epochs, again.weights_sha256) == (stopped.epochs, stopped.weights_sha256)
    first, second = again.evaluation, stopped.evaluation
    assert (first.metrics, first.files) == (second.metrics, second.files)
    assert first.predictions is not None
    assert second.predictions is not None
    assert first.predictions.dumps() == second.predictions.dumps()


def test_checkpoint_of_another_config_is_left_alone(tmp_path: Path) -> None:
    config = config_on(epochs=1)
    other = config.model_copy(update={"seed": 9})
    splits = splits_of(config, tmp_path)
    keeping = CheckpointSettings(folder=tmp_path / "run")
    train(other, splits, Memory(), checkpoints=keeping)
    memory = Memory()
    train(config, splits, memory, checkpoints=keeping)
    assert memory.progress


def test_quick_training_writes_one_checkpoint(tmp_path: Path) -> None:
    config = config_on(epochs=3)
    train(
        config, splits_of(config, tmp_path), Memory(), checkpoints=CheckpointSettings(folder=tmp_path, epoch_seconds=60)
    )
    assert [file.name for file in checkpoint_files(tmp_path)] == ["checkpoint-0000003-000000000.bin"]


def test_state_of_every_callback_is_known() -> None:
    assert set(CALLBACK_STATE) == set(CALLBACKS.members)


def _survives(tmp_path: Path, name: str, *, cut: int | None = None, **changes: Any) -> None:
    """Cut once, by default at a place drawn from the name; training that is cut several times has its own test.

    The undisturbed training is the first in its process, the one that is cut the second, and resumed in a third that
    is traced anew, as in a new process.
    """
    config = config_on(**{"epochs": 3, **changes})
    splits = splits_of(config, tmp_path)
    training = Training(config, splits, prepare(config), steps_per_execution=5)
    expected = undisturbed(config, splits, prepared=training)
    assert np.isfinite(expected.epochs[-1]["loss"])
    cuts = [random.Random(name).randrange(1, 16) if cut is None else cut]
    found = cut_and_resumed(config, splits, tmp_path / "run", cuts, steps_per_execution=5, prepared=training)
    assert found == expected, f"{name} cut after {cuts} executions"


_AVERAGED = {"use_ema": True, "ema_overwrite_frequency": 7}


_SCHEDULE_FIELDS: dict[str, dict[str, Any]] = {
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 50},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 20},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 50, "decay_rate": 0.5},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 50, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [40], "values": [0.1, 0.01]},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 50},
}

_SCHEDULED = dict(zip(("SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Lion"), _SCHEDULE_FIELDS, strict=True))
"""Optimizers that are tried with a schedule, so that each schedule resumes in one of them."""


def test_every_schedule_is_tried_with_an_optimizer() -> None:
    assert set(_SCHEDULED.values()) == set(SCHEDULES.members)
    assert set(_SCHEDULED) <= set(OPTIMIZERS.members)


@pytest.mark.slow
@pytest.mark.parametrize("kind", OPTIMIZERS.members)
def test_every_optimizer_resumes(kind: str, tmp_path: Path) -> None:
    # Keras 3.15's Adafactor multiplies two of its 1e-30 where a pixel is always 0 and a unit is silent. The product is
    # 0 in float32, and the step 0 / 0. Which units are silent depends on the processor's last bits.
    options: dict[str, Any] = {"epsilon_1": 1e-12} if kind == "Adafactor" else {}
    if schedule := _SCHEDULED.get(kind):
        options["learning_rate"] = {"name": schedule, **_SCHEDULE_FIELDS[schedule]}
    _survives(tmp_path, kind, optimizer={"name": kind, **options})


@pytest.mark.slow
@pytest.mark.parametrize("options", [_AVERAGED, {"gradient_accumulation_steps": 3}], ids=["ema", "sum"])
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_what_all_optimizers_share_resumes(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    _survives(tmp_path, kind, optimizer={"name": kind, **options})


_STACKS: dict[str, list[Any]] = {
    "SimpleRNN": [{"layer": "Reshape", "target_shape": [8, 8]}, {"layer": "SimpleRNN", "units": 5, "dropout": 0.2}],
    "LSTM": [
        {"layer": "Reshape", "target_shape": [8, 8]},
        {"layer": "LSTM", "units": 5, "dropout": 0.2, "recurrent_dropout": 0.2},
    ],
    "GRU": [
        {"layer": "Reshape", "target_shape": [8, 8]},
        {"layer": "GRU", "units": 5, "dropout": 0.2, "recurrent_dropout": 0.2},
    ],
    "Bidirectional": [
        {"layer": "Reshape", "target_shape": [8, 8]},
        {"layer": "Bidirectional", "wrapped": {"layer": "GRU", "units": 4, "dropout": 0.2}},
    ],
    "Conv2D": [
        {"layer": "Reshape", "target_shape": [8, 8, 1]},
        {"layer": "Conv2D", "filters": 4, "kernel_size": 3},
        "BatchNormalization",
        {"layer": "MaxPooling2D"},
        "Flatten",
    ],
    "Dropout": ["Flatten", {"layer": "Dense", "units": 8}, {"layer": "Dropout", "rate": 0.5}],
    "BatchNormalization": ["Flatten", {"layer": "Dense", "units": 8}, "BatchNormalization"],
    "GaussianNoise": ["Flatten", {"layer": "GaussianNoise", "stddev": 0.3}],
    "LayerNormalization": ["Flatten", "LayerNormalization"],
    "dropouts": [
        {"layer": "Reshape", "target_shape": [4, 4, 4, 1]},
        {"layer": "SpatialDropout3D", "rate": 0.1},
        {"layer": "Reshape", "target_shape": [8, 4, 2]},
        {"layer": "SpatialDropout2D", "rate": 0.2},
        {"layer": "Reshape", "target_shape": [8, 8]},
        {"layer": "SpatialDropout1D", "rate": 0.2},
        "Flatten",
        {"layer": "GaussianDropout", "rate": 0.2},
        {"layer": "AlphaDropout", "rate": 0.1},
    ],
    "random": [
        {"layer": "Reshape", "target_shape": [8, 8, 1]},
        # Three channels, without weights that random layers would have to pass a gradient to.
        {"layer": "Conv2D", "filters": 3, "kernel_size": 1, "freeze": True},
        *(made(member).model_dump(mode="json") for name, member in LAYERS.members.items() if "Random" in name),
        "Flatten",
    ],
}


def test_every_layer_with_a_state_of_its_own_is_tried() -> None:
    stateful = {"SimpleRNN", "LSTM", "GRU", "Bidirectional", "Dropout", "BatchNormalization", "GaussianNoise"}
    others = {name for name in LAYERS.members if "Dropout" in name or "Noise" in name or "Random" in name}
    tried = {layer if isinstance(layer, str) else layer["layer"] for stack in _STACKS.values() for layer in stack}
    assert stateful | others <= tried


@pytest.mark.slow
@pytest.mark.parametrize("kind", _STACKS)
def test_every_layer_resumes(kind: str, tmp_path: Path) -> None:
    _survives(tmp_path, kind, layers=[*_STACKS[kind], {"layer": "Dense", "units": 10}])


@pytest.mark.slow
@pytest.mark.parametrize("kind", CALLBACKS.members)
def test_every_callback_resumes(kind: str, tmp_path: Path) -> None:
    watched = {} if kind == "TerminateOnNaN" else {"monitor": "loss", "patience": 1, "min_delta": 0.4}
    more = {"restore_best_weights": True} if kind == "EarlyStopping" else {}
    callback = {"callback": kind, **watched, **more}
    _survives(tmp_path, kind, epochs=5, callbacks=[callback])


@pytest.mark.slow
def test_many_metrics_resume_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    metrics = ["accuracy", {"name": "SparseTopKCategoricalAccuracy", "k": 3}]
    _survives(tmp_path, "metrics", metrics=metrics)


@pytest.mark.slow
def test_fresh_process_trains_and_resumes_to_the_same_bits(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from tests.support.engine import *
from tests.support.killing import Killed, Mortal
from trainer.engine.checkpoint_manager import CheckpointSettings
from trainer.engine.train import train
layers = ["Flatten", {"layer": "Dropout", "rate": 0.5}, {"layer": "Dense", "units": 10}]
config = config_on(seed=5, epochs=3, layers=layers)
keeping = CheckpointSettings(folder=Path(sys.argv[1]), epoch_seconds=0, step_seconds=0)
def trained(checkpoints, executions_left=9999):
    memory, splits = Mortal(executions_left=executions_left), splits_of(config, Path("unused"))
    return train(config, splits, memory, checkpoints=checkpoints, steps_per_execution=5)[0].weights_sha256
if sys.argv[2] == "cut":
    print(trained(None))
    try:
        trained(keeping, 12)
    except Killed:
        sys.exit()
print(trained(keeping))
"""

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout

    expected = run(str(tmp_path), "cut")
    assert len(expected.strip()) == 64
    assert run(str(tmp_path), "resumed") == expected
