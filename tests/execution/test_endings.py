import signal
from pathlib import Path

import pytest

from trainer.execution.logs import tail
from trainer.execution.process.exit_status import reason_of


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-signal.SIGKILL, "out of memory"),
        (-signal.SIGSEGV, "SIGSEGV"),
        (-40, "signal 40"),
        (3, "exit code 3"),
        (None, "how it ended is unknown"),
    ],
)
def test_reason_names_signal_or_code(tmp_path: Path, code: int | None, words: str) -> None:
    assert words in reason_of(code, tmp_path / "none.txt")


def test_reason_ends_with_what_the_log_says_last(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("first\n\nsecond\nthird\nfourth\n")
    assert reason_of(1, log).endswith("second · third · fourth")


def test_tail_of_a_long_binary_log_is_short(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"\xff" * 100_000 + b"\nend\n")
    assert tail(log, lines=1) == "end"
