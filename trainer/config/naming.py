"""Names for unnamed runs: what distinguishes a run's config from those of other runs."""

import re
from collections.abc import Collection, Sequence
from itertools import count
from typing import NamedTuple

from trainer.config.config import Config, Vary
from trainer.config.phrases import SEED, VARIED, network_words, optimizer_words, phrase, varying
from trainer.format import cut, one_line

__all__ = ["LONGEST_NAME", "Named", "run_name"]

LONGEST_NAME = 48
"""Maximum length in characters: the table of runs shows this many without truncation."""

_BETWEEN = " · "
_RERUN = "rerun"
# More changes than these rarely fit into a name.
_MOST = 3
_MINOR = ("metrics.", "loss.")
# With fewer phrases than this, the network and the optimizer are added.
_FEW = 2
# What was added to a name to distinguish a repeat from the first run.
_ADDED = re.compile(rf"(?:{_BETWEEN}(?:{SEED} \d+(?:, (?:split|fold) \d+)?|{_RERUN})| \(\d+\))+$")


class Named(NamedTuple):
    """Another run: its name and its config."""

    name: str
    config: Config


def run_name(
    config: Config,
    neighbors: Sequence[Named] = (),
    *,
    source: Named | None = None,
    seeded: bool = False,
    vary: Vary = Vary.SEED,
) -> str | None:
    """Return a name of at most 48 characters for a run of this config, or None to keep the config's own name.

    Args:
        config: the config to queue.
        neighbors: runs of the same experiment, latest first.
        source: the run that this one repeats or resumes.
        seeded: whether it is queued together with its other repeats.
        vary: what differs between the repeats.
    """
    is_inherited = source is not None and config.name == source.config.name
    if config.name is not None and not (is_inherited or seeded):
        return None
    if source is not None:
        name = _from_source(config, source, vary)
    elif config.name is not None:
        name = _joined([config.name, _repeat(config, vary)])
    else:
        name = _among(config, neighbors, vary, seeded=seeded)
    return _unused(name, {each.name for each in neighbors})


def _repeat(config: Config, vary: Vary) -> str:
    """Return what distinguishes one repeat: `seed 1`, `seed 1, split 1`, or `seed 1, fold 2`."""
    words = phrase(SEED, config.seed)
    if vary is Vary.SPLIT:
        return f"{words}, split {config.dataset.split_seed}"
    return f"{words}, fold {getattr(config.dataset, 'fold', 1)}" if vary is Vary.FOLD else words


def _from_source(config: Config, source: Named, vary: Vary) -> str:
    """Return the first run's name with the changes; without it if it was generated and more than the seed changed."""
    first = one_line(_ADDED.sub("", source.name))
    changes = _changes(config, source, vary)
    last = _repeat(config, vary)
    changes += [] if last == _repeat(source.config, vary) else [last]
    if not changes:
        return _joined([first, _RERUN])
    if source.config.name is None and config.group_over(vary) != source.config.group_over(vary):
        return _described(config, changes)
    return _joined([first, *changes])


def _among(config: Config, neighbors: Sequence[Named], vary: Vary, *, seeded: bool) -> str:
    own, digests = config.group_over(vary), [each.config.group_over(vary) for each in neighbors]
    others = [each for each, digest in zip(neighbors, digests, strict=True) if digest != own]
    group = [
        each for each, digest in zip(neighbors, digests, strict=True) if digest == own and each.config.name is None
    ]
    is_repeat = seeded or any(each.config.seed != config.seed for each in group)
    last = [_repeat(config, vary)] if is_repeat else []
    if group:
        return _joined([_ADDED.sub("", group[0].name), *last])
    # `min` takes the first of equally near runs, which is the latest.
    found = [_changes(config, other, vary) for other in others]
    nearest = min(found, key=len, default=[])
    return _described(config, nearest, last)


def _changes(config: Config, other: Named, vary: Vary) -> list[str]:
    """Return the differences except in what repeats vary; those of metrics and losses only if there are no others."""
    left_out = VARIED[vary]
    differing = {field: words for field, words in varying([config, other.config])[0].items() if field not in left_out}
    telling = [words for field, words in differing.items() if not field.startswith(_MINOR)]
    return (telling or list(differing.values()))[:_MOST]


def _described(config: Config, changes: Sequence[str], last: Sequence[str] = ()) -> str:
    """Return the changes as a name, with the network and the optimizer added if there are few changes."""
    network, optimizer = network_words(config), optimizer_words(config)
    words = list(changes)
    if len(words) < _FEW and network not in words:
        words.append(network)
    if len(words) < _FEW:
        words.append(optimizer)
    return _joined([*words, *last])


def _joined(words: Sequence[str]) -> str:
    """Join as many of the words as fit; the first and the last are always included."""
    tail = list(words[1:])
    # The last words distinguish repeats, so those before them give way.
    room = LONGEST_NAME - (len(_BETWEEN) + len(tail[-1]) if tail else 0)
    kept = [cut(words[0], room)]
    for word in tail[:-1]:
        if len(_BETWEEN.join([*kept, word])) <= room:
            kept.append(word)
    return _BETWEEN.join([*kept, *tail[-1:]])


def _unused(name: str, used: Collection[str]) -> str:
    """Return the name, or `name (2)` if it is taken."""
    found = _ADDED.search(name)
    tail = found.group() if found else ""
    numbered = (_cut_before(name.removesuffix(tail), f"{tail} ({number})") for number in count(2))
    return name if name not in used else next(each for each in numbered if each not in used)


def _cut_before(head: str, tail: str) -> str:
    return cut(head, LONGEST_NAME - len(tail)) + tail
