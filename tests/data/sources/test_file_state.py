"""States of files, which answers about their content are kept by."""

import time
from pathlib import Path

import pytest

from trainer.data.sources import file as file_states
from trainer.data.sources.file import state_of, state_to_keep


def test_no_answer_is_kept_about_a_file_that_was_written_just_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a")
    written = file.stat().st_ctime_ns
    now = iter(range(written + 1_000, written + 10_000, 1_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(now))
    assert state_to_keep(file) != state_to_keep(file)

    monkeypatch.setattr(time, "time_ns", lambda: written + file_states._TICK_NS + 1)
    assert state_to_keep(file) == state_to_keep(file) == state_of(file)
