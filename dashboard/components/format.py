"""Words and numbers for people: what users typed as plain text, numbers at a length that can be read."""

import math
import re
from datetime import datetime

__all__ = ["ago", "bytes_shown", "clock", "clock_near", "count", "duration", "number", "plain"]

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_INFINITE = 1.797e308
"""MLflow stores ±Inf as the largest double, 1.7976931348623157e308."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def plain(text: object) -> str:
    """`text` so that Markdown shows it as it was typed: no tags, links, images, emphasis or formulas."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def number(value: float | None, digits: int = 4) -> str:
    """A measured value with so many significant digits; `∞` and `NaN` as such, `–` where there is none."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if abs(value) >= _INFINITE:
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e6:
        return count(int(value))
    if 1e-3 <= abs(value) < 1e6:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        return f"{value:,.{decimals}f}".replace("-", "−")
    return f"{value:.{digits - 1}g}".replace("-", "−")


def count(value: int) -> str:
    """A whole number with its thousands parted: `9,610`."""
    return f"{value:,}".replace("-", "−")


def duration(seconds: float | None) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`, `2 h 4 min`, `3 d 2 h`; `–` where there is none."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for large, small, names in ((_DAY, _HOUR, "d h"), (_HOUR, _MINUTE, "h min"), (_MINUTE, 1, "min s")):
        if whole >= large:
            first, second = names.split()
            rest = whole % large // small
            return f"{whole // large} {first}" + (f" {rest} {second}" if rest else "")
    return f"{whole} s"


def ago(milliseconds: int | None, now: float) -> str:
    """How long ago a time (milliseconds since 1970) was at `now` (seconds): `just now`, `5 min ago`."""
    if milliseconds is None:
        return "–"
    seconds = now - milliseconds / 1000
    if seconds < 5:
        return "just now"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name} ago"
    return f"{int(seconds)} s ago"


def clock(seconds: float) -> str:
    """A time (seconds since 1970) by this machine's clock: `2026-03-01 14:05:09`."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def clock_near(seconds: float, now: float) -> str:
    """A time as short as can be at `now`: `14:05` on the same day, `03-01 14:05` in the same year, else `2026-03-01`.

    Both are seconds since 1970.
    """
    exact, today = clock(seconds), clock(now)
    if exact[:10] == today[:10]:
        return exact[11:16]
    return exact[5:16] if exact[:4] == today[:4] else exact[:10]


def bytes_shown(number: int) -> str:
    """A number of bytes in units of thousands: `38 kB`."""
    size, unit = float(number), _UNITS[0]
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.0f} {unit}" if size >= 10 or unit == _UNITS[0] else f"{size:.1f} {unit}"
