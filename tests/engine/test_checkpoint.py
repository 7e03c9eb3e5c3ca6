import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from tests.support.engine import config_on
from trainer.engine.checkpoint import (
    Checkpoint,
    ancestry,
    checkpoint_files,
    latest_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from trainer.engine.checkpoint_manager import CheckpointManager, CheckpointSettings
from trainer.engine.report import Threads

CONFIG = config_on()


def _checkpoint(epoch: int = 3, step: int = 0, size: int = 100) -> Checkpoint:
    return Checkpoint(
        config=CONFIG.digest,
        ancestry=ancestry(CONFIG),
        epoch=epoch,
        step=step,
        steps_per_execution=10,
        threads=Threads(intra=1, inter=1),
        columns=("loss", "accuracy"),
        callbacks=({"best": float("inf"), "wait": 2},),
        history=np.array([[0.1, float("nan"), 2.0]] * epoch),
        arrays={
            "model/0": np.random.default_rng(0).normal(size=(size, 3)).astype(np.float32),
            "model/1": np.array(7, np.int64),
            "model/2": np.zeros((0, 4), np.float32),
            "model/3": np.array([1.5, 2], ml_dtypes.bfloat16),
        },
    )


def test_checkpoint_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    written = _checkpoint()
    found = read_checkpoint(write_checkpoint(written, tmp_path))
    assert found is not None
    assert found.threads == written.threads
    assert found.callbacks == [{"best": float("inf"), "wait": 2}]
    np.testing.assert_array_equal(found.history, written.history)
    assert list(found.arrays) == list(written.arrays)
    for name, array in written.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert found.arrays[name].tobytes() == array.tobytes()


def test_torn_or_altered_checkpoint_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    write_checkpoint(_checkpoint(epoch=2), tmp_path)
    last = write_checkpoint(_checkpoint(epoch=3), tmp_path)
    content = last.read_bytes()
    middle = len(content) // 2
    altered = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for spoiled in (b"", content[:10], content[:-1], content[:middle], altered, content + b"x"):
        last.write_bytes(spoiled)
        found = latest_checkpoint(tmp_path)
        assert found is not None
        assert found.epoch == 2


def test_temporary_file_is_no_checkpoint(tmp_path: Path) -> None:
    file = write_checkpoint(_checkpoint(), tmp_path)
    file.rename(tmp_path / f"{file.name}.123.tmp")
    assert latest_checkpoint(tmp_path) is None


def test_temporary_file_of_a_killed_process_is_cleared_away(tmp_path: Path) -> None:
    file = write_checkpoint(_checkpoint(), tmp_path)
    torn = tmp_path / f"{file.name}.123.tmp"
    torn.write_bytes(b"half")
    CheckpointManager(CheckpointSettings(folder=tmp_path))
    assert list(tmp_path.iterdir()) == [file]


def test_checkpoint_of_another_config_is_not_taken(tmp_path: Path) -> None:
    write_checkpoint(_checkpoint(), tmp_path)
    assert latest_checkpoint(tmp_path, config_on(epochs=77)) is not None
    assert latest_checkpoint(tmp_path, config_on(seed=1)) is None


def test_last_two_are_kept(tmp_path: Path) -> None:
    keeper = CheckpointManager(CheckpointSettings(folder=tmp_path))
    for epoch, step in ((1, 0), (1, 9), (2, 0), (10, 0)):
        keeper.keep(_checkpoint(epoch, step), cost=0)
    keeper.close()
    assert [file.name for file in checkpoint_files(tmp_path)] == [
        "checkpoint-0000010-000000000.bin",
        "checkpoint-0000002-000000000.bin",
    ]


def test_corrupt_checkpoint_ahead_of_the_one_gone_on_from_is_cleared_away(tmp_path: Path) -> None:
    origin = _checkpoint(2)
    write_checkpoint(origin, tmp_path)
    (tmp_path / _checkpoint(5).name).write_bytes(b"torn")
    keeper = CheckpointManager(CheckpointSettings(folder=tmp_path))
    keeper.loaded(origin)
    keeper.keep(_checkpoint(3), cost=0)
    keeper.close()
    assert [file.name[11:18] for file in checkpoint_files(tmp_path)] == ["0000003", "0000002"]


def test_dear_checkpoint_is_made_rarely_but_once_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    keeper = CheckpointManager(CheckpointSettings(folder=tmp_path))
    assert not keeper.is_due(within_epoch=False)
    now = 1.0
    assert keeper.is_due(within_epoch=False)
    assert not keeper.is_due(within_epoch=True)
    keeper.keep(_checkpoint(), cost=0.2)
    keeper.close()
    now = 20.0
    assert not keeper.is_due(within_epoch=False)
    now = 22.0
    assert keeper.is_due(within_epoch=True)
    keeper.keep(_checkpoint(), cost=5.0)
    keeper.close()
    now = 22.0 + 46
    assert keeper.is_due(within_epoch=True)


@pytest.fixture
def small_files() -> Iterator[int]:
    """No file may grow beyond 64 kB here, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    yield 65_536
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, heard)


def test_full_disk_leaves_the_one_before_and_nothing_torn(
    tmp_path: Path, small_files: int, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = CheckpointManager(CheckpointSettings(folder=tmp_path))
    keeper.keep(_checkpoint(1), cost=0)
    for epoch in (2, 3):
        keeper.keep(_checkpoint(epoch, size=small_files), cost=0)
    keeper.close()
    assert [file.name[11:18] for file in tmp_path.iterdir()] == ["0000001"]
    assert len(caplog.messages) == 1, "said once"
    keeper.keep(_checkpoint(4), cost=0)
    keeper.close()
    found = latest_checkpoint(tmp_path)
    assert found is not None
    assert found.epoch == 4
