"""The table of runs, with rows to select, names that link to the runs, and headers that sort."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from dashboard import address_state, state
from dashboard.components.run_table import TINTS, TableColumn, table_part
from dashboard.navigation import RUN, SWEEP, address_of
from dashboard.views.runs.arrangement import LEAST_WIDTH, MOST_WIDTH, arranged, moved, width_texts, widths_of
from dashboard.views.runs.columns import (
    METRIC,
    PARAM,
    TAG,
    RunRows,
    clicked_sort,
    param_words,
    sort_column,
    value_of_column,
)
from dashboard.views.runs.group_rows import GROUP
from dashboard.views.runs.kept import kept_in_tab, take_back
from dashboard.views.runs.tree import Branch
from trainer.errors import StoreError
from trainer.format import count
from trainer.sweeps.records import is_sweep

__all__ = ["Groups", "run_table"]

_HEADS = {"color": "", "when": "started", "dataset": "data", "curve": "loss"}
_KINDS = {"color": "color", "name": "name", "status": "chip", "progress": "progress", "curve": "curve"}
_HELP = {
    "when": "When the run was queued or started, in the server's local time. Click to sort.",
    "duration": "Training time, with … until the run ends. For a queued run, the estimated time until it starts, or "
    "the number of runs ahead of it. Click to sort.",
    "curve": "Loss over the epochs, each run on its own scale.",
    "progress": "Completed share of all steps.",
    "user": "User to whom the run belongs.",
    "verdict": "Whether a rerun is identical to the last bit, or where it first differs.",
}
_CLICK_HELP = "Click to sort all runs by this column."


class Groups(NamedTuple):
    """Which rows are groups, open and selected, and what a change of the selection calls."""

    ids: frozenset[str]
    opened: frozenset[str]
    selected: frozenset[str]
    on_ticked: Callable[[], None]


def run_table(
    rows: RunRows, *, order: tuple[str, bool], groups: Groups | None = None, tree: Sequence[Branch] = ()
) -> None:
    """Draw the table; the selected runs and the order that the user chooses in it are kept in `state`.

    Args:
        rows: the cells.
        order: the column that runs are sorted by, and whether in ascending order.
        groups: the rows that are groups, each followed by its runs if it is open.
        tree: how the rows are nested, if they are runs.
    """
    branches = {branch.run.run_id: branch for branch in tree}
    rows = rows._replace(shown=arranged(rows.shown, address_state.table.order))
    widths = widths_of(address_state.table.widths)
    columns = [_column(name, widths.get(name, 0)) for name in rows.shown]
    cells = [
        [_value(rows, name, run_id, value) for run_id, value in zip(rows.run_ids, rows.cells[name], strict=True)]
        for name in rows.shown
    ]
    data = {
        "columns": [column._asdict() for column in columns],
        "rows": [
            {"id": run_id, "name": name, "cells": row, **_kind_of(run_id, groups, branches.get(run_id))}
            for run_id, name, *row in zip(rows.run_ids, rows.cells["name"], *cells, strict=True)
        ],
        "selected": [
            run_id for run_id in (*state.runs.selected, *(groups.selected if groups else ())) if run_id in rows.run_ids
        ],
        "order": list(order),
        "kept": kept_in_tab(rows.deleted),
    }
    on_ticked = groups.on_ticked if groups else _ticked(rows.run_ids)
    table_part(
        key=state.RunsKey.TABLE, data=data, on_ticked_change=_after_restored(on_ticked), on_sorted_change=_sorted,
        on_toggled_change=_after_restored(_toggled), on_moved_change=_moved(rows.shown), on_resized_change=_resized,
        on_restored_change=_restored,
    )  # fmt: skip


def _kind_of(row_id: str, groups: Groups | None, branch: Branch | None) -> dict[str, Any]:
    """Return where a run's row links to, how deeply it is nested, and whether a row that can be folded is open."""
    if groups is not None and row_id in groups.ids:
        return {"href": "", "open": row_id in groups.opened}
    page = SWEEP if branch is not None and is_sweep(branch.run) else RUN
    kind: dict[str, Any] = {"href": address_of(page, id=row_id), "within": groups is not None}
    if branch is not None:
        kind |= {"depth": branch.depth, "unlisted": not branch.listed}
        kind |= {} if branch.is_open is None else {"open": branch.is_open}
    return kind


def _toggled() -> None:
    row = str(state.typed(state.RunsKey.TABLE)["toggled"] or "")
    if row.startswith(GROUP):
        state.runs.open_groups = _switched(state.runs.open_groups, row.removeprefix(GROUP))
    else:
        state.runs.folded = _switched(state.runs.folded, row)


def _restored() -> None:
    # The component's value has only what the browser sent with this click, or nothing.
    sent = (state.typed(state.RunsKey.TABLE) or {}).get("restored")
    # The page below shows that the store does not respond.
    with suppress(StoreError):
        take_back(sent)


def _after_restored(take_over: Callable[[], None]) -> Callable[[], None]:
    # A click right after a reload may arrive together with what the tab kept, which would come too late after it.
    def take_over_then() -> None:
        _restored()
        take_over()

    return take_over_then


def _switched(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(each for each in ids if each != one) if one in ids else (*ids, one)


def _ticked(shown: tuple[str, ...]) -> Callable[[], None]:
    # The callback runs before the next list of runs is read, so it is given the rows that were drawn.
    def take_over() -> None:
        state.tick_runs(state.typed(state.RunsKey.TABLE)["ticked"] or (), shown=shown)

    return take_over


def _moved(shown: tuple[str, ...]) -> Callable[[], None]:
    def take_over() -> None:
        column, before = _pair("moved")
        address_state.table.order = moved(shown, str(column), str(before))

    return take_over


def _resized() -> None:
    name, width = _pair("resized")
    widths = widths_of(address_state.table.widths)
    widths.pop(str(name), None)
    if isinstance(width, int) and width:
        widths[str(name)] = min(max(width, LEAST_WIDTH), MOST_WIDTH)
    address_state.table.widths = width_texts(widths)


def _pair(trigger: str) -> tuple[object, object]:
    """Return the two values that the browser sent."""
    sent = list(state.typed(state.RunsKey.TABLE)[trigger] or ())
    return (sent[0], sent[1]) if len(sent) == 2 else ("", "")


def _sorted() -> None:
    clicked = clicked_sort(state.typed(state.RunsKey.TABLE)["sorted"] or "", state.runs_order(), state.directions())
    if clicked is not None:
        state.set_runs_order(*clicked)


def _column(name: str, width: int) -> TableColumn:
    bare = name
    for prefix in (METRIC, PARAM, TAG):
        bare = bare.removeprefix(prefix)
    value = value_of_column(name)
    bare = bare if value is None else value.label
    kind = _KINDS.get(name, "number" if name.startswith(METRIC) else "text")
    sort = sort_column(name) or ""
    return TableColumn(name, _HEADS.get(name, bare), kind, sort, _HELP.get(name, _CLICK_HELP if sort else ""), width)


def _value(rows: RunRows, column: str, run_id: str, value: Any) -> Any:
    """Return a cell as it is sent to the browser."""
    if column in rows.metrics:
        among = rows.best.get((run_id, column))
        best = f"Best of {count(among)} finished runs on this page with the same data" if among else ""
        return {"text": value, "best": best}
    if column == "color":
        return value[0]
    if column == "status":
        word, color = value
        return {"word": word, "color": TINTS[color]}
    if column.startswith(PARAM):
        return param_words(column.removeprefix(PARAM), value)
    return value
