from pathlib import Path

from trainer.execution.logs import cap_log


def test_log_that_grows_without_end_keeps_its_beginning_and_its_end_and_says_so(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"first\n")
        for _ in range(30):
            writer.write(b"x" * 99 + b"\n")
            cap_log(log, largest=1_000)
        writer.write(b"last\n")
    text = log.read_text()
    assert len(text) < 1_200
    assert text.startswith("first\n")
    assert text.endswith("last\n")
    assert "grew beyond 1,000 bytes" in text


def test_short_or_missing_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    cap_log(log)
    assert not log.exists()
    log.write_text("short")
    cap_log(log)
    assert log.read_text() == "short"
