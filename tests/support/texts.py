"""Texts that are easily damaged by encodings, escapes and file formats."""

__all__ = ["AWKWARD"]

AWKWARD = (
    "😀",
    "👩‍💻🏳️‍🌈",
    "ÜNÏ ß ﬁ İ",
    "e\u0301 \u1e69 \u202eabc\u202c",
    "日本語 עברית العربية",
    "\u0085\u2028\u2029x",
    "\ufeffx\ufffe\uffff",
    "a: b # c 'd' \"e\" \\ud83d {f} [g] %h & <i>",
    "\U0010ffff",
)
