"""Params, links and the environment: what is written of a run besides its numbers."""

import json
from pathlib import Path

from tests.support.store import config_of
from trainer.config import parse_config
from trainer.tracking import Run, Status
from trainer.tracking.read.links import compare_url, experiment_url, run_url
from trainer.tracking.record.environment import describe_environment, dump_environment
from trainer.tracking.write.params import layers_line, params_of


def test_params_are_flat_and_numbered() -> None:
    params = params_of(config_of(), {"parameters": 9_610})

    assert params["dataset"] == "digits"
    assert params["layers"] == "Flatten → Dense 128 relu → Dropout 0.2 → Dense 10"
    assert (params["layer.2"], params["layer.2.units"], params["layer.3.rate"]) == ("Dense", "128", "0.2")
    assert (params["optimizer"], params["learning_rate"]) == ("Adam", "0.001")
    assert (params["epochs"], params["batch_size"], params["seed"]) == ("5", "32", "0")
    assert params["loss.from_logits"] == "True"
    assert params["parameters"] == "9610"


def test_params_of_nested_parts_and_callbacks() -> None:
    config = parse_config(
        {
            "dataset": {"name": "moons"},
            "layers": [
                {"layer": "Dense", "units": 4, "kernel_regularizer": {"name": "L2", "l2": 0.1}},
                {"layer": "Bidirectional", "wrapped": {"layer": "LSTM", "units": 3}},
                {"layer": "Conv2D", "filters": 8, "kernel_size": [3, 5]},
            ],
            "loss": "mse",
            "optimizer": {
                "name": "SGD",
                "learning_rate": {"name": "ExponentialDecay", "initial_learning_rate": 0.1}
                | {"decay_steps": 10, "decay_rate": 0.9},
            },
            "callbacks": ["TerminateOnNaN", {"callback": "EarlyStopping", "patience": 3}],
        }
    )
    params = params_of(config)

    assert layers_line(config) == "Dense 4 kernel_regularizer=L2 → Bidirectional (LSTM 3) → Conv2D 8 3×5"
    assert params["learning_rate"] == "ExponentialDecay"
    assert params["learning_rate.decay_steps"] == "10"
    assert params["layer.1.kernel_regularizer.l2"] == "0.1"
    assert params["layer.2.wrapped.units"] == "3"
    assert params["callback.TerminateOnNaN"] == "default"
    assert params["callback.EarlyStopping.patience"] == "3"


def test_params_are_cut_where_mlflow_would_cut_them_silently() -> None:
    config = parse_config(
        {
            "dataset": {"name": "moons"},
            "layers": [{"layer": "Dense", "units": 1_000_000, "activation": "softplus"}] * 400,
            "loss": "mse",
        }
    )
    line = params_of(config)["layers"]

    assert len(line) == 6_000
    assert line.endswith("…")


def run(run_id: str, experiment_id: str) -> Run:
    return Run(
        run_id=run_id,
        name="x",
        experiment_id=experiment_id,
        experiment="x",
        status=Status.FINISHED,
        start_time=0,
        end_time=0,
        artifact_uri="",
    )


def test_links_into_the_mlflow_ui() -> None:
    assert run_url("http://h:5000/", run("ab", "0")) == "http://h:5000/#/experiments/0/runs/ab"
    assert experiment_url("http://h:5000", "12") == "http://h:5000/#/experiments/12"
    assert compare_url("http://h:5000", [run("ab", "0"), run("cd", "0"), run("ef", "1")]) == (
        "http://h:5000/#/compare-runs?runs=%5B%22ab%22%2C%22cd%22%2C%22ef%22%5D&experiments=%5B%220%22%2C%221%22%5D"
    )


def test_environment_tells_python_packages_processor_and_commit(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs/heads/main").write_text("c0ffee\n")

    environment = describe_environment(tmp_path)
    assert environment["commit"] == "c0ffee"
    assert environment["packages"]["keras"].startswith("3.")
    assert environment["processor"]["machine"]
    assert environment["cores"]["usable"] >= 1
    (git / "refs/heads/main").unlink()
    (git / "packed-refs").write_text("# pack-refs\nbeef refs/heads/main\n")
    assert describe_environment(tmp_path)["commit"] == "beef"
    (git / "HEAD").write_text("dead\n")
    assert describe_environment(tmp_path)["commit"] == "dead"
    assert json.loads(dump_environment({"notes": ("a",)}))["training"] == {"notes": ["a"]}
