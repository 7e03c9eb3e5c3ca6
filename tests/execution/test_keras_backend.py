"""What is done where Keras is set up with a backend that Fitboard does not train with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import SMALL, call
from trainer.errors import ConfigError
from trainer.execution.keras_backend import check_keras_backend
from trainer.home import Home

_SENTENCE = "KERAS_BACKEND must be 'tensorflow', got 'jax'; unset it, because Fitboard trains with TensorFlow.\n"


def test_backend_that_is_unset_or_tensorflow_is_fine() -> None:
    check_keras_backend({})
    check_keras_backend({"KERAS_BACKEND": "tensorflow"})
    with pytest.raises(ConfigError, match="got ''"):
        check_keras_backend({"KERAS_BACKEND": ""})


@pytest.mark.parametrize("words", ["train CONFIG", "train CONFIG --queue", "check CONFIG", "worker"])
def test_other_backend_is_refused_before_a_run_is_made(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(SMALL)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert call(*words.replace("CONFIG", str(config)).split(), "--home", tmp_path / "home") == 2
    assert capsys.readouterr().err == _SENTENCE
    assert not (tmp_path / "home").exists()


def test_workers_own_program_refuses_it_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    command = [sys.executable, "-m", "trainer.execution.worker", "--home", str(home.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (2, _SENTENCE)
