import subprocess
import sys
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


_PRINTS_WHILE_NO_FILE_MAY_GROW = """
import resource, signal, sys, traceback
from pathlib import Path
from trainer.execution.process.run_job import _write_log_to
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = Path(sys.argv[1])
_write_log_to(log)
size, most = log.stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
for _ in range(2_000):
    print("x" * 99, flush=True)
    print("y" * 99, file=sys.stderr)
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print("afterwards", flush=True)
"""


def test_training_that_prints_while_the_disk_is_full_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "run" / "log.txt"
    done = subprocess.run([sys.executable, "-c", _PRINTS_WHILE_NO_FILE_MAY_GROW, str(log)], check=False)
    assert done.returncode == 0
    assert log.read_text().splitlines()[-1].endswith("afterwards")
