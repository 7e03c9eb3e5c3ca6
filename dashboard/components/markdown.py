"""What users typed, in the Markdown that pages are written in."""

import re

from trainer.format import one_line

__all__ = ["plain"]

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """`text` so that Markdown shows it as it was typed: no tags, links, images, emphasis or formulas."""
    return _MARKUP.sub(r"\\\1", one_line(str(text)))
