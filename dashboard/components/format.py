"""What pages show: numbers, sizes and times as everywhere, and what users typed as plain text."""

import re

from trainer.format import (
    ago,
    clock,
    clock_near,
    count,
    cut,
    duration,
    number,
    one_line,
    percent,
    readable_bytes,
    roughly,
    time_left,
    when,
)

__all__ = [
    "ago",
    "clock",
    "clock_near",
    "count",
    "cut",
    "duration",
    "number",
    "one_line",
    "percent",
    "plain",
    "readable_bytes",
    "roughly",
    "time_left",
    "when",
]

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """`text` so that Markdown shows it as it was typed: no tags, links, images, emphasis or formulas."""
    return _MARKUP.sub(r"\\\1", one_line(str(text)))
