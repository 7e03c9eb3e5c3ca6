"""Escaping of what users typed in the Markdown of the pages."""

import re

from trainer.format import one_line

__all__ = ["plain"]

# CommonMark lets a backslash escape any ASCII punctuation.
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """Return `text` so that Markdown shows it as typed: no tags, links, images, emphasis or formulas."""
    return _MARKUP.sub(r"\\\1", one_line(str(text)))
