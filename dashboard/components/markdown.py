"""Escaping of what users typed in the Markdown of the pages."""

import re

from trainer.format import one_line

__all__ = ["note_markdown", "plain", "sentence"]

# CommonMark lets a backslash escape any ASCII punctuation.
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_ESCAPE = "\\"
_CODE = re.compile(r"\\`((?:[\w ]|\\[._@:=/-])+|\\[<>!](?:\\=)?)\\`")


def plain(text: object) -> str:
    """Return `text` so that Markdown shows it as typed: no tags, links, images, emphasis or formulas."""
    return _MARKUP.sub(r"\\\1", one_line(str(text)))


def sentence(text: object) -> str:
    """`text` as by `plain`, but with commands and keys such as `fitboard runs` in code font."""
    # Within code, a backslash would be shown.
    return _CODE.sub(lambda found: f"`{found[1].replace(_ESCAPE, '')}`", plain(text))


def note_markdown(text: str) -> str:
    """Return a note as the Markdown that its author wrote, but with pictures as links.

    A browser would fetch a picture from wherever a note points, as soon as somebody opens the page.
    """
    # A backslash would not do, since the text may already have one there, which would then escape ours.
    return text.replace("![", "!\u2060[")
