import itertools
from collections import Counter

import numpy as np
import pytest

from dashboard.charts.colors import PALETTE, faded, run_color

_SEEN_AS = {
    "everybody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB."""
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def _linear(color):
    share = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _lab(linear):
    xyz = _XYZ @ np.clip(linear, 0, 1) / np.array([0.9505, 1, 1.089])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("sight", _SEEN_AS)
def test_palette_is_told_apart_by(sight):
    seen = [_lab(np.array(_SEEN_AS[sight]) @ _linear(color)) for color in PALETTE]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) >= 14


@pytest.mark.parametrize("background", ["#ffffff", "#14161b"])
def test_palette_stands_out_from(background):
    def contrast(color):
        low, high = sorted((_XYZ[1] @ _linear(color), _XYZ[1] @ _linear(background)))
        return (high + 0.05) / (low + 0.05)

    assert min(map(contrast, PALETTE)) >= 2.2


def test_run_color_is_the_same_at_every_call():
    assert run_color("0" * 32) == run_color("0" * 32) == PALETTE[0]


def test_run_color_uses_the_whole_palette():
    seen = Counter(run_color(f"{number:032x}") for number in range(700))
    assert set(seen) == set(PALETTE)
    assert min(seen.values()) > 60


def test_faded_keeps_the_color():
    assert faded("#ff8000", 0.25) == "rgba(255,128,0,0.25)"
