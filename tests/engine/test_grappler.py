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


@pytest.fixture(scope="module")
def without() -> dict[str, str]:
    return _digests("off")


def test_every_part_has_the_same_bits_in_another_process(without: dict[str, str]) -> None:
    again = _digests("off")
    assert len(again) > 150
    assert {name for name in again if again[name] != without[name]} == set()


def test_graph_optimizer_changes_bits_which_is_why_it_is_recorded(without: dict[str, str]) -> None:
    optimized = _digests("on")
    assert optimized.keys() == without.keys()
    changed = {name for name in optimized if optimized[name] != without[name]}
    # In the plainest network it changes none; which others it changes depends on the processor.
    assert changed
    assert "activation relu" not in changed
