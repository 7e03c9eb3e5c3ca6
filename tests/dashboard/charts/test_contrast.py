import itertools

import pytest

from dashboard.charts.contrast import between, contrast, ink_on


def test_contrast_of_black_and_white_is_21_and_of_equal_colours_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#1f6fc4", "#1f6fc4") == 1


def test_between_ends_at_its_colours():
    assert [between("#000000", "#ff8000", share) for share in (0, 0.5, 1)] == ["#000000", "#804000", "#ff8000"]


def test_ink_is_readable_on_every_colour():
    for channels in itertools.product(range(0, 256, 51), repeat=3):
        color = "#{:02x}{:02x}{:02x}".format(*channels)
        assert contrast(ink_on(color), color) >= 4.5
