"""The only owner of keys in the session and in the address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import streamlit as st

from dashboard.draft import Draft, History, Saved
from trainer.config.recipes import RECIPES

__all__ = [
    "MEMORY_LIMIT",
    "REPEATS",
    "TIME_LIMIT",
    "CompareKey",
    "RunKey",
    "RunsKey",
    "Ticket",
    "asked",
    "begin_with",
    "clear_filters",
    "compared_runs",
    "deleted_runs",
    "drafts",
    "edit",
    "filled_from",
    "follow",
    "forget",
    "has_draft",
    "has_unsaved_draft",
    "is_open",
    "mark_draft_saved",
    "notice",
    "repeats",
    "restore_draft",
    "runs_live",
    "runs_order",
    "runs_page",
    "select_runs",
    "selected_runs",
    "set_compared_runs",
    "set_deleted_runs",
    "set_filled_from",
    "set_notice",
    "set_runs_live",
    "set_runs_order",
    "set_shown_run",
    "set_ticket",
    "shown_run",
    "source_run",
    "step_back",
    "step_forward",
    "tick_runs",
    "ticket",
    "toggle",
    "typed",
    "typed_limits",
]

_DRAFTS = "build.drafts"
_FILLED_FROM = "build.filled_from"
_SAVED = "build.saved"
_TICKET = "build.ticket"
_OPEN = "build.open"
_FROM = "from"
REPEATS = "build.repeats"
"""The field that says with how many seeds Train trains."""
TIME_LIMIT, MEMORY_LIMIT = "build.time_limit", "build.memory_limit"
"""The fields that say what a run may take at most."""


@dataclass
class Ticket:
    """What one press of Train queued. Noting a run asks nothing of Streamlit, which might end the script."""

    draft: Draft
    run_ids: list[str] = field(default_factory=list)


def drafts() -> History:
    """The draft of the Build page and those before it; at first the quickstart."""
    if _DRAFTS not in st.session_state:
        st.session_state[_DRAFTS] = History(Draft.of(RECIPES[0].config.short()))
        mark_draft_saved()  # nothing is lost with what everybody begins with
    history: History = st.session_state[_DRAFTS]
    return history


def edit(draft: Draft, *, theme: str | None = None) -> None:
    """Makes a draft the present one; changes with one theme are undone together."""
    st.session_state[_DRAFTS] = drafts().do(draft, theme=theme)


def begin_with(fields: dict[str, Any]) -> None:
    """Replaces the draft by a config's plain fields; Undo brings the old one back."""
    edit(Draft.of(fields, made=drafts().now.made))


def step_back() -> None:
    """Undoes the last change of the draft."""
    st.session_state[_DRAFTS] = drafts().undo()


def step_forward() -> None:
    """Does it again."""
    st.session_state[_DRAFTS] = drafts().redo()


def has_draft() -> bool:
    """Whether this session has a draft already."""
    return _DRAFTS in st.session_state


def restore_draft(saved: Saved) -> None:
    """Takes over a draft that was saved."""
    st.session_state[_DRAFTS], st.session_state[_FILLED_FROM] = saved.history, saved.filled_from
    mark_draft_saved()


def has_unsaved_draft() -> bool:
    """Whether the draft differs from the one that was last saved."""
    return has_draft() and st.session_state.get(_SAVED) != (drafts(), filled_from())


def mark_draft_saved() -> None:
    """Notes that the draft is saved as it is."""
    st.session_state[_SAVED] = (drafts(), filled_from())


def source_run() -> str | None:
    """The run that the address asks Build to be filled from: `/build?from=RUN`."""
    return st.query_params.get(_FROM) or None


def filled_from() -> str | None:
    """The run that the draft has already been filled from."""
    found: str | None = st.session_state.get(_FILLED_FROM)
    return found


def set_filled_from(run_id: str | None) -> None:
    """Notes that the draft has been filled from a run, so that later changes are kept."""
    st.session_state[_FILLED_FROM] = run_id


def ticket() -> Ticket | None:
    """What Train made of its last press, until the page is drawn without one."""
    found: Ticket | None = st.session_state.get(_TICKET)
    return found


def set_ticket(value: Ticket | None) -> None:
    """Keeps it, or drops it."""
    st.session_state[_TICKET] = value


def repeats() -> int:
    """How many runs one press of Train queues, each with a seed of its own."""
    return int(st.session_state.get(REPEATS) or 1)


def typed_limits() -> tuple[str, str]:
    """Wall time and memory as they are typed; empty is without a limit."""
    return typed(TIME_LIMIT) or "", typed(MEMORY_LIMIT) or ""


def is_open(key: str) -> bool:
    """Whether a part of the page that can be folded away is shown."""
    return _OPEN in st.session_state and key in st.session_state[_OPEN]


def toggle(key: str) -> None:
    """Shows a part of the page that was folded away, or folds it."""
    st.session_state[_OPEN] = st.session_state.get(_OPEN, frozenset()) ^ {key}


def notice(place: str) -> str | None:
    """The sentence that waits to be shown at a place of the page, such as why a file was refused."""
    found: str | None = st.session_state.get(f"notice.{place}")
    return found


def set_notice(place: str, text: str | None) -> None:
    """Leaves a sentence for a place of the page, or takes it away."""
    st.session_state[f"notice.{place}"] = text


def typed(key: str) -> Any:
    """What a widget holds."""
    # Not `get`: in Streamlit it copies the whole session at every call.
    return st.session_state[key] if key in st.session_state else None  # noqa: SIM401


def follow(key: str, value: Any) -> None:
    """Gives a widget its value before it is drawn, so that it shows what the draft says."""
    st.session_state[key] = value


def forget(key: str) -> None:
    """Drops what a widget holds."""
    st.session_state.pop(key, None)


class RunsKey(StrEnum):
    """The widgets of the Runs page; those without a dot stand in the address."""

    SEARCH = "q"
    EXPERIMENT = "experiment"
    STATUS = "status"
    SORT = "sort"
    ASCENDING = "ascending"
    COLUMNS = "columns"
    PAGE = "page"
    TABLE = "runs.table"


class CompareKey(StrEnum):
    """The Compare page's; `runs` in the address holds ids or beginnings of ids, parted by commas."""

    RUNS = "runs"
    METRICS = "metric"
    AXIS = "by"
    SMOOTHING = "smoothing"
    GROUPS = "groups"
    TAKE_OUT = "compare.take_out"
    SEARCH = "compare.search"


_SELECTED = "runs.selected"
_DELETED = "runs.deleted"
_LIVE = "runs.live"


def selected_runs() -> tuple[str, ...]:
    """The ids of the runs that are ticked on the Runs page, on whichever of its pages, in the order of ticking."""
    return tuple(st.session_state.get(_SELECTED, ()))


def select_runs(run_ids: Sequence[str]) -> None:
    """Ticks these runs and no others."""
    st.session_state[_SELECTED] = tuple(run_ids)


def tick_runs(ticked: Sequence[str], *, shown: Sequence[str]) -> None:
    """Takes over the ticks of the runs that are shown; those on other pages of the list keep theirs."""
    kept = [run_id for run_id in selected_runs() if run_id not in shown or run_id in ticked]
    select_runs([*kept, *(run_id for run_id in ticked if run_id not in kept)])


def runs_order() -> tuple[str, bool]:
    """What runs are sorted by, and whether the smallest come first."""
    return st.session_state.get(RunsKey.SORT) or "started", bool(st.session_state.get(RunsKey.ASCENDING))


def set_runs_order(column: str, ascending: bool) -> None:
    """Sorts runs by another column, from the first page on."""
    st.session_state[RunsKey.SORT] = column
    st.session_state[RunsKey.ASCENDING] = ascending
    st.session_state[RunsKey.PAGE] = 1


def deleted_runs() -> tuple[str, ...]:
    """The runs that Undo would bring back."""
    return tuple(st.session_state.get(_DELETED, ()))


def set_deleted_runs(run_ids: Sequence[str]) -> None:
    """Notes the runs that were deleted last."""
    st.session_state[_DELETED] = tuple(run_ids)


def asked(key: RunsKey) -> tuple[str, ...]:
    """What a filter holds, or what the address asks of it before its widget is drawn for the first time."""
    held: Sequence[str] = st.session_state.get(key) or ()
    return tuple(dict.fromkeys([*held, *st.query_params.get_all(key)]))


def clear_filters() -> None:
    """Shows all runs again."""
    st.session_state[RunsKey.SEARCH] = ""
    st.session_state[RunsKey.EXPERIMENT] = []
    st.session_state[RunsKey.STATUS] = []


def runs_page() -> int:
    """Which page of the runs is asked for, from 1; from the address before its widget is drawn for the first time."""
    asked = st.session_state.get(RunsKey.PAGE) or st.query_params.get(RunsKey.PAGE, "")
    return max(1, int(asked)) if str(asked).isdecimal() else 1


def runs_live() -> bool:
    """Whether a run on the page was live when it was last looked at."""
    return bool(st.session_state.get(_LIVE))


def set_runs_live(live: bool) -> None:
    """Notes it."""
    st.session_state[_LIVE] = live


def compared_runs() -> tuple[str, ...]:
    """What the address says is compared: `/compare?runs=a,b,c`."""
    words = (word.strip() for part in st.query_params.get_all(CompareKey.RUNS) for word in part.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def set_compared_runs(run_ids: Sequence[str]) -> None:
    """Writes it."""
    st.query_params[CompareKey.RUNS] = ",".join(run_ids)


class RunKey(StrEnum):
    """The Run page's; both stand in the address."""

    ID = "id"
    TAB = "tab"


def shown_run() -> str:
    """The run that the address names: an id, the beginning of one or `latest`, which it is by default."""
    return st.query_params.get(RunKey.ID) or "latest"


def set_shown_run(run_id: str) -> None:
    """Writes the whole id, so that the address goes on to mean this run.

    Always, since a link from one run to another changes the query here but not the browser's address.
    """
    st.query_params[RunKey.ID] = run_id
