"""What a browser's tab keeps of the table of runs when the page is reloaded."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from dashboard import loaders, state

__all__ = ["kept_in_tab", "take_back"]

_MOST_RUNS, _MOST_GROUPS, _LONGEST = 10_000, 200, 1_000


def kept_in_tab(deleted: Collection[str]) -> dict[str, Any]:
    """Return the selection, the open groups and the folded parents, for the browser to keep.

    They are `fresh` as long as nothing was selected, opened or folded since the page was loaded. `deleted` are those of
    the listed runs that `take_back` would leave out.
    """
    selected = frozenset(state.runs.selected)
    members = state.runs.group_members
    return {
        "fresh": state.runs_are_fresh(),
        "deleted": sorted(deleted),
        "selected": list(state.runs.selected[:_MOST_RUNS]),
        "members": {group: list(ids) for group, ids in members.items() if ids and selected.issuperset(ids)},
        "open": list(state.runs.open_groups),
        "folded": list(state.runs.folded),
    }


def take_back(sent: object) -> None:
    """Restore what the browser kept; runs that are not in this store, or are deleted, are left out.

    Args:
        sent: as the browser sent it, which may be anything.

    Raises:
        StoreError: the store cannot be read.
    """
    if not isinstance(sent, Mapping) or not state.runs_are_fresh():
        return
    selected, members = _texts(sent.get("selected"), _MOST_RUNS), sent.get("members")
    # Deletion deselects, but the browser hears of it by the table, which an empty list does not have.
    there = {run.run_id for run in loaders.runs_by_id(selected) if not run.deleted}
    groups = {str(group): _texts(ids, _MOST_RUNS) for group, ids in _items(members)}
    state.runs.selected = tuple(run_id for run_id in selected if run_id in there)
    state.runs.group_members = {group: ids for group, ids in groups.items() if ids and there.issuperset(ids)}
    state.runs.open_groups = _texts(sent.get("open"), _MOST_GROUPS)
    state.runs.folded = _texts(sent.get("folded"), _MOST_RUNS)


def _items(found: object) -> Iterable[tuple[object, object]]:
    return found.items() if isinstance(found, Mapping) else ()


def _texts(found: object, most: int) -> tuple[str, ...]:
    """Return the texts of a list, each once."""
    if not isinstance(found, Iterable) or isinstance(found, str | Mapping):
        return ()
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str) and len(one) <= _LONGEST))[:most]
