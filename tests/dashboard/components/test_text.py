import math
import sys

import pytest

from dashboard.components.format import ago, count, duration, number, plain


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.97222, "0.9722"),
        (0.5, "0.5000"),
        (12.3456, "12.35"),
        (123456.7, "123,457"),
        (9610.0, "9,610"),
        (0.0, "0"),
        (-0.25, "−0.2500"),
        (0.00123456, "0.001235"),
        (4.7e-9, "4.7e−09"),
        (0.00001234, "1.23e−05"),
        (3e9, "3e+09"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (sys.float_info.max, "∞"),
        (-sys.float_info.max, "−∞"),
        (None, "–"),
    ],
)
def test_number_reads(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (1.23, "1.2 s"),
        (59.4, "59 s"),
        (185, "3 min 5 s"),
        (7440, "2 h 4 min"),
        (7200, "2 h"),
        (266400, "3 d 2 h"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_duration_reads(seconds, shown):
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("then", "shown"), [(999, "just now"), (970, "30 s ago"), (700, "5 min ago"), (None, "–"), (-90_000, "1 d ago")]
)
def test_ago_reads(then, shown):
    assert ago(None if then is None else then * 1000, 1000) == shown


def test_count_parts_thousands():
    assert count(1234567) == "1,234,567"


def test_plain_escapes_markup_and_keeps_one_line():
    assert plain("<b>a</b>\n[x](y) $z$") == r"\<b\>a\<\/b\> \[x\]\(y\) \$z\$"


def test_plain_leaves_words_alone():
    assert plain("digits mlp 3 é ∞") == "digits mlp 3 é ∞"
