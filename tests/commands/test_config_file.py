"""The config that a command is given, where it is no ordinary file."""

import os
import threading
from pathlib import Path

import pytest

from tests.support.commands import SMALL, call
from trainer.commands import config_file
from trainer.commands.config_file import read_config_file
from trainer.errors import ConfigError


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_pipe_that_nobody_writes_to_is_refused(
    pipe: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_file, "_WRITER_SECONDS", 0.0)
    assert call("check", pipe) == 2
    assert capsys.readouterr().err == (
        f"Nothing is writing to the pipe {pipe}; give the path of a YAML file, or - for standard input.\n"
    )


def test_pipe_is_read_to_the_end_of_what_is_written_to_it(pipe: Path) -> None:
    start = threading.Event()

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            start.wait(10)
            file.write(SMALL.encode()[:20])
            file.write(SMALL.encode()[20:])

    writer = threading.Thread(target=write)
    writer.start()
    threading.Timer(0.05, start.set).start()
    assert read_config_file(pipe) == SMALL.encode()
    writer.join()


def test_endless_file_is_not_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "/dev/zero") == 2
    assert "larger than 1,000,000 bytes" in capsys.readouterr().err


@pytest.mark.parametrize("name", [".", "missing.yaml"])
def test_what_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(.+\); expected the path of a YAML file"):
        read_config_file(tmp_path / name)
