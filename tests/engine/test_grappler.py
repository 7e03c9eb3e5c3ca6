"""Every part of the schema gives the same bits in every process, as long as the graph optimizer is as recorded."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def _digests(grappler: str) -> dict[str, str]:
    program = [sys.executable, "-m", "tests.support.every_part", grappler]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return dict(json.loads(line) for line in done.stdout.splitlines())


def test_every_part_has_the_same_bits_in_another_process() -> None:
    first, second = _digests("off"), _digests("off")
    assert len(first) > 150
    assert {name for name in first if first[name] != second[name]} == set()
