from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.configs import BUILDABLE_DATA, PATIENT, buildable_configs
from tests.support.engine import config_on
from tests.support.picture_files import cuttings, picture_config
from trainer.config import Config
from trainer.config.check import CheckReport, Severity, apply_edits
from trainer.data import Kind, Schema, Task
from trainer.engine.backend import keras
from trainer.engine.build import build_sequential
from trainer.engine.inspect import inspect, inspect_layers
from trainer.home import Home

_PLENTY = 10**12


def _schema(kind: str, classes: int = 3) -> Schema:
    name, shape = BUILDABLE_DATA[kind]
    return Schema(
        name=name,
        title=name,
        kind={"table": Kind.TABLE, "images": Kind.IMAGES, "sequences": Kind.SEQUENCES}[kind],
        task=Task.CLASSIFICATION,
        input_shape=shape,
        input_dtype="int32" if kind == "sequences" else "float32",
        classes=classes,
        vocabulary=50 if kind == "sequences" else None,
        train=80,
        validation=10,
        test=10,
    )


def _check(home: Path, memory_limit: int = _PLENTY, **changes: Any) -> CheckReport:
    return inspect(config_on(**changes), home=Home(home), memory_limit=memory_limit)


@pytest.mark.parametrize("kind", ["table", "images", "sequences"])
@given(data=st.data())
@PATIENT
def test_shapes_and_counts_equal_keras_own_summary(kind: str, data: st.DataObject) -> None:
    config: Config = data.draw(buildable_configs(kind))
    report = inspect_layers(config, _schema(kind), memory_limit=_PLENTY)
    model = build_sequential(config, _schema(kind))
    expected = [(type(layer).__name__, tuple(layer.output.shape), layer.count_params()) for layer in model.layers]
    assert [(layer.layer, layer.output_shape, layer.parameters) for layer in report.layers] == expected
    assert report.parameters == model.count_params()
    assert report.trainable_parameters == sum(keras.ops.size(weight) for weight in model.trainable_weights)


def test_data_that_only_lack_their_task_are_mended_by_saying_it(tmp_path: Path) -> None:
    np.savez(tmp_path / "ages.npz", x=np.ones((50, 4)), y=np.arange(50))
    dataset = {"name": "npz", "path": str(tmp_path / "ages.npz")}
    (problem,) = _check(tmp_path, dataset=dataset, loss="MeanSquaredError").problems
    assert (problem.where, problem.fix) == ("dataset.task", "Set task to regression.")
    (problem,) = _check(tmp_path, dataset=dataset, loss="SparseCategoricalCrossentropy").problems
    assert (problem.where, problem.fix) == ("dataset.task", "Set task to classification.")
    (missing,) = _check(tmp_path, dataset={**dataset, "path": "nowhere.npz"}).problems
    assert (missing.where, missing.fix) == ("dataset", None)


def test_broken_pictures_are_left_out_by_one_fix(tmp_path: Path) -> None:
    folder = cuttings(tmp_path / "own", 8)
    (folder / "china" / "cut.jpg").write_bytes(b"not a picture")
    config = picture_config(folder)
    (problem,) = inspect(config, home=Home(tmp_path), memory_limit=_PLENTY).problems
    assert (problem.where, problem.fix) == ("dataset", "Leave out pictures that cannot be read.")
    fixed = Config.model_validate(apply_edits(config.model_dump(mode="json"), problem.edits))
    assert inspect(fixed, home=Home(tmp_path), memory_limit=_PLENTY).ok


@pytest.mark.parametrize(
    "y", [np.arange(50) % 3 - 1, np.eye(4, dtype=int)[np.arange(50) % 4] + np.eye(4, dtype=int)[0]]
)
def test_data_that_cannot_be_classes_offer_no_other_task_than_the_losss(y: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", x=np.ones((50, 4)), y=y)
    dataset = {"name": "npz", "path": str(tmp_path / "own.npz")}
    (problem,) = _check(tmp_path, dataset=dataset, loss="SparseCategoricalCrossentropy").problems
    assert problem.fix is None


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_several_classes_for_one_sample_are_led_to_no_regression(dtype: str, tmp_path: Path) -> None:
    y = (np.random.default_rng(0).random((60, 3)) > 0.5).astype(dtype)
    np.savez(tmp_path / "own.npz", x=np.random.default_rng(0).normal(size=(60, 4)), y=y)
    layers = [{"layer": "Dense", "units": 3, "activation": "sigmoid"}]
    dataset = {"name": "npz", "path": str(tmp_path / "own.npz")}
    (problem,) = _check(tmp_path, dataset=dataset, layers=layers, loss="BinaryCrossentropy").problems
    assert (problem.severity, problem.fix) == (Severity.ERROR, None)
    assert "one class" in problem.message


@pytest.mark.parametrize("dtype", ["int64", "float64"])
@pytest.mark.parametrize("loss", ["Hinge", "BinaryCrossentropy"])
def test_labels_with_a_sign_stay_classes(loss: str, dtype: str, tmp_path: Path) -> None:
    np.savez(
        tmp_path / "own.npz",
        x=np.random.default_rng(0).normal(size=(60, 4)),
        y=(np.arange(60) % 2 * 2 - 1).astype(dtype),
    )
    dataset = {"name": "npz", "path": str(tmp_path / "own.npz")}
    activation = "tanh" if loss == "Hinge" else "sigmoid"
    changes = {"layers": [{"layer": "Dense", "units": 1, "activation": activation}], "loss": loss}
    found = _check(tmp_path, dataset=dataset, **changes).problems
    edits = [edit.value for problem in found[:1] for edit in problem.edits]
    assert edits == ([] if dtype == "int64" else ["classification"])
    assert not _check(tmp_path, dataset={**dataset, "task": "classification"}, **changes).problems


def test_float_labels_offer_the_task_first(tmp_path: Path) -> None:
    np.savez(tmp_path / "wine.npz", x=np.random.default_rng(0).normal(size=(60, 4)), y=np.arange(60) % 3.0)
    layers = [{"layer": "Dense", "units": 3, "activation": "softmax"}]
    dataset = {"name": "npz", "path": str(tmp_path / "wine.npz")}
    changes = {"layers": layers, "loss": "SparseCategoricalCrossentropy", "metrics": ["accuracy"]}
    first = _check(tmp_path, dataset=dataset, **changes).problems[0]
    assert first.where == "dataset.task"
    mended = _check(tmp_path, dataset={**dataset, "task": first.edits[0].value}, **changes)
    assert mended.problems == (), "one fix is all"


def test_samples_that_are_no_numbers_are_an_error(tmp_path: Path) -> None:
    x = np.ones((50, 4))
    x[30, 1] = np.nan
    np.savez(tmp_path / "holes.npz", x=x, y=np.arange(50) % 2)
    report = _check(tmp_path, dataset={"name": "npz", "path": str(tmp_path / "holes.npz")})
    assert not report.ok
    assert "x in holes.npz contains NaN or infinity, first in sample 30" in report.problems[0].message


def test_good_config_is_ok(tmp_path: Path) -> None:
    report = _check(tmp_path)
    assert report.ok
    assert report.input_shape == (None, 8, 8)
    assert [layer.output_shape for layer in report.layers] == [(None, 64), (None, 16), (None, 16), (None, 10)]
    assert report.parameters == report.trainable_parameters == 64 * 16 + 16 + 16 * 10 + 10


def test_layer_that_cannot_be_built_is_named_with_the_reason(tmp_path: Path) -> None:
    layers = ["Flatten", {"layer": "Dense", "units": 7}, {"layer": "Conv2D", "filters": 3, "kernel_size": 3}]
    report = _check(tmp_path, layers=layers)
    assert not report.ok
    assert [layer.layer for layer in report.layers] == ["Flatten", "Dense"]
    assert "layers.3" in {problem.where for problem in report.problems}


def test_what_no_rule_explains_is_told_in_keras_words(tmp_path: Path) -> None:
    dense = {"layer": "Dense", "units": 4, "kernel_initializer": "Identity"}
    conv = {"layer": "Conv2D", "filters": 4, "kernel_size": 2, "groups": 3}
    layers = [{"layer": "Reshape", "target_shape": [8, 8, 1]}, conv, "Flatten", dense]
    report = _check(tmp_path, layers=layers)
    (problem,) = [each for each in report.problems if each.where == "layers.2"]
    assert problem.severity is Severity.ERROR
    assert "groups" in problem.message
    assert "\n" not in problem.message
    assert problem.message.endswith(".")


@pytest.mark.parametrize(
    "layers",
    [
        ["Flatten", {"layer": "Dense", "units": 10**12}, {"layer": "Dense", "units": 10}],
        ["Flatten", {"layer": "Dense", "units": 10**12}, {"layer": "Dense", "units": 10**12}],
        [{"layer": "Embedding", "input_dim": 10**12, "output_dim": 10**12}],
        [{"layer": "LSTM", "units": 10**12}],
        [{"layer": "Reshape", "target_shape": [8, 8, 1]}, {"layer": "Conv2D", "filters": 10**12, "kernel_size": 3}],
    ],
)
def test_networks_far_too_large_are_refused_at_once(layers: list[Any], tmp_path: Path) -> None:
    before = psutil.Process().memory_info().rss
    report = _check(tmp_path, layers=layers)
    assert psutil.Process().memory_info().rss - before < 100e6
    assert not report.ok
    assert "memory" in " ".join(problem.message for problem in report.problems)


def test_layer_beyond_the_memory_limit_is_named(tmp_path: Path) -> None:
    layers = ["Flatten", {"layer": "Dense", "units": 10_000}, {"layer": "Dense", "units": 10}]
    fits = _check(tmp_path, layers=layers)
    assert fits.ok
    assert fits.memory_bytes > 650_000 * 4 * 4
    small = _check(tmp_path, layers=layers, memory_limit=5_000_000)
    assert [problem.where for problem in small.problems] == ["layers.2"]
    assert "of memory" in small.problems[0].message


def test_streamed_data_count_with_what_is_in_memory_of_them() -> None:
    schema = replace(_schema("images"), train=10**9, raw_bytes=10**6)
    held = inspect_layers(config_on(), replace(schema, train=10_000), memory_limit=_PLENTY).memory_bytes
    streamed = inspect_layers(config_on(), schema, memory_limit=_PLENTY).memory_bytes
    whole = inspect_layers(config_on(), replace(schema, raw_bytes=None), memory_limit=_PLENTY).memory_bytes
    assert held < streamed < whole


def test_optimizer_state_counts_as_memory(tmp_path: Path) -> None:
    plain = _check(tmp_path, optimizer="sgd").memory_bytes
    assert _check(tmp_path, optimizer="adam").memory_bytes == plain + 2 * 4 * 1_210
    assert _check(tmp_path, optimizer={"name": "SGD", "momentum": 0.9}).memory_bytes == plain + 4 * 1_210


def test_data_that_cannot_be_read_is_a_problem_of_the_dataset(tmp_path: Path) -> None:
    report = _check(tmp_path, dataset={"name": "npz", "path": str(tmp_path / "none.npz")})
    assert not report.ok
    assert [problem.where for problem in report.problems] == ["dataset"]


def test_data_that_alone_exceed_the_memory_are_not_blamed_on_layers(tmp_path: Path) -> None:
    (problem,) = _check(tmp_path, memory_limit=1).problems
    assert (problem.where, problem.fix) == ("dataset", "Use fewer or smaller samples.")


def test_network_that_is_frozen_as_a_whole_is_a_warning_whose_fix_lets_it_learn(tmp_path: Path) -> None:
    hidden, last = ({"layer": "Dense", "units": units, "freeze": True} for units in (4, 10))
    layers = ["Flatten", hidden, "Flatten", last]
    report = _check(tmp_path, layers=layers)
    (problem,) = report.problems
    assert (problem.severity, problem.where) == (Severity.WARNING, "layers.4.freeze")
    assert report.trainable_parameters == 0 < report.parameters
    fields = apply_edits(config_on(layers=layers).short(), problem.edits)
    assert not _check(tmp_path, layers=fields["layers"]).problems


def test_file_of_weights_that_is_missing_is_an_error(tmp_path: Path) -> None:
    report = _check(tmp_path, weights={"source": "file", "path": str(tmp_path / "gone.keras")})
    (problem,) = report.problems
    assert not report.ok
    assert (problem.where, problem.severity) == ("weights.path", Severity.ERROR)
    assert "gone.keras does not exist" in problem.message


def test_layers_inside_blocks_are_reported_up_to_the_one_that_cannot_be_built(tmp_path: Path) -> None:
    branch = {"layer": "Stack", "layers": [{"layer": "Dense", "units": 3}, {"layer": "Dense", "units": 5}]}
    parallel = {"layer": "Parallel", "layers": [branch, {"layer": "Dense", "units": 7}]}
    unequal = {"layer": "Residual", "layers": [{"layer": "Dense", "units": 4}]}
    report = _check(tmp_path, layers=["Flatten", parallel, unequal, {"layer": "Dense", "units": 10}])
    assert [layer.layer for layer in report.layers] == ["Flatten", "Parallel"]
    stack, dense = report.layers[1].layers
    assert (stack.output_shape, dense.output_shape) == ((None, 5), (None, 7))
    assert [(inner.output_shape, inner.parameters) for inner in stack.layers] == [
        ((None, 3), 64 * 3 + 3),
        ((None, 5), 3 * 5 + 5),
    ]
    assert [(inner.layer, inner.output_shape) for inner in report.unbuilt] == [("Dense", (None, 4))]
