"""Labels of runs that are shown together, and how many runs can be compared."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from dashboard.components.differences import config_differences
from trainer.config import Config
from trainer.config.naming import LONGEST_NAME
from trainer.config.phrases import network_words, phrase, varying
from trainer.format import cut
from trainer.tracking import Run, Tag

__all__ = ["MOST_COMPARED", "labels", "labels_and_details"]

MOST_COMPARED = 500
"""Maximum number of runs in one comparison."""

# Names that MLflow makes up, such as `bold-shrimp-123`.
_RANDOM = re.compile(r"[a-z]+-[a-z]+-\d{1,3}")
_LONGEST_VALUE = 24
# Fields and characters of what sets a run apart, which the pointer shows in one line.
_MOST_FIELDS, _LONGEST_DETAILS = 6, 120

_Configs = Callable[[Run], Config | None]


def labels(runs: Sequence[Run], config_of: _Configs, *, left_out: Collection[str] = ()) -> dict[str, str]:
    """Return run id → label: the name that a user typed if no other run here has it, else how the run differs.

    Args:
        runs: the runs that are shown together.
        config_of: returns a run's config, or None.
        left_out: fields that are not mentioned, such as `seed` in the label of a group.
    """
    return _labels(runs, config_of, _phrases(runs, config_of, left_out))


def labels_and_details(runs: Sequence[Run], config_of: _Configs) -> tuple[dict[str, str], dict[str, str]]:
    """Return run id → label, and run id → the fields that set it apart; empty if its label has them all."""
    phrases = _phrases(runs, config_of, ())
    named = _labels(runs, config_of, phrases)
    return named, _details(runs, phrases, named)


def _labels(runs: Sequence[Run], config_of: _Configs, phrases: Sequence[Mapping[str, str]]) -> dict[str, str]:
    titles = Counter(run.title for run in runs)
    short = _shortest(phrases)
    found: dict[str, str] = {}
    for run, words in zip(runs, short, strict=True):
        config = config_of(run)
        is_typed = not _is_made_up(run, config)
        if is_typed and titles[run.title] == 1:
            found[run.run_id] = run.title
        elif is_typed and (titles[run.title] < len(runs) or not words):
            found[run.run_id] = " · ".join([run.title, *words])
        else:
            found[run.run_id] = " · ".join(words) or (network_words(config) if config else run.title)
    return _distinct(runs, {run_id: cut(words, LONGEST_NAME) for run_id, words in found.items()})


def _details(runs: Sequence[Run], phrases: Sequence[Mapping[str, str]], named: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for run, each in zip(runs, phrases, strict=True):
        words = [phrase for phrase in each.values() if phrase not in named[run.run_id]]
        found[run.run_id] = cut(" · ".join(words[:_MOST_FIELDS]), _LONGEST_DETAILS)
    return found


def _is_made_up(run: Run, config: Config | None) -> bool:
    """Return whether nobody typed the name: Fitboard or MLflow generated it."""
    if run.name == run.tags.get(Tag.NAMED):
        return True
    return _RANDOM.fullmatch(run.name) is not None and (config is None or config.name is None)


def _phrases(runs: Sequence[Run], config_of: _Configs, left_out: Collection[str]) -> list[dict[str, str]]:
    configs = [config for run in runs if (config := config_of(run)) is not None]
    if len(configs) == len(runs):
        found = varying(configs)
    else:
        rows = config_differences(runs, config_of).rows
        short = [(name, values) for name, values in rows if max(map(len, values)) <= _LONGEST_VALUE]
        found = [{name: phrase(name, values[place]) for name, values in short} for place in range(len(runs))]
    return [{field: words for field, words in each.items() if field not in left_out} for each in found]


def _shortest(phrases: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """Return the phrases of each run for only those fields that are needed to distinguish the runs, in their order."""
    kept: list[str] = []
    groups = 1
    for field in phrases[0] if phrases else ():
        parted = len({tuple(each[name] for name in (*kept, field)) for each in phrases})
        if parted > groups:
            kept.append(field)
            groups = parted
    return [[each[field] for field in kept] for each in phrases]


def _distinct(runs: Sequence[Run], named: Mapping[str, str]) -> dict[str, str]:
    """Return distinct labels: runs that would share one get their titles, or numbers from the oldest on."""
    alike: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.start_time or 0, run.run_id)):
        alike.setdefault(named[run.run_id], []).append(run)
    found = dict(named)
    for words, some in alike.items():
        titles = {run.title for run in some}
        for number, run in enumerate(some, start=1):
            if len(some) > 1:
                found[run.run_id] = run.title if len(titles) == len(some) else f"{words} ({number})"
    return found
