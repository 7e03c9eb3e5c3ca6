"""A draft and its undo history as text, so that they survive a reload."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from dashboard.draft.draft import LISTS, Draft, Path
from dashboard.draft.history import History
from dashboard.draft.search import NO_SEARCH, Search
from trainer.config import registry_of_field

__all__ = ["LARGEST_SAVED", "Saved", "read_saved", "save_text"]

LARGEST_SAVED = 512 * 1024
"""Maximum bytes of a saved draft; the oldest undo steps are dropped first. With 50 layers a step takes 5 kB."""

_VERSION = 1
_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Saved(NamedTuple):
    """The saved state of Build: the draft with its undo history, and the run that it was filled from."""

    history: History
    filled_from: str = ""


def save_text(saved: Saved) -> str:
    """Return the text that `read_saved` reads, of at most `LARGEST_SAVED` bytes unless the draft alone is larger."""
    now, past, future = saved.history.now, list(saved.history.past), list(saved.history.future)
    # By identity, since a draft holds dictionaries and cannot be hashed.
    sizes = {id(draft): len(json.dumps(_plain(draft))) for draft in (now, *past, *future)}
    # 1 kB for the names of the fields and of the run.
    room = LARGEST_SAVED - sizes[id(now)] - 1024
    while past or future:
        if sum(sizes[id(draft)] + 2 for draft in (*past, *future)) <= room:
            break
        # The step farthest from the present draft goes first.
        _ = past.pop(0) if len(past) >= len(future) else future.pop()
    return json.dumps(
        {
            "version": _VERSION,
            "filled_from": saved.filled_from,
            "now": _plain(now),
            "past": [_plain(draft) for draft in past],
            "future": [_plain(draft) for draft in future],
        }
    )


def read_saved(text: str | bytes) -> Saved:
    """Read a saved draft.

    Raises:
        ValueError: the text is damaged, or a version of Fitboard wrote it that this one cannot read.
    """
    try:
        found = json.loads(text)
        if found["version"] != _VERSION:
            raise ValueError(f"version {found['version']!r}")
        past, future = (tuple(_draft(each) for each in found[name]) for name in ("past", "future"))
        source = found["filled_from"]
        return Saved(History(_draft(found["now"]), past, future), source if isinstance(source, str) else "")
    except _DAMAGED as error:
        raise ValueError(f"the saved draft cannot be read ({error})") from error


def _plain(draft: Draft) -> dict[str, Any]:
    search = draft.search
    varies = {
        "on": search.on,
        "domains": [[list(path), domain] for path, domain in search.domains.items()],
        "settings": dict(search.settings),
    }
    return {
        "fields": dict(draft.fields),
        "ids": {name: list(of) for name, of in draft.ids.items()},
        "made": draft.made,
        # Left out where it is empty: a draft without a sweep takes no more space than before.
        **({} if search == NO_SEARCH else {"search": varies}),
    }


def _draft(found: Mapping[str, Any]) -> Draft:
    fields = Draft.of(found["fields"]).plain()
    ids = {name: tuple(int(card) for card in found["ids"].get(name, ())) for name in LISTS}
    given = [card for of in ids.values() for card in of]
    made = int(found["made"])
    if any(len(ids[name]) != len(fields[name]) for name in LISTS) or len(set(given)) != len(given):
        raise ValueError("the cards and their ids do not match")
    if given and max(given) >= made:
        raise ValueError("a card has an unknown id")
    _check_kinds(fields)
    return Draft(fields, ids, made, _search(found.get("search"), ids))


def _search(found: Mapping[str, Any] | None, ids: Mapping[str, tuple[int, ...]]) -> Search:
    if found is None:
        return NO_SEARCH
    domains = {_path(path): domain for path, domain in found["domains"]}
    if any(path[0] in LISTS and len(path) > 1 and path[1] not in ids[str(path[0])] for path in domains):
        raise ValueError("something varies in a card that is not there")
    return Search(on=found["on"] is True, domains=domains, settings=dict(found["settings"]))


def _path(steps: Any) -> Path:
    if not isinstance(steps, list) or not steps or not all(type(step) in {int, str} for step in steps):
        raise ValueError(f"{steps!r} is not a path")
    return tuple(steps)


def _check_kinds(fields: Mapping[str, Any]) -> None:
    """Refuse unknown kinds, since forms are drawn by kind; values may be invalid, which the page then reports."""
    for name, value in fields.items():
        registry = registry_of_field(name)
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                continue
            if registry is not None and part.get(registry.key) not in registry.members:
                raise ValueError(f"{name} {part.get(registry.key)!r} is unknown")
            _check_kinds(part)
