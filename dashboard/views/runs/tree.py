"""Nested runs as a tree: child runs below their parent, in the order of the list."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from trainer.tracking import Run

__all__ = ["Branch", "tree_of"]

# MLflow nests as deeply as a program likes; beyond this, parents that the list lacks are not read.
_MOST_ABOVE = 5


class Branch(NamedTuple):
    """A row of the tree.

    `listed` is whether the run is on the page of the list; other rows are there since their child runs are.
    `is_open` is None for a run that has no child runs on the page.
    """

    run: Run
    depth: int
    listed: bool
    is_open: bool | None


def tree_of(
    listed: Sequence[Run], read: Callable[[Sequence[str]], Sequence[Run]], folded: Collection[str]
) -> tuple[Branch, ...]:
    """Return the rows of a page: each run below its parent, at the place of the first of its family.

    Args:
        listed: the runs of the page, in order.
        read: returns the runs with these ids, leaving out unknown ones; called only for parents that are not listed.
        folded: ids of the runs whose child runs are hidden.
    """
    known = {run.run_id: run for run in listed}
    if not any(run.parent for run in listed) and known.keys().isdisjoint(folded):
        return tuple(Branch(run, 0, True, None) for run in listed)
    own = frozenset(known)
    for _ in range(_MOST_ABOVE):
        missing = {run.parent for run in known.values() if run.parent and run.parent not in known}
        above = read(sorted(missing)) if missing else ()
        if not above:
            break
        known |= {run.run_id: run for run in above}
    parents = _parents(known)
    children: dict[str, dict[str, None]] = {}
    for run in listed:
        child = run.run_id
        # The first of a family in the list brings its ancestors to its place.
        while child not in children.setdefault(parents[child], {}):
            children[parents[child]][child] = None
            if not parents[child]:
                break
            child = parents[child]
    return tuple(_branches("", 0, children, known, own, folded))


def _parents(known: Mapping[str, Run]) -> dict[str, str]:
    """Return run id → the parent's id, empty for a root."""
    parents: dict[str, str] = {}
    for run_id, run in known.items():
        parent = run.parent if run.parent in known else ""
        above = parent
        # Anybody can set the tag, so a run may be its own ancestor; one of them is then a root.
        while above and above != run_id:
            above = parents.get(above, "")
        parents[run_id] = "" if above else parent
    return parents


def _branches(
    parent: str, depth: int, children: Mapping[str, Collection[str]], known: Mapping[str, Run],
    own: Collection[str], folded: Collection[str],
) -> Iterator[Branch]:  # fmt: skip
    for run_id in children.get(parent, ()):
        has_children = run_id in children or run_id in folded
        is_open = run_id not in folded if has_children else None
        yield Branch(known[run_id], depth, run_id in own, is_open)
        if is_open:
            yield from _branches(run_id, depth + 1, children, known, own, folded)
