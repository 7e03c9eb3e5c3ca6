"""Escaping of what users typed in the Markdown of the pages."""

import re

from trainer.format import one_line

__all__ = ["plain", "sentence"]

# CommonMark lets a backslash escape any ASCII punctuation.
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_COMMAND = re.compile(r"\\`([a-z][a-z ]*)\\`")


def plain(text: object) -> str:
    """Return `text` so that Markdown shows it as typed: no tags, links, images, emphasis or formulas."""
    return _MARKUP.sub(r"\\\1", one_line(str(text)))


def sentence(text: object) -> str:
    """`text` as by `plain`, but with commands such as `fitboard runs` in code font."""
    return _COMMAND.sub(r"`\1`", plain(text))
