"""Every part of the schema trains, with the same bits in each process and with the passes of recurrent networks."""

import json
import subprocess
import sys

import pytest

from tests.support.every_part import every_part

pytestmark = pytest.mark.slow


def test_every_part_has_the_same_bits_in_another_process_with_unused_operations_removed() -> None:
    program = [sys.executable, "-m", "tests.support.every_part"]
    # At the same time, since each takes most of a minute on one core.
    running = [subprocess.Popen([*program, passes], stdout=subprocess.PIPE, text=True) for passes in ("off", "pruned")]
    first, second = (dict(json.loads(line) for line in process.communicate()[0].splitlines()) for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert first.keys() == {name for name, _, _ in every_part()}
    assert {name: found for name, found in first.items() if "Traceback" in found} == {}
    assert {name for name in first if first[name] != second.get(name)} == set()
