"""Which parts have other bits with TensorFlow's graph optimizer, which is why a run's record says whether it was on."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

_REWRITTEN = {
    "layer": {"BatchNormalization", "LayerNormalization"},
    "normalized": {"Dense", "Conv1D", "Conv2D"},
    "activation": {"elu", "gelu", "hard_sigmoid", "hard_silu", "mish", "sigmoid", "silu", "sparse_plus", "tanh"},
    "convolved": {"elu", "gelu", "hard_sigmoid", "hard_silu", "mish", "silu", "sparse_plus"},
}
"""By kind of part, those whose numbers change (TensorFlow 2.21 with oneDNN; a processor without it changes fewer)."""


def _digests(grappler: str) -> dict[str, str]:
    program = [sys.executable, "-m", "tests.support.every_part", grappler]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return dict(json.loads(line) for line in done.stdout.splitlines())


def test_graph_optimizer_changes_the_bits_of_known_parts_alone() -> None:
    on, off = _digests("on"), _digests("off")
    assert on.keys() == off.keys()
    assert len(on) > 100
    rewritten = {name for name in on if on[name] != off[name]}
    assert rewritten <= {f"{family} {kind}" for family, kinds in _REWRITTEN.items() for kind in kinds}
