"""`fitboard import` writes the config of a Keras model."""

import json
from pathlib import Path

import pytest

from tests.support.commands import call
from trainer.config import load_config

_MODEL = {
    "class_name": "Sequential",
    "config": {
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8]}},
            {"class_name": "Flatten", "config": {"data_format": "channels_last"}},
            {"class_name": "Dense", "config": {"units": 10, "activation": "linear"}},
        ]
    },
    "compile_config": {"loss": "mse", "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.01}}},
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "model.json"
    file.write_text(json.dumps(_MODEL))
    return file


def test_import_writes_a_config_that_trains(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "config.yaml"
    assert call("import", model, "--dataset", "digits", "--output", target) == 0
    assert "Imported 2 layers for samples of shape (8, 8)." in capsys.readouterr().err
    config = load_config(target.read_text())
    assert [layer.kind for layer in config.layers] == ["Flatten", "Dense"]
    assert (config.loss.kind, config.optimizer.learning_rate) == ("MeanSquaredError", 0.01)


def test_import_without_a_dataset_says_what_is_missing(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("import", model, "--json") == 0
    answer = capsys.readouterr()
    assert json.loads(answer.out)["config"]["layers"] == ["Flatten", {"layer": "Dense", "units": 10}]
    assert "add dataset to train it" in answer.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing.keras",), "nothing.keras cannot be read (No such file or directory)"),
        (("{model}", "--weights"), "model.json has no weights; remove --weights"),
        (("{model}", "--dataset", "digit"), "did you mean 'digits'"),
        (("{folder}",), "cannot be read (Is a directory)"),
    ],
)
def test_import_refuses_in_a_sentence(
    words: tuple[str, ...], told: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("import", *(word.format(model=model, folder=model.parent) for word in words)) == 2
    assert told in capsys.readouterr().err
