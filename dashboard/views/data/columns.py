"""The columns of a file: type, missing and distinct values, a small distribution, and the role of each."""

import html
from collections.abc import Mapping

import streamlit as st

from dashboard import state
from dashboard.data_state import UNSET, Opened, data
from dashboard.views.data.fields import set_field
from trainer.config.file_datasets import ROLES
from trainer.config.series import SERIES_ROLES
from trainer.data.profile import ColumnSummary, ColumnType, Profile, inferred_role, told_values
from trainer.format import count, counted, cut, one_line, percent

__all__ = ["column_html", "draw_columns"]

_PAGE = 25
_SEARCH = "data.columns.search"
_LONGEST = 60
_WIDTH = 150
_AUTO = "auto"


def draw_columns(opened: Opened, about: Profile, *, has_roles: bool) -> None:
    """Draw the columns, 25 at first, each with the choice of its role if a config can set it."""
    columns = list(enumerate(about.columns))
    st.markdown(f"## {counted(len(columns), 'column')}")
    if len(columns) > _PAGE:
        wanted = st.text_input("Search columns", key=_SEARCH, placeholder="name").strip().casefold()
        columns = [(place, column) for place, column in columns if wanted in column.name.casefold()]
    shown = max(_PAGE, data.shown_columns)
    uses = _uses(opened)
    with st.container(gap="xxsmall", key="data-columns"):
        for place, column in columns[:shown]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"data-column-{place}"):
                st.html(column_html(column), width="stretch")
                if has_roles:
                    _role(place, column, opened, uses)
    if len(columns) > shown:
        label = f"Show {count(min(_PAGE, len(columns) - shown))} more of {counted(len(columns), 'column')}"
        st.button(label, key="data-more", on_click=_show_more, args=(shown + _PAGE,))


def _show_more(shown: int) -> None:
    data.shown_columns = shown


def _uses(opened: Opened) -> Mapping[str, str]:
    """Return what columns are used as that are not inputs."""
    target = opened.fields.get("target") or ()
    found = dict.fromkeys([target] if isinstance(target, str) else target, "target")
    if _is_series(opened):
        return found
    weight, split = opened.fields.get("weight"), opened.fields.get("split")
    if isinstance(weight, str):
        found[weight] = "weight"
    if isinstance(split, Mapping) and split.get("by") in {"group", "column"} and isinstance(split.get("column"), str):
        found[split["column"]] = "group" if split["by"] == "group" else "part"
    return found


def _is_series(opened: Opened) -> bool:
    return opened.fields.get("name") == "series"


def _auto(column: ColumnSummary, opened: Opened) -> str:
    """Return what a column is used as if it is given no role."""
    if not _is_series(opened):
        return inferred_role(column)
    order = {opened.fields.get(field): field for field in ("time", "id")}
    role = inferred_role(column)
    return order.get(column.name, role if role in SERIES_ROLES else "ignore")


def _role(place: int, column: ColumnSummary, opened: Opened, uses: Mapping[str, str]) -> None:
    """Draw the choice of a role, or what else the column is used as."""
    if column.name in uses:
        st.markdown(f"**{uses[column.name]}**", width=_WIDTH)
        return
    roles, auto = (SERIES_ROLES if _is_series(opened) else ROLES), _auto(column, opened)
    # Streamlit (1.67) returns the former words of a choice if they change under the same key.
    key = f"data.role.{place}.{auto}"
    chosen = (opened.fields.get("columns") or {}).get(column.name, _AUTO)
    if state.typed(key) != chosen:
        state.follow(key, chosen)
    st.selectbox(
        f"Role of {one_line(column.name)}",
        [_AUTO, *roles, *([] if chosen in (_AUTO, *roles) else [chosen])],
        key=key,
        width=_WIDTH,
        label_visibility="collapsed",
        format_func=lambda role: f"auto: {auto}" if role == _AUTO else role,
        on_change=set_field,
        args=(("columns", column.name), key, lambda role: UNSET if role == _AUTO else role),
    )


def column_html(column: ColumnSummary) -> str:
    """Return a column in two lines with its distribution beside them, escaped."""
    facts = [str(column.type)]
    if column.type not in (ColumnType.EMPTY, ColumnType.OTHER):
        facts.append(f"{count(column.distinct)} distinct")
    if column.missing:
        facts.append(f"{percent(column.missing_share)} missing")
    told = told_values(column)
    heights = column.bins.counts if column.bins else tuple(share.rows for share in column.common)
    most = max(heights, default=0) or 1
    bars = "".join(f'<i style="height:{max(4, round(100 * each / most)) if each else 0}%"></i>' for each in heights)
    name = html.escape(cut(one_line(column.name), _LONGEST))
    return (
        f'<div class="data-column"><div><b>{name}</b><span>{html.escape(" · ".join(facts))}</span></div>'
        f'<div class="data-bars" role="img" aria-label="Distribution of {name}: {html.escape(told, quote=True)}">{bars}'
        f"</div><small>{html.escape(told)}</small></div>"
    )
