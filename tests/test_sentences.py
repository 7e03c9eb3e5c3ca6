"""The sentences that users see: a committed list of all of them, and words that they must not contain."""

import functools
import re

import pytest

from tests.support.sentences import FILE, document, sentences

WORDS_TO_AVOID = {
    r"\btold\b(?! apart)": "reported, or leave it out",
    r"\bborne\b": "tolerated",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bat work\b": "running",
    r"\bso (many|much)\b": "N, or this number",
    r"(?<!there )(?<!there’s )\b(is|are) no\b(?! longer| better| more| fewer| less)": "is not",
    r"\bcame\b": "got",
    r"\bexpected (is|are)\b": "expected",
    r"\bwhole numbers?\b": "integer",
    r"\b(take|takes|took|taken) away\b": "remove",
    r"\bputs? out\b": "outputs",
    r"\bputs? back\b": "restore",
    r"\btells? apart\b|\bto tell of\b|\btells of\b": "distinguish, report",
    r"\bwithout a word\b": "silently",
    r"\bmade small\b|\bmakes small\b": "minimized",
    r"\bdata sets?\b": "dataset",
    r"\braw scores?\b": "logits",
    r"\bmost likely\b": "probably",
    r"\bfor ever\b": "forever",
    r"\b(go|goes|going|went) on\b": "continue, resume",
    r"\b(begin|begins) anew\b|\banew\b": "again",
    r"\bdoes not answer\b(?! to)|\bdid not answer\b": "does not respond",
    r"\bper cent\b": "%",
    r"\b(was|is|were|are) borne out\b": "confirmed",
    r"\bfilm reviews?\b": "movie reviews",
}
"""Patterns of words that read as translated, each with what to write instead."""


@functools.cache
def _shown() -> tuple[tuple[str, str], ...]:
    return tuple(sentences())


def test_list_of_sentences_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "Run `make sentences` and commit tests/sentences.md."


def test_list_has_help_errors_and_fixes() -> None:
    found = {text for _, text in _shown()}
    for text in (
        "Loss function that training minimizes.",
        "Epochs without improvement before training stops.",
        "`stddev` must be between 0 and 1, got {layer.arguments()['stddev']}.",
        "Maximum number of runs. [default: 50; with --csv or --parquet, all]",
    ):
        assert text in found, text


@pytest.mark.parametrize("pattern", WORDS_TO_AVOID)
def test_sentence_has_no_word_to_avoid(pattern: str) -> None:
    shown = [(module, text, re.sub(r"{[^}]*}", "{}", text)) for module, text in _shown()]
    found = [f"{module}: {text}" for module, text, plain in shown if re.search(pattern, plain, re.IGNORECASE)]
    assert not found, f"write {WORDS_TO_AVOID[pattern]!r} instead in:\n" + "\n".join(found)
