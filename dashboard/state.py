"""All keys of the session state and of the query parameters."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.draft import Draft, History, Saved
from dashboard.kept_values import QueryList, QueryValue, QueryValues, SessionValue
from dashboard.keys import CompareKey, DirectionKey, RunKey, RunsKey
from trainer.config import Config, Directions, Vary
from trainer.config.recipes import RECIPES
from trainer.errors import FitboardError
from trainer.tracking import Common, RunQuery
from trainer.tracking.filter import Clause

__all__ = [
    "LATEST",
    "MEMORY_LIMIT",
    "REPEATS",
    "TIME_LIMIT",
    "VARY",
    "CompareKey",
    "DirectionKey",
    "RunKey",
    "RunsKey",
    "Ticket",
    "asked",
    "begin_with",
    "build",
    "clear_filters",
    "compare",
    "directions",
    "drafts",
    "edit",
    "failed_downloads",
    "follow",
    "has_draft",
    "has_unsaved_draft",
    "is_echo",
    "is_open",
    "mark_draft_saved",
    "notice",
    "restore_draft",
    "run",
    "runs",
    "runs_are_fresh",
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

# Seconds that a message of a busy browser may take.
_ON_ITS_WAY = 1.0
_DIGITS, _LAST_PAGE = 8, 10_000_000

LATEST = "latest"
"""The value of `id` in the address that stands for the newest run."""
REPEATS = "build.repeats"
"""The key of the field for the number of seeds to train with."""
VARY = "build.vary"
"""The key of the choice of what differs between the repeats."""
TIME_LIMIT, MEMORY_LIMIT = "build.time_limit", "build.memory_limit"
"""The keys of the fields for the limits of a run."""


@dataclass
class Ticket:
    """The runs that one click on Train queued. Adding one does not call Streamlit, which could stop the script."""

    draft: Draft
    run_ids: list[str] = field(default_factory=list)


class _Build:
    """State of the Build page."""

    history = SessionValue[History | None]("build.drafts", None)
    saved = SessionValue[tuple[History, str] | None]("build.saved", None)
    """The draft as last saved, and the run that it was filled from."""
    source_run = QueryValue("from")
    """The run to fill Build from: `/build?from=RUN`."""
    source_weights = QueryValue("weights")
    """`run` if training should start from that run's weights too."""
    filled_from = SessionValue[str]("build.filled_from", "")
    """The run that the draft was already filled from, so that later changes are kept."""
    ticket = SessionValue[Ticket | None]("build.ticket", None)
    """The result of the last click on Train, until the page is drawn without a click."""
    sweep_ticket = SessionValue[Ticket | None]("build.sweep_ticket", None)
    """The same of the last click on Start sweep; its run is that of the sweep."""
    repeats = SessionValue[int](REPEATS, 1)
    """Number of runs that one click on Train queues, each with its own seed."""
    vary = SessionValue[str](VARY, Vary.SEED)
    """What differs between the repeats."""
    rejected_text = SessionValue[str | None]("build.rejected_text", None)
    """The edited YAML while it has errors, as typed, until it is fixed or discarded."""
    followed = SessionValue[dict[str, tuple[Any, Any, float]]]("build.followed", {})
    """By widget: the value that the page replaced, the one that it set, and when (seconds of the monotonic clock)."""
    augmented_sample = SessionValue[int]("build.augmented_sample", 0)
    """Which sample and which variants the preview of the augmentation shows."""
    unfolded = SessionValue[frozenset[str]]("build.open", frozenset())
    """The collapsible parts of the page that are expanded."""


build = _Build()


def drafts() -> History:
    """Return the draft of the Build page with its history; initially the quickstart."""
    if build.history is None:
        build.history = History(Draft.of(unnamed(RECIPES[0].config)))
        mark_draft_saved()  # everyone starts with the same draft, so it need not be saved
    return build.history


def edit(draft: Draft, *, theme: str | None = None) -> None:
    """Make a draft the current one; successive changes with the same theme are undone together."""
    build.history = drafts().do(draft, theme=theme)


def unnamed(config: Config) -> dict[str, Any]:
    """Return a config's plain fields without its name, so that a variant does not get the same name."""
    return config.model_copy(update={"name": None}).short()


def begin_with(fields: dict[str, Any]) -> None:
    """Replace the draft with a config's plain fields; Undo restores the old draft."""
    edit(Draft.of(fields, made=drafts().now.made))


def step_back() -> None:
    """Undo the last change of the draft."""
    build.history = drafts().undo()


def step_forward() -> None:
    """Redo the last undone change."""
    build.history = drafts().redo()


def has_draft() -> bool:
    """Return whether this session has a draft."""
    return build.history is not None


def restore_draft(saved: Saved) -> None:
    """Restore a saved draft."""
    build.history, build.filled_from = saved.history, saved.filled_from
    mark_draft_saved()


def has_unsaved_draft() -> bool:
    """Return whether the draft differs from the last saved one."""
    return has_draft() and build.saved != (drafts(), build.filled_from)


def mark_draft_saved() -> None:
    """Mark the current draft as saved."""
    build.saved = (drafts(), build.filled_from)


def typed_limits() -> tuple[str, str]:
    """Return the time and memory limits as typed; empty means no limit."""
    return typed(TIME_LIMIT) or "", typed(MEMORY_LIMIT) or ""


def is_open(key: str) -> bool:
    """Return whether a collapsible part of the page is expanded."""
    return key in build.unfolded


def toggle(key: str) -> None:
    """Expand or collapse a part of the page."""
    build.unfolded ^= {key}


def notice(place: str) -> str | None:
    """Return the message for a place on the page, such as why a file was rejected."""
    found: str | None = st.session_state.get(f"notice.{place}")
    return found


def set_notice(place: str, text: str | None) -> None:
    """Set or clear the message for a place on the page."""
    st.session_state[f"notice.{place}"] = text


def failed_downloads() -> dict[str, FitboardError]:
    """Return why files could not be made for download, by the key of the button; changes of it are kept."""
    failed: dict[str, FitboardError] = st.session_state.setdefault("downloads.failed", {})
    return failed


def typed(key: str) -> Any:
    """Return the value of a widget."""
    # Not `get`: in Streamlit it copies the whole session at every call.
    return st.session_state[key] if key in st.session_state else None  # noqa: SIM401


def follow(key: str, value: Any) -> None:
    """Set the value of a widget before it is drawn, so that it shows the value in the draft."""
    # Streamlit (1.67) sends an assigned value to the browser even if it is the same, over what is being typed there.
    if key not in st.session_state or st.session_state[key] != value:
        build.followed = {**build.followed, key: (typed(key), value, time.monotonic())}
        st.session_state[key] = value


def is_echo(key: str) -> bool:
    """Return whether a widget's change is not a person's: the value that `follow` set, or replaced a moment ago.

    Each message of the browser has the values of all widgets. One that was on its way while the page set a value still
    has the old one, and the next one is then a change back; neither was typed.
    """
    replaced, value, when = build.followed.get(key, (None, None, 0.0))
    held = typed(key)
    if key in build.followed and (held == value or (held == replaced and time.monotonic() < when + _ON_ITS_WAY)):
        return True
    build.followed = {other: each for other, each in build.followed.items() if other != key}
    return False


class _Runs:
    """State of the Runs page besides its widgets."""

    selected = SessionValue[tuple[str, ...]]("runs.selected", ())
    """The ids of the selected runs, on any page of the list, in the order of selection."""
    deleted = SessionValue[tuple[str, ...]]("runs.deleted", ())
    """The runs that Undo would restore."""
    common = SessionValue[tuple[RunQuery | None, Common]]("runs.common", (None, Common(frozenset(), 0)))
    """A list of runs, and which columns had one value in all of them when the store was last asked."""
    same = SessionValue[frozenset[str]]("runs.same", frozenset())
    """The columns that had one value in all listed runs when the page was last drawn."""
    grouping = QueryValue(RunsKey.GROUP)
    """How runs are grouped."""
    open_groups = SessionValue[tuple[str, ...]]("runs.open_groups", ())
    """The ids of the groups whose runs are listed."""
    group_members = SessionValue[dict[str, tuple[str, ...]]]("runs.group_members", {})
    """The ids of the runs that were selected or not with their group, by the group's id."""
    folded = SessionValue[tuple[str, ...]]("runs.folded", ())
    """The ids of the runs whose child runs are hidden."""
    searched = SessionValue[tuple[str, tuple[Clause, ...]] | None]("runs.searched", None)
    """The words and the filter of the last search without an error."""
    live = SessionValue[bool]("runs.live", False)
    """Whether a run on the page was live when it was last drawn."""
    listed = SessionValue[tuple[RunQuery | None, int]]("runs.listed", (None, 0))
    """The query of the list, and how many runs match it; None before it is drawn, and where no run can match."""
    uncounted = SessionValue[bool]("runs.uncounted", False)
    """Whether more runs match than that, as a server has not counted them yet."""
    dialog = SessionValue[str]("runs.dialog", "")
    """The name of the open dialog; empty if none is open."""


runs = _Runs()


def tick_runs(ticked: Sequence[str], *, shown: Sequence[str]) -> None:
    """Update the selection of the visible runs; runs on other pages of the list stay selected."""
    kept = [run_id for run_id in runs.selected if run_id not in shown or run_id in ticked]
    runs.selected = (*kept, *(run_id for run_id in ticked if run_id not in kept))


def runs_are_fresh() -> bool:
    """Return whether no run was selected or folded, and no group opened, since the page was loaded."""
    keys = ("runs.selected", "runs.open_groups", "runs.group_members", "runs.folded")
    return not any(key in st.session_state for key in keys)


def runs_order() -> tuple[str, bool]:
    """Return the column that runs are sorted by, and whether in ascending order."""
    return st.session_state.get(RunsKey.SORT) or "started", bool(st.session_state.get(RunsKey.ASCENDING))


def set_runs_order(column: str, ascending: bool) -> None:
    """Sort runs by another column and return to the first page."""
    st.session_state[RunsKey.SORT] = column
    st.session_state[RunsKey.ASCENDING] = ascending
    st.session_state[RunsKey.PAGE] = 1


def asked(key: RunsKey | RunKey | CompareKey | DirectionKey) -> tuple[str, ...]:
    """Return the value of a filter, or of its query parameter before the widget is first drawn."""
    held: str | Sequence[str] = st.session_state.get(key) or ()
    return tuple(dict.fromkeys([*([held] if isinstance(held, str) else held), *st.query_params.get_all(key)]))


def directions() -> Directions:
    """Return the directions that were chosen for metrics; others follow from their names."""
    return Directions.of(asked(DirectionKey.HIGHER), asked(DirectionKey.LOWER))


def clear_filters() -> None:
    """Clear all filters of the Runs page."""
    st.session_state[RunsKey.SEARCH] = ""
    st.session_state[RunsKey.EXPERIMENT] = []
    st.session_state[RunsKey.STATUS] = []
    st.session_state[RunsKey.MINE] = False


def runs_page() -> int:
    """Return the number of the page of runs, from 1; before its widget is first drawn, from the address."""
    wanted = str(st.session_state.get(RunsKey.PAGE) or st.query_params.get(RunsKey.PAGE, ""))
    # No store has this many pages, and none takes an offset of any size.
    return min(max(1, int(wanted[:_DIGITS])), _LAST_PAGE) if wanted.isdecimal() else 1


class _Run:
    """State of the Run page."""

    id = QueryValue(RunKey.ID, LATEST)
    """The run in the address: an id, the beginning of one, or `latest`."""
    noting = SessionValue[str]("run.noting", "")
    """The run whose note is being edited; empty if none is."""


class _Compare:
    """State of the Compare page."""

    runs = QueryList(CompareKey.RUNS)
    """The runs to compare: `/compare?runs=a,b,c`."""
    baseline = QueryValue(CompareKey.BASELINE)
    """The id of the first run of the group that others are compared with."""
    sampled = QueryList(CompareKey.SAMPLED)
    """The ids of the two runs whose predictions of single samples are compared."""
    brushes = QueryValues(CompareKey.BRUSHES)
    """The selected parts of the axes of settings, each as `name:low:high`."""
    away = SessionValue[bool]("compare.away", False)
    """Whether the store did not respond when the page was last drawn."""


run = _Run()
compare = _Compare()
