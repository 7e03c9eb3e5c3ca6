"""The run that a person means: an id, a unique beginning of one, or `latest`."""

from trainer.errors import RunNotFoundError
from trainer.tracking.types import Run, RunQuery, RunReader

__all__ = ["find_run"]

_SHORTEST = 4


def find_run(reader: RunReader, word: str) -> Run:
    """The run that `word` names.

    Raises:
        RunNotFoundError: none or several go by it, or it is too short to tell.
    """
    word = word.strip()
    if word == "latest":
        newest = reader.page(RunQuery(limit=1)).runs
        if not newest:
            raise RunNotFoundError("There is no run yet, so there is no latest one; train one first.")
        return newest[0]
    if exact := reader.get([word]):
        return exact[0]
    if len(word) < _SHORTEST:
        raise RunNotFoundError(
            f"{word!r} is too short for a run; give {_SHORTEST} or more characters of its id, or `latest`."
        )
    found = reader.find(word)
    if not found:
        raise RunNotFoundError(f"No run's id begins with {word!r}; `fitboard runs` lists them.")
    if len(found) > 1:
        raise RunNotFoundError(
            f"{len(found)} runs' ids begin with {word!r} ({', '.join(found[:3])}, …); give more characters."
        )
    return reader.get(found)[0]
