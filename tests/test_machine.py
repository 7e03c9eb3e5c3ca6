import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from trainer.machine import available_memory, memory_used, own_memory, total_memory

MB = 10**6


def _write(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "cgroup"


def test_without_control_groups_it_is_the_machines(tmp_path: Path, mine: Path) -> None:
    assert total_memory(tmp_path, mine) == psutil.virtual_memory().total
    assert 0 < available_memory(tmp_path, mine) <= total_memory(tmp_path, mine)


def test_limit_of_the_second_version_is_respected_and_caches_count_as_free(tmp_path: Path, mine: Path) -> None:
    mine.write_text("0::/user/one\n")
    _write(tmp_path / "user" / "one", memory__max="max", memory__current=90 * MB)
    stat = f"anon 1\ninactive_file {30 * MB}"
    _write(tmp_path / "user", memory__max=100 * MB, memory__current=90 * MB, memory__stat=stat)
    assert total_memory(tmp_path, mine) == 100 * MB
    assert available_memory(tmp_path, mine) == 40 * MB


def test_smallest_limit_on_the_way_up_counts(tmp_path: Path, mine: Path) -> None:
    mine.write_text("0::/user/one\n")
    _write(tmp_path / "user" / "one", memory__max=80 * MB, memory__current=10 * MB)
    _write(tmp_path / "user", memory__max=100 * MB, memory__current=95 * MB)
    assert total_memory(tmp_path, mine) == 80 * MB
    assert available_memory(tmp_path, mine) == 5 * MB


def test_limit_of_the_first_version_is_respected_where_the_container_hides_the_folder(
    tmp_path: Path, mine: Path
) -> None:
    mine.write_text("5:cpu:/\n4:memory:/docker/0123\n0::/\n")
    files = {"memory.limit_in_bytes": 100 * MB, "memory.usage_in_bytes": 120 * MB}
    _write(tmp_path / "memory", **files)
    assert total_memory(tmp_path, mine) == 100 * MB
    assert available_memory(tmp_path, mine) == 0, "never less than nothing"


def test_damaged_files_are_as_none(tmp_path: Path, mine: Path) -> None:
    mine.write_text("0::/user\nnonsense\n")
    _write(tmp_path / "user", memory__max="lots")
    assert total_memory(tmp_path, mine) == psutil.virtual_memory().total


def test_process_takes_its_own_and_a_share_of_what_is_common() -> None:
    """Asked of a process that does nothing meanwhile, so that its memory stays as it is."""
    program = f"held = bytearray(b'x' * {50 * MB}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as still:
        assert still.stdout is not None
        still.stdout.readline()
        resident = psutil.Process(still.pid).memory_info().rss
        used = memory_used(still.pid)
        assert used is not None
        assert 50 * MB < own_memory(still.pid) <= used < resident
        assert memory_used(still.pid, beyond=resident) == resident
        assert memory_used(still.pid, beyond=resident - 1) == used
        still.communicate(b"\n")


def test_process_that_is_gone_takes_nothing() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert memory_used(done.pid) is None
    assert own_memory(done.pid) == 0
