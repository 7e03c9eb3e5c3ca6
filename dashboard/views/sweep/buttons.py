"""The buttons of a sweep: pause, continue, stop, add trials, confirm the best, narrow the space."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st

from dashboard import presses, state
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.sweep_status import is_paused
from dashboard.keys import SweepKey
from trainer.execution.control.sweep import STOP
from trainer.format import counted
from trainer.sweeps.following import Followed
from trainer.tracking import Status, Tag

__all__ = ["sweep_buttons"]

_Press = Literal["pause", "go_on", "stop", "add", "confirm", "narrow", "change"]

_MOST, _MORE = 100_000, 20
_BEST, _SEEDS, _MOST_BEST, _MOST_SEEDS = 3, 5, 50, 100


def sweep_buttons(seen: Followed) -> None:
    """Draw the buttons that apply to the sweep; `dashboard.presses` keeps which one was pressed."""
    run, wish = seen.run, seen.run.tags.get(Tag.SWEEP_WISH)
    against = reason_against(Role.RUN)

    def button(label: str, icon: str, press: _Press, words: str, *, main: bool = False, off: bool = False) -> None:
        st.button(
            label, icon=icon, help=against or words, disabled=off or against is not None,
            key=f"sweep.{press}", type="primary" if main and against is None else "secondary",
            on_click=presses.press, args=(run.run_id, press),
        )  # fmt: skip

    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="run-buttons"
    ):
        if run.deleted:
            return
        if not run.status.ended:
            if is_paused(run):
                button("Continue", ":material/play_arrow:", "go_on", "Start further trials.", main=True)
            else:
                words = "Start no further trials; running ones finish."
                button("Pause", ":material/pause:", "pause", words, off=wish == STOP)
            words = "Stop the running trials, which are evaluated and saved, and end the sweep."
            button("Stopping…" if wish == STOP else "Stop", ":material/stop:", "stop", words, off=wish == STOP)
        elif run.status is not Status.FINISHED:
            button("Continue", ":material/play_arrow:", "go_on", "Continue where the sweep ended.", main=True)
        _popovers(seen, against)
        words = "Propose a new sweep whose space is that of the best trials."
        button("Narrow the space", ":material/zoom_in_map:", "narrow", words)
        # A draft is one's own, whatever the role.
        st.button(
            "Change on Build", icon=":material/tune:", key="sweep.change", on_click=presses.press,
            args=(run.run_id, "change"), help="Open Build with this sweep, to change it and start it again.",
        )  # fmt: skip


def _popovers(seen: Followed, against: str | None) -> None:
    parts: Mapping[str, tuple[str, Callable[[Followed], None], str]] = {
        "Add trials": (":material/add:", _add, "More trials of the same sweep; one that has ended continues."),
        "Confirm": (":material/verified:", _confirm, "Train the best trials again with fresh seeds."),
    }
    for label, (icon, draw, words) in parts.items():
        with st.popover(label, icon=icon, help=against or words, disabled=against is not None):
            draw(seen)


def _add(seen: Followed) -> None:
    st.number_input("Trials to add", 1, _MOST, _MORE, key=SweepKey.MORE)
    st.caption(f"The sweep has {counted(seen.sweep.settings.trials, 'trial')} now.")
    st.button("Add", type="primary", key="sweep.add", on_click=_send, args=(seen.run.run_id, "add", (SweepKey.MORE,)))


def _confirm(seen: Followed) -> None:
    how = seen.sweep.settings.confirmation
    best = st.number_input(
        "Best trials", 1, _MOST_BEST, how.best if how else _BEST, key=SweepKey.BEST,
        help="Several, since the best one may have been lucky.",
    )  # fmt: skip
    seeds = st.number_input(
        "Fresh seeds of each", 2, _MOST_SEEDS, max(2, how.seeds) if how else _SEEDS, key=SweepKey.SEEDS,
        help="Seeds that did not choose the winner. A 95 % interval takes at least two.",
    )  # fmt: skip
    st.caption(f"{counted(int(best) * int(seeds), 'run')}, less those that have finished already.")
    keys = (SweepKey.BEST, SweepKey.SEEDS)
    st.button("Confirm", type="primary", key="sweep.confirm", on_click=_send, args=(seen.run.run_id, "confirm", keys))


def _send(sweep_id: str, button: _Press, keys: tuple[SweepKey, ...]) -> None:
    """Keep that a button was pressed, with the numbers in the fields beside it."""
    presses.press(sweep_id, button, [int(state.typed(key) or 0) for key in keys])
