"""The runs that the address of Compare names."""

from collections.abc import Sequence

from dashboard import loaders
from dashboard.components.comparison import MOST_COMPARED
from trainer.errors import RunNotFoundError
from trainer.format import count, counted, cut
from trainer.tracking import Run

__all__ = ["named_runs"]

_ID_LENGTH = 32
# Each search for the beginning of an id is a query of its own, repeated while the page waits for missing runs.
_MOST_MISSES, _MOST_SENTENCES, _MOST_NAMED = 20, 3, 3
_LONGEST_WORD = 40


def named_runs(words: Sequence[str]) -> tuple[list[Run], list[str]]:
    """Return the runs with these ids or beginnings of ids, each once, and sentences on what cannot be shown.

    Args:
        words: at most 500 runs are returned; after 20 words without a match, only whole ids are looked up.

    Raises:
        StoreError: the store cannot be read.
    """
    # Full ids in one query; only the others need a search each.
    known = {run.run_id: run for run in loaders.runs_by_id(words)}
    found: dict[str, Run] = {}
    problems: dict[str, str] = {}
    for word in words:
        if word in known:
            found[word] = known[word]
        elif len(problems) >= _MOST_MISSES or len(word) > _ID_LENGTH:
            problems[word] = f"Run {cut(word, _LONGEST_WORD)!r} not found; `fitboard runs` lists all runs."
        else:
            try:
                run = loaders.find(word)
            except RunNotFoundError as error:
                problems[word] = str(error)
            else:
                found[run.run_id] = run
    sentences = _sentences(problems, len(words))
    if len(found) > MOST_COMPARED:
        sentences.append(
            f"At most {MOST_COMPARED} runs can be compared, got {count(len(found))}; the first {MOST_COMPARED} are "
            "shown."
        )
    return list(found.values())[:MOST_COMPARED], sentences


def _sentences(problems: dict[str, str], asked: int) -> list[str]:
    if len(problems) <= _MOST_SENTENCES:
        return list(problems.values())
    some = ", ".join(repr(cut(word, _LONGEST_WORD)) for word in list(problems)[:_MOST_NAMED])
    return [
        f"{count(len(problems))} of the {counted(asked, 'run id')} in the address were not found or are ambiguous, "
        f"such as {some}; `fitboard runs` lists all runs."
    ]
