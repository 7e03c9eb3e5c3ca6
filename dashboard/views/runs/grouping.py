"""The choice of how runs are grouped, kept in the address, and the list of groups."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from dashboard import loaders, state
from dashboard.components.markdown import plain
from dashboard.state import RunsKey
from dashboard.views.runs.columns import METRIC, RunRows, column_name
from dashboard.views.runs.group_rows import GROUP, group_rows
from dashboard.views.runs.table import Groups, run_table
from dashboard.views.runs.values import read_values
from trainer.config import main_metrics
from trainer.errors import ConfigError
from trainer.format import counted
from trainer.tracking import Field, GroupBy, Grouping, GroupPage, RunQuery, parse_field

__all__ = ["Grouped", "choose_grouping", "draw_groups", "read_groups"]

_NONE = "none"
_LABELS = {
    _NONE: "No groups",
    Grouping.CONFIG: "Same config, any seed",
    Grouping.FIELDS: "Same values of …",
    Grouping.EXCEPT: "Same params except …",
}
_RECENT = 50
_MODE = "runs.grouping"


def choose_grouping(columns: Sequence[tuple[str, str]], on_change: Callable[[], None]) -> tuple[GroupBy | None, str]:
    """Draw the choice; return how to group, None for not at all, and what is wrong with a field of the address."""
    with st.popover(
        "Group", icon=":material/workspaces:", key="runs.group", help="One row for each group of runs, with means."
    ):
        # Not bound to the address, into which Streamlit (1.67) would write the label.
        asked = st.query_params.get(RunsKey.GROUP) or _NONE
        # The address may have changed, by a saved view or the browser's history.
        state.follow(_MODE, asked if asked in _LABELS else _NONE)
        mode = st.selectbox(
            "Group runs by", list(_LABELS), key=_MODE, format_func=_LABELS.__getitem__, on_change=_take_over,
            args=[on_change], width=320,
        )  # fmt: skip
        names = [str(Field("attribute", "experiment")), str(Field("attribute", "status"))]
        names += [column_name(kind, name) for kind, name in columns if kind != "metric"]
        options = list(dict.fromkeys([*names, *state.asked(RunsKey.BY)]))
        chosen = st.multiselect(
            "Fields", options, key=RunsKey.BY, bind="query-params", on_change=on_change, width=320,
            disabled=mode not in {Grouping.FIELDS, Grouping.EXCEPT}, placeholder="Choose params, tags or experiment",
        )  # fmt: skip
    if asked not in _LABELS:
        return None, f"Unknown grouping “{asked}”; expected {', '.join(list(_LABELS)[1:])}."
    if mode not in {Grouping.FIELDS, Grouping.EXCEPT}:
        return (GroupBy(mode=Grouping.CONFIG) if mode == Grouping.CONFIG else None), ""
    try:
        fields = tuple(parse_field(text, columns) for text in chosen)
    except ConfigError as error:
        return None, str(error)
    if mode == Grouping.FIELDS and not fields:
        return None, "Choose one or more fields to group runs by."
    return GroupBy(mode=Grouping(mode), fields=fields), ""


def _take_over(on_change: Callable[[], None]) -> None:
    state.runs.grouping = state.typed(_MODE)
    on_change()


class Grouped:
    """One page of groups, how they were made, and the query."""

    def __init__(self, page: GroupPage, by: GroupBy, query: RunQuery) -> None:
        self.page, self.by, self.query = page, by, query


def read_groups(query: RunQuery, by: GroupBy, columns: Sequence[str]) -> Grouped:
    """Return a page of groups, with the main results of the newest runs and the metrics among `columns`."""
    recent = loaders.run_page(RunQuery(**{**vars(query), "sort": RunQuery().sort, "offset": 0, "limit": _RECENT})).runs
    chosen = [column.removeprefix(METRIC) for column in columns if column.startswith(METRIC)]
    sorted_by = [query.sort.name] if query.sort.kind == "metric" else []
    metrics = dict.fromkeys([*chosen, *sorted_by, *main_metrics([run.metrics for run in recent])])
    by = replace(by, metrics=tuple(metrics), opened=state.runs.open_groups)
    return Grouped(loaders.run_groups(query, by), by, query)


def draw_groups(grouped: Grouped, columns: Sequence[str], *, order: tuple[str, bool]) -> bool:
    """Draw the table of groups; return whether a run that it shows has not ended."""
    page, by = grouped.page, grouped.by
    newest = loaders.runs_by_id([group.newest for group in page.groups])
    members = loaders.runs_by_id([run_id for group in page.groups for run_id in group.members])
    values = read_values([*newest, *members], [METRIC + metric for metric in by.metrics])
    rows = group_rows(page.groups, by, [*newest, *members], columns, state.directions(), values, now=time.time())
    open_ids = frozenset(GROUP + group.id for group in page.groups if group.members)
    ids = frozenset(GROUP + group.id for group in page.groups)
    chosen = frozenset(GROUP + group_id for group_id, runs in state.runs.group_members.items()
                       if runs and set(runs) <= set(state.runs.selected))  # fmt: skip
    run_table(rows, order=order, groups=Groups(ids, open_ids, chosen, _ticked(grouped, rows, chosen)))
    for group in page.groups:
        if group.members and group.runs > len(group.members):
            st.caption(f"An open group lists only {len(group.members):,} of its {group.runs:,} runs.")
    if not page.complete:
        words = f"Groups of the newest {counted(page.runs, 'run')} only, since an MLflow server cannot group runs."
        st.warning(plain(words), icon=":material/info:")
    st.caption(
        "Means ± half the 95 % interval over finished runs. Each run contributes the values of the weights it kept, "
        "as on Compare, unless the column names another value. Reruns of the same config and seed count once; NaN and "
        "∞ are left out and reported."
    )
    return rows.live


def _ticked(grouped: Grouped, rows: RunRows, chosen: frozenset[str]) -> Callable[[], None]:
    shown = tuple(row for row in rows.run_ids if not row.startswith(GROUP))
    drawn = [row for row in rows.run_ids if row.startswith(GROUP)]

    def take_over() -> None:
        ticked = state.typed(RunsKey.TABLE)["ticked"] or ()
        state.tick_runs([row for row in ticked if not row.startswith(GROUP)], shown=shown)
        for row in drawn:
            if (row in ticked) != (row in chosen):
                _tick_group(grouped, row.removeprefix(GROUP), on=row in ticked)

    return take_over


def _tick_group(grouped: Grouped, group_id: str, *, on: bool) -> None:
    """Select the newest runs of a group, or none of them."""
    found = loaders.run_groups(grouped.query, replace(grouped.by, metrics=(), opened=(group_id,)))
    ids = next((group.members for group in found.groups if group.id == group_id), ())
    kept = [run_id for run_id in state.runs.selected if run_id not in ids]
    state.runs.selected = (*kept, *ids) if on else tuple(kept)
    state.runs.group_members = {**state.runs.group_members, group_id: ids}
