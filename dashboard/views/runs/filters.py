"""The search, filters, order and columns of the list of runs, all kept in the address."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from dashboard import address_state, loaders, state
from dashboard.access.rights import name_of_person
from dashboard.components.directions import choose_directions
from dashboard.components.markdown import sentence
from dashboard.state import RunsKey
from dashboard.views.runs.columns import ORDERS, OWN_COLUMNS, column_name, is_logged, sort_of, value_of_column
from dashboard.views.runs.completions import completions
from dashboard.views.runs.grouping import choose_grouping
from dashboard.views.runs.values import choose_value, unreadable, value_problems
from trainer.config.metrics.names import SYSTEM
from trainer.format import cut
from trainer.tracking import Experiment, FilterError, GroupBy, RunQuery, Status, is_filter, parse_filter, unknown_keys
from trainer.tracking.filter import Clause
from trainer.tracking.user import USER_TAG, this_user

__all__ = ["DELETED", "STATUS_WORDS", "Filters", "run_filters"]

STATUS_WORDS = {status.word: status for status in Status}
"""The words for MLflow's statuses on the pages."""
DELETED = "deleted"
"""The choice beside the statuses that lists deleted runs, of those statuses if any is chosen too."""


_LONGEST_SHOWN = 100


class Filters(NamedTuple):
    """The choices above the list."""

    text: str = ""
    experiments: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    user: str = ""
    """The user whose runs are listed; empty for everyone's."""
    columns: tuple[str, ...] = ()
    order: tuple[str, bool] = ("started", False)
    unknown_columns: tuple[str, ...] = ()
    value_errors: tuple[str, ...] = ()
    """A sentence for each column that is a value of a metric and cannot be shown."""
    clauses: tuple[Clause, ...] = ()
    """Of a search in MLflow's filter syntax, which `text` then does not hold."""
    error: str = ""
    """What is wrong with that filter."""
    is_last: bool = False
    """Whether `text` and `clauses` are those of the last search without an error, which the page still shows."""
    unknown_keys: tuple[str, ...] = ()
    """A sentence for each key of the filter that no run has."""
    grouping: GroupBy | None = None
    """How runs are grouped, if they are."""
    group_error: str = ""
    """Why they are not, if the choice is not complete."""

    @property
    def narrow(self) -> bool:
        """Whether the choices may leave out runs."""
        return bool(self.text or self.clauses or self.error or self.experiments or self.statuses or self.user)

    def unknown(self, known: Sequence[Experiment]) -> tuple[str, ...]:
        """Return a message for each filter that matches nothing, since an address may be old or mistyped."""
        names = {one.name for one in known}
        experiments = [f"Experiment “{name}” not found." for name in self.experiments if name not in names]
        statuses = [
            f"Unknown status “{word}”; expected {', '.join([*STATUS_WORDS, DELETED])}."
            for word in self.statuses
            if word not in {*STATUS_WORDS, DELETED}
        ]
        columns = [f"Column “{cut(name, _LONGEST_SHOWN)}” not found." for name in self.unknown_columns]
        groups = [self.group_error] if self.group_error else []
        return (*experiments, *statuses, *columns, *self.value_errors, *self.unknown_keys, *groups)

    def fits_nothing(self, known: Sequence[Experiment]) -> bool:
        """Return whether no run can match: an error in the filter, or only unknown experiments or statuses."""
        if self.error and not self.is_last:
            return True
        experiments = {one.name for one in known}.isdisjoint(self.experiments) if self.experiments else False
        return experiments or ({*STATUS_WORDS, DELETED}.isdisjoint(self.statuses) if self.statuses else False)

    def query(self, known: Sequence[Experiment], *, offset: int, limit: int) -> RunQuery:
        """Return the query for the store."""
        chosen = tuple(one.experiment_id for one in known if one.name in self.experiments)
        column, ascending = self.order
        return RunQuery(
            text=self.text,
            experiment_ids=chosen,
            filters=self.clauses,
            statuses=tuple(STATUS_WORDS[word] for word in self.statuses if word in STATUS_WORDS),
            tags=((USER_TAG, self.user),) if self.user else (),
            deleted=DELETED in self.statuses,
            sort=sort_of(column, ascending=ascending),
            directions=state.directions(),
            offset=offset,
            limit=limit,
        )


def run_filters(known: Sequence[Experiment], columns: Sequence[tuple[str, str]]) -> Filters:
    """Draw the search box and the filters.

    Args:
        known: the experiments to choose from.
        columns: every (kind, name) that can be a column.
    """
    names = [column_name(kind, name) for kind, name in columns if not name.startswith(SYSTEM)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="runs-filters"):
        text = st.text_input(
            "Search", key=RunsKey.SEARCH, bind="query-params", type="search", live="300ms", width="stretch",
            placeholder="Words, or metrics.val_accuracy > 0.9", on_change=_to_first_page, label_visibility="collapsed",
        )  # fmt: skip
        experiments = _choice("Experiment", RunsKey.EXPERIMENT, [one.name for one in known], "All experiments")
        statuses = _choice("Status", RunsKey.STATUS, [*STATUS_WORDS, DELETED], "Any status")
        user = _user()
        values = [name for name in state.asked(RunsKey.COLUMNS) if "@" in name]
        _order(_with_asked([*ORDERS, *values, *names], RunsKey.SORT))
        chosen = _columns(_varying_first([*OWN_COLUMNS, *names]), [name for kind, name in columns if kind == "metric"])
        with st.popover(
            "Better",
            icon=":material/swap_vert:",
            help="Whether higher or lower values of a metric are better.",
        ):
            choose_directions(name for kind, name in columns if kind == "metric")
        grouping, group_error = choose_grouping(columns, _to_first_page)
    completions(columns)
    searched = _searched(text.strip())
    searched = searched._replace(experiments=tuple(experiments), statuses=tuple(statuses), user=user)
    # After the widgets are drawn: only then does the session state hold the order from the address.
    return _with_columns(searched, state.runs_order(), chosen, columns)._replace(
        unknown_keys=tuple(unknown_keys(searched.clauses, columns)), grouping=grouping, group_error=group_error
    )


def _with_columns(
    filters: Filters, order: tuple[str, bool], chosen: Sequence[str], columns: Sequence[tuple[str, str]]
) -> Filters:
    """Add the order and the columns that can be read, and what is wrong with the others."""
    wrong = unreadable([order[0], *chosen])
    order = order if order[0] not in wrong else ("started", False)
    readable = tuple(name for name in chosen if name not in wrong)
    values = [name for name in (order[0], *readable) if value_of_column(name) is not None]
    every = {*ORDERS, *OWN_COLUMNS, *values, *(column_name(kind, name) for kind, name in columns)}
    problems = value_problems(values, columns, state.directions())
    unknown = tuple(dict.fromkeys(name for name in (order[0], *readable) if name not in every))
    # A metric, param or tag may belong to older runs than those whose columns were read.
    nothing = {name for name in unknown if not is_logged(name)}
    return filters._replace(
        columns=tuple(name for name in readable if name not in nothing),
        order=order if order[0] not in nothing else ("started", False),
        unknown_columns=unknown,
        value_errors=(*wrong.values(), *problems),
    )


def _searched(text: str) -> Filters:
    """Parse the search box: as a filter if it looks like one, else as words.

    Half a filter, as it is while one is typed, leaves the last search in force.
    """
    try:
        found = Filters(clauses=parse_filter(text)) if is_filter(text) else Filters(text)
    except FilterError as error:
        last = state.runs.searched
        words = str(error) if last is None else f"{error} The list shows the last complete search."
        with st.container(key="runs-filter-error"):
            st.error(sentence(words), icon=":material/filter_alt:")
        text, clauses = last or ("", ())
        return Filters(text, clauses=clauses, error=str(error), is_last=last is not None)
    state.runs.searched = (found.text, found.clauses)
    return found


def _choice(label: str, key: RunsKey, options: list[str], words: str) -> list[str]:
    return st.multiselect(
        label, _with_asked(options, key), key=key, bind="query-params", placeholder=words, on_change=_to_first_page,
        label_visibility="collapsed", width=165,
    )  # fmt: skip


def _with_asked(options: list[str], key: RunsKey) -> list[str]:
    """Return the options and all other values in the address or widget, which Streamlit (1.67) would silently drop."""
    return list(dict.fromkeys([*options, *state.asked(key)]))


def _user() -> str:
    """Draw the switch for one's own runs where others use the store too, and return whose they are if it is on."""
    is_asked = st.session_state.get(RunsKey.MINE) or RunsKey.MINE in st.query_params
    if not (loaders.is_shared() or is_asked):
        return ""
    me = name_of_person() or this_user()
    is_on = st.toggle(
        "Mine", key=RunsKey.MINE, bind="query-params", on_change=_to_first_page, help=f"List only the runs of {me}."
    )
    return me if is_on else ""


def _order(options: list[str]) -> None:
    st.selectbox(
        "Sort by", options, key=RunsKey.SORT, bind="query-params", on_change=_to_first_page,
        label_visibility="collapsed", width=175,
    )  # fmt: skip
    st.toggle(
        "↑", key=RunsKey.ASCENDING, bind="query-params", on_change=_to_first_page,
        help="Ascending: smallest first, A to Z, oldest first. Clicking a column header also sorts.",
    )  # fmt: skip


def _varying_first(names: list[str]) -> list[str]:
    """Return the columns with those last that have one value in all listed runs."""
    return sorted(names, key=lambda name: name in state.runs.same)


def _columns(options: list[str], metrics: list[str]) -> list[str]:
    with st.popover("Columns", icon=":material/view_column:"):
        st.caption(
            "Metrics, params, tags and verdicts to show besides the default columns, in this order. "
            "Columns with the same value in all runs come last in the list. "
            "Drag a column header to move the column, or its edge to resize it."
        )
        if address_state.table.order or address_state.table.widths:
            st.button(
                "Reset order and widths", icon=":material/restart_alt:", on_click=_reset, key="runs.reset_columns"
            )
        chosen = st.multiselect(
            "Columns", _with_asked(options, RunsKey.COLUMNS), key=RunsKey.COLUMNS, bind="query-params",
            placeholder="Add columns", label_visibility="collapsed", width=420,
        )  # fmt: skip
        choose_value(metrics)
    return chosen


def _to_first_page() -> None:
    state.follow(RunsKey.PAGE, 1)


def _reset() -> None:
    address_state.table.order = ()
    address_state.table.widths = ()
