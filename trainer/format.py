"""Format numbers, sizes, times and texts for people, in the same way in every command, message and page."""

import math
import unicodedata
from datetime import datetime

__all__ = [
    "INFINITE",
    "ago",
    "clock",
    "clock_near",
    "count",
    "counted",
    "cut",
    "duration",
    "exact_duration",
    "is_finite",
    "is_utf8",
    "number",
    "one_line",
    "percent",
    "readable_bytes",
    "roughly",
    "short_number",
    "shortened_line",
    "time_left",
    "when",
]

# MLflow stores ±Inf as the largest double, 1.7976931348623157e308.
INFINITE = 1.797e308
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_FEW = 10
# Unicode categories of control characters, unpaired surrogates, and line and paragraph separators.
_NOT_SHOWN = {"Cc", "Cs", "Zl", "Zp"}
# Characters that reverse the direction of the text after them, so that it can be misread.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BYTE_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def is_finite(value: float) -> bool:
    """Return whether a value read from MLflow is finite."""
    return abs(value) < INFINITE


def is_utf8(text: str) -> bool:
    """Return whether UTF-8 can encode the text; Python decodes paths in other encodings to unpaired surrogates.

    >>> is_utf8("ü"), is_utf8("\\udcff")
    (True, False)
    """
    return not any(unicodedata.category(character) == "Cs" for character in text)


def number(value: float | None, digits: int = 4) -> str:
    """Format a measured value with `digits` significant digits; `∞` and `NaN` as such, `–` for None."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if abs(value) >= INFINITE:
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e6:
        return count(int(value))
    if 1e-3 <= abs(value) < 1e6:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        return f"{value:,.{decimals}f}".replace("-", "−")
    return f"{value:.{digits - 1}g}".replace("-", "−")


def short_number(value: float) -> str:
    """Format a number as it was typed; one of more than six digits, which a program proposed, with four.

    >>> short_number(0.00025), short_number(0.0034567890123456)
    ('0.00025', '0.003457')
    """
    typed = f"{value:.6g}"
    return typed if float(typed) == value else f"{value:.4g}"


def count(value: int) -> str:
    """Format an integer with thousands separators: `9,610`."""
    return f"{value:,}".replace("-", "−")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Format a number with its noun: `1 run`, `9,610 runs`; `plural` for nouns that do not take an s."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Format a fraction in percent: 0.972 as `97.2 %`, or a difference with its sign (`signed`): `+1.3 %`."""
    return f"{100 * share:{'+' if signed else ''}.{decimals}f} %".replace("-", "−")


def readable_bytes(size: float) -> str:
    """Format a size in decimal units: `38.4 kB`, `170 MB`."""
    value, units = float(size), iter(_BYTE_UNITS)
    unit = next(units)
    while value >= 1000 and (following := next(units, None)):
        value, unit = value / 1000, following
    return f"{value:,.0f} {unit}" if value >= 100 or unit == _BYTE_UNITS[0] else f"{value:.1f} {unit}"


def duration(seconds: float | None) -> str:
    """Format a duration in at most two units: `40 ms`, `0.4 s`, `3 min 5 s`, `3 d 2 h`; `–` if unknown."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if 0 < seconds < 0.05:
        return f"{max(1, round(seconds * 1000))} ms"
    # From 9.95 on, one decimal would round to 10.0.
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for large, small, names in ((_DAY, _HOUR, "d h"), (_HOUR, _MINUTE, "h min"), (_MINUTE, 1, "min s")):
        if whole >= large:
            first, second = names.split()
            rest = whole % large // small
            return f"{whole // large} {first}" + (f" {rest} {second}" if rest else "")
    return f"{whole} s"


def time_left(seconds: float) -> str:
    """Format a remaining time; at least `1 s`."""
    return f"{max(1, math.ceil(seconds))} s" if seconds < _FEW else duration(seconds)


def exact_duration(seconds: float) -> str:
    """Format a duration that a person set, without rounding: `1 h 30 min`, `0.5 s`."""
    words = []
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            words.append(f"{seconds // unit:.0f} {name}")
            seconds %= unit
    return " ".join([*words, *([f"{seconds:g} s"] if seconds or not words else [])])


def roughly(seconds: float) -> str:
    """Format an estimated duration, rounded: `8 s`, `40 s`, `3 min`, `2 h 10 min`, `3 d 4 h`."""
    if seconds < _FEW:
        return time_left(seconds)
    # Beyond this limit and the next, rounding would give 60 s and 60 min.
    if seconds < 58:
        return f"{5 * round(seconds / 5)} s"
    if seconds < 3_570:
        return f"{max(1, round(seconds / _MINUTE))} min"
    if seconds < _DAY:
        minutes = 10 * round(seconds / 600)
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    hours = round(seconds / _HOUR)
    return f"{hours // 24} d" + (f" {hours % 24} h" if hours % 24 else "")


def ago(milliseconds: int | None, now: float) -> str:
    """Format a time (milliseconds since 1970) relative to `now` (seconds): `just now`, `5 min ago`."""
    if milliseconds is None:
        return "–"
    seconds = now - milliseconds / 1000
    if seconds < 5:
        return "just now"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name} ago"
    return f"{int(seconds)} s ago"


def clock(seconds: float, *, to: str = "seconds") -> str:
    """Format a time (seconds since 1970) in local time, to the second or minute: `2026-03-01 14:05:09`."""
    return datetime.fromtimestamp(seconds).isoformat(sep=" ", timespec=to)


def clock_near(seconds: float, now: float) -> str:
    """Format a time briefly: `14:05` on the day of `now`, `03-01 14:05` in the same year, else `2026-03-01`.

    Both are seconds since 1970.
    """
    exact, today = clock(seconds), clock(now)
    if exact[:10] == today[:10]:
        return exact[11:16]
    return exact[5:16] if exact[:4] == today[:4] else exact[:10]


def when(milliseconds: int | None, now: float) -> str:
    """Format a time relative to `now` (seconds since 1970) and as local time: `5 min ago · 14:05`."""
    if milliseconds is None:
        return "–"
    return f"{ago(milliseconds, now)} · {clock_near(milliseconds / 1000, now)}"


def cut(text: str, longest: int) -> str:
    """Return the text, or its beginning and an ellipsis if it is longer than `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def one_line(text: str) -> str:
    """Return the text on one line, without control characters and without those that reverse its direction."""
    return " ".join("".join(" " if _is_hidden(letter) else letter for letter in text).split())


def _is_hidden(letter: str) -> bool:
    return letter in _TURNING or unicodedata.category(letter) in _NOT_SHOWN


def shortened_line(text: str, longest: int) -> str:
    """Return the text on one line of at most `longest` characters, with an ellipsis in its middle if shortened."""
    shown = one_line(text)
    if len(shown) <= longest:
        return shown
    tail = longest // 2
    return f"{shown[: longest - tail - 1]}…{shown[-tail:]}"
