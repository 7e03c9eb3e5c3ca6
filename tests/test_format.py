import math
import sys
from datetime import datetime

import pytest

from trainer.errors import DataError
from trainer.format import (
    ago,
    clock_near,
    count,
    counted,
    cut,
    duration,
    exact_duration,
    number,
    one_line,
    percent,
    readable_bytes,
    roughly,
    short_number,
    shortened_line,
    time_left,
)


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
        (0.0, "0.0 s"),
        (0.0002, "1 ms"),
        (0.04, "40 ms"),
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


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "1 s"), (7.2, "8 s"), (38.0, "40 s"), (57.4, "55 s"), (59.0, "1 min"), (200.0, "3 min"), (3_590.0, "1 h"),
        (7_900.0, "2 h 10 min"), (90_000.0, "1 d 1 h"), (172_000.0, "2 d"),
    ],
)  # fmt: skip
def test_duration_is_told_no_finer_than_it_is_known(seconds: float, words: str) -> None:
    assert roughly(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.5, "0.5 s"), (90, "1 min 30 s"), (1800, "30 min"), (5400, "1 h 30 min"), (0, "0 s"), (266_405, "3 d 2 h 5 s")],
)
def test_exact_duration_rounds_nothing(seconds: float, words: str) -> None:
    assert exact_duration(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(-3, "1 s"), (0.2, "1 s"), (7.2, "8 s"), (185, "3 min 5 s")])
def test_time_left_is_in_whole_seconds(seconds: float, words: str) -> None:
    assert time_left(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (38_440, "38.4 kB"),
        (11_490_434, "11.5 MB"),
        (170_000_000, "170 MB"),
        (4e9, "4.0 GB"),
        (2.5e21, "2,500 EB"),
    ],
)
def test_readable_bytes_have_units_of_thousands(size: float, words: str) -> None:
    assert readable_bytes(size) == words


@pytest.mark.parametrize(("share", "words"), [(0.9722, "97.2 %"), (1, "100.0 %"), (-0.2, "−20.0 %")])
def test_percent_reads(share: float, words: str) -> None:
    assert percent(share) == words


def test_percent_of_a_difference_has_its_sign() -> None:
    assert [percent(share, signed=True) for share in (0.013, -0.2)] == ["+1.3 %", "−20.0 %"]


def test_clock_near_leaves_out_what_is_the_same() -> None:
    now = datetime(2026, 3, 2, 14, 5).timestamp()
    times = [datetime(2026, 3, 2, 9, 30), datetime(2026, 3, 1, 9, 30), datetime(2025, 12, 31, 9, 30)]
    assert [clock_near(time.timestamp(), now) for time in times] == ["09:30", "03-01 09:30", "2025-12-31"]


def test_cut_ends_in_an_ellipsis() -> None:
    assert [cut("abcdef", longest) for longest in (6, 5)] == ["abcdef", "abcd…"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a\n\tb ", "a b"),
        ("a\x1b[31m\x07b\u2028c", "a [31m b c"),
        ("👩‍💻 ÜNÏ e\u0301 עברית", "👩‍💻 ÜNÏ e\u0301 עברית"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("\ud83d", ""),
    ],
)
def test_one_line_keeps_what_can_be_seen(text: str, line: str) -> None:
    assert one_line(text) == line
    assert str(DataError(text)) == line


def test_shortened_line_keeps_both_ends() -> None:
    assert shortened_line("abc\ndefghij", 7) == "abc…hij"


def test_one_of_something_is_singular():
    said = [counted(1, "run"), counted(0, "run"), counted(9610, "run"), counted(2, "class", "classes")]
    assert said == ["1 run", "0 runs", "9,610 runs", "2 classes"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.001, "0.001"),
        (0.00015625, "0.00015625"),
        (0.0034567890123456, "0.003457"),
        (3.4567890123e-7, "3.457e-07"),
        (0.1, "0.1"),
        (1 / 3, "0.3333"),
        (16.0, "16"),
        (-0.98765432, "-0.9877"),
    ],
)
def test_short_number_keeps_what_a_person_types_and_shortens_what_was_proposed(value: float, shown: str) -> None:
    assert short_number(value) == shown
