"""The only owner of keys in the session and in the address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

import streamlit as st

from dashboard.draft import Draft, History, Saved
from trainer.config import Config, Directions
from trainer.config.recipes import RECIPES

__all__ = [
    "LATEST",
    "MEMORY_LIMIT",
    "REPEATS",
    "TIME_LIMIT",
    "CompareKey",
    "DirectionKey",
    "QueryList",
    "QueryValue",
    "RunKey",
    "RunsKey",
    "SessionValue",
    "Ticket",
    "asked",
    "begin_with",
    "build",
    "clear_filters",
    "compare",
    "directions",
    "drafts",
    "edit",
    "follow",
    "has_draft",
    "has_unsaved_draft",
    "is_open",
    "mark_draft_saved",
    "notice",
    "restore_draft",
    "run",
    "runs",
    "runs_order",
    "runs_page",
    "set_notice",
    "set_runs_order",
    "step_back",
    "step_forward",
    "tick_runs",
    "toggle",
    "typed",
    "typed_limits",
    "unnamed",
]

_Value = TypeVar("_Value")


class SessionValue(Generic[_Value]):
    """One key of the session as an attribute: what is set there, or the default."""

    def __init__(self, key: str, default: _Value) -> None:
        self.key, self.default = key, default

    def __get__(self, owner: object, kind: type | None = None) -> _Value:
        # Not `get`: in Streamlit (1.67) it copies the whole session at every call.
        return st.session_state[self.key] if self.key in st.session_state else self.default  # noqa: SIM401

    def __set__(self, owner: object, value: _Value) -> None:
        st.session_state[self.key] = value


class QueryValue:
    """One word of the address as an attribute: what stands there, or the default."""

    def __init__(self, key: str, default: str = "") -> None:
        self.key, self.default = key, default

    def __get__(self, owner: object, kind: type | None = None) -> str:
        return st.query_params.get(self.key) or self.default

    def __set__(self, owner: object, value: str) -> None:
        st.query_params[self.key] = value


class QueryList:
    """Words of the address, parted by commas, as an attribute: each once, in their order."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get__(self, owner: object, kind: type | None = None) -> tuple[str, ...]:
        words = (word.strip() for part in st.query_params.get_all(self.key) for word in part.split(","))
        return tuple(dict.fromkeys(word for word in words if word))

    def __set__(self, owner: object, value: Sequence[str]) -> None:
        st.query_params[self.key] = ",".join(value)


LATEST = "latest"
"""The word for the newest run, where an address names one."""
REPEATS = "build.repeats"
"""The field that says with how many seeds Train trains."""
TIME_LIMIT, MEMORY_LIMIT = "build.time_limit", "build.memory_limit"
"""The fields that say what a run may take at most."""


@dataclass
class Ticket:
    """What one press of Train queued. Noting a run asks nothing of Streamlit, which might end the script."""

    draft: Draft
    run_ids: list[str] = field(default_factory=list)


class _Build:
    """The Build page's."""

    history = SessionValue[History | None]("build.drafts", None)
    saved = SessionValue[tuple[History, str] | None]("build.saved", None)
    """The draft as it was last saved, and the run that it had been filled from."""
    source_run = QueryValue("from")
    """The run that the address asks Build to be filled from: `/build?from=RUN`."""
    filled_from = SessionValue[str]("build.filled_from", "")
    """The run that the draft has already been filled from, so that later changes are kept."""
    ticket = SessionValue[Ticket | None]("build.ticket", None)
    """What Train made of its last press, until the page is drawn without one."""
    repeats = SessionValue[int](REPEATS, 1)
    """How many runs one press of Train queues, each with a seed of its own."""
    rejected_text = SessionValue[str | None]("build.rejected_text", None)
    """The edited YAML that has mistakes, kept as it was typed until they are fixed or it is discarded."""
    unfolded = SessionValue[frozenset[str]]("build.open", frozenset())
    """The parts of the page that can be folded away and are shown."""


build = _Build()


def drafts() -> History:
    """The draft of the Build page and those before it; at first the quickstart."""
    if build.history is None:
        build.history = History(Draft.of(unnamed(RECIPES[0].config)))
        mark_draft_saved()  # nothing is lost with what everybody begins with
    return build.history


def edit(draft: Draft, *, theme: str | None = None) -> None:
    """Makes a draft the present one; changes with one theme are undone together."""
    build.history = drafts().do(draft, theme=theme)


def unnamed(config: Config) -> dict[str, Any]:
    """A config's plain fields without its name, so that a variant of it is not called the same."""
    return config.model_copy(update={"name": None}).short()


def begin_with(fields: dict[str, Any]) -> None:
    """Replaces the draft by a config's plain fields; Undo brings the old one back."""
    edit(Draft.of(fields, made=drafts().now.made))


def step_back() -> None:
    """Undoes the last change of the draft."""
    build.history = drafts().undo()


def step_forward() -> None:
    """Does it again."""
    build.history = drafts().redo()


def has_draft() -> bool:
    """Whether this session has a draft already."""
    return build.history is not None


def restore_draft(saved: Saved) -> None:
    """Takes over a draft that was saved."""
    build.history, build.filled_from = saved.history, saved.filled_from
    mark_draft_saved()


def has_unsaved_draft() -> bool:
    """Whether the draft differs from the one that was last saved."""
    return has_draft() and build.saved != (drafts(), build.filled_from)


def mark_draft_saved() -> None:
    """Notes that the draft is saved as it is."""
    build.saved = (drafts(), build.filled_from)


def typed_limits() -> tuple[str, str]:
    """Wall time and memory as they are typed; empty is without a limit."""
    return typed(TIME_LIMIT) or "", typed(MEMORY_LIMIT) or ""


def is_open(key: str) -> bool:
    """Whether a part of the page that can be folded away is shown."""
    return key in build.unfolded


def toggle(key: str) -> None:
    """Shows a part of the page that was folded away, or folds it."""
    build.unfolded ^= {key}


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


class DirectionKey(StrEnum):
    """The widgets that say which way metrics are better, on Runs and on Compare; both stand in the address."""

    HIGHER = "higher"
    LOWER = "lower"


class CompareKey(StrEnum):
    """The Compare page's; `runs` in the address holds ids or beginnings of ids, parted by commas."""

    RUNS = "runs"
    METRICS = "metric"
    AXIS = "by"
    SMOOTHING = "smoothing"
    LOG = "log"
    GROUPS = "groups"
    SEARCH = "compare.search"


class _Runs:
    """The Runs page's own, beside its widgets."""

    selected = SessionValue[tuple[str, ...]]("runs.selected", ())
    """The ids of the runs that are ticked, on whichever page of the list, in the order of ticking."""
    deleted = SessionValue[tuple[str, ...]]("runs.deleted", ())
    """The runs that Undo would bring back."""
    live = SessionValue[bool]("runs.live", False)
    """Whether a run on the page was live when it was last looked at."""


runs = _Runs()


def tick_runs(ticked: Sequence[str], *, shown: Sequence[str]) -> None:
    """Takes over the ticks of the runs that are shown; those on other pages of the list keep theirs."""
    kept = [run_id for run_id in runs.selected if run_id not in shown or run_id in ticked]
    runs.selected = (*kept, *(run_id for run_id in ticked if run_id not in kept))


def runs_order() -> tuple[str, bool]:
    """What runs are sorted by, and whether the smallest come first."""
    return st.session_state.get(RunsKey.SORT) or "started", bool(st.session_state.get(RunsKey.ASCENDING))


def set_runs_order(column: str, ascending: bool) -> None:
    """Sorts runs by another column, from the first page on."""
    st.session_state[RunsKey.SORT] = column
    st.session_state[RunsKey.ASCENDING] = ascending
    st.session_state[RunsKey.PAGE] = 1


def asked(key: RunsKey | CompareKey | DirectionKey) -> tuple[str, ...]:
    """What a filter holds, or what the address asks of it before its widget is drawn for the first time."""
    held: str | Sequence[str] = st.session_state.get(key) or ()
    return tuple(dict.fromkeys([*([held] if isinstance(held, str) else held), *st.query_params.get_all(key)]))


def directions() -> Directions:
    """Which way metrics are better, as a person said; the names say the rest."""
    return Directions.of(asked(DirectionKey.HIGHER), asked(DirectionKey.LOWER))


def clear_filters() -> None:
    """Shows all runs again."""
    st.session_state[RunsKey.SEARCH] = ""
    st.session_state[RunsKey.EXPERIMENT] = []
    st.session_state[RunsKey.STATUS] = []


def runs_page() -> int:
    """Which page of the runs is asked for, from 1; from the address before its widget is drawn for the first time."""
    wanted = st.session_state.get(RunsKey.PAGE) or st.query_params.get(RunsKey.PAGE, "")
    return max(1, int(wanted)) if str(wanted).isdecimal() else 1


class RunKey(StrEnum):
    """The Run page's; both stand in the address."""

    ID = "id"
    TAB = "tab"


class _Run:
    """The Run page's."""

    id = QueryValue(RunKey.ID, LATEST)
    """The run that the address names: an id, the beginning of one or `latest`."""


class _Compare:
    """The Compare page's."""

    runs = QueryList(CompareKey.RUNS)
    """What the address says is compared: `/compare?runs=a,b,c`."""


run = _Run()
compare = _Compare()
