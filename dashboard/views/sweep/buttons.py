"""The buttons of a sweep: pause, continue, stop, add trials, confirm the best, narrow the space."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import may
from dashboard.components.sweep_status import is_paused
from dashboard.keys import SweepKey
from trainer.execution.control.sweep import STOP
from trainer.format import counted
from trainer.sweeps.following import Followed
from trainer.tracking import Status, Tag

__all__ = ["Pressed", "sweep_buttons"]

_Press = Literal["pause", "go_on", "stop", "add", "confirm", "narrow", "change"]

_MAY_NOT = "Your role may look at sweeps but not change them; ask an administrator for the role run."
_MOST, _MORE = 100_000, 20
_BEST, _SEEDS, _MOST_BEST, _MOST_SEEDS = 3, 5, 50, 100


class Pressed(NamedTuple):
    """The button that was pressed, and the numbers that belong to it: trials to add; best trials and seeds of each."""

    press: _Press
    numbers: tuple[int, ...] = ()


def sweep_buttons(seen: Followed) -> Pressed | None:
    """Draw the buttons that apply to the sweep and return which one was pressed."""
    pressed: list[Pressed] = []
    is_allowed = may(Role.RUN)

    def button(press: _Press, label: str, icon: str, words: str, *, main: bool = False, off: bool = False) -> None:
        told = words if is_allowed else _MAY_NOT
        kind: Literal["primary", "secondary"] = "primary" if main and is_allowed else "secondary"
        if st.button(label, icon=icon, help=told, disabled=off or not is_allowed, key=f"sweep.{press}", type=kind):
            pressed.append(Pressed(press))

    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="run-buttons"
    ):
        run, wish = seen.run, seen.run.tags.get(Tag.SWEEP_WISH)
        if run.deleted:
            return None
        if not run.status.ended:
            if is_paused(run):
                button("go_on", "Continue", ":material/play_arrow:", "Start further trials.", main=True)
            else:
                words = "Start no further trials; running ones finish."
                button("pause", "Pause", ":material/pause:", words, off=wish == STOP)
            words = "Stop the running trials, which are evaluated and saved, and end the sweep."
            button("stop", "Stopping…" if wish == STOP else "Stop", ":material/stop:", words, off=wish == STOP)
        elif run.status is not Status.FINISHED:
            button("go_on", "Continue", ":material/play_arrow:", "Continue where the sweep ended.", main=True)
        _popovers(seen, pressed, is_allowed=is_allowed)
        words = "Propose a new sweep whose space is that of the best trials."
        button("narrow", "Narrow the space", ":material/zoom_in_map:", words)
        # A draft is one's own, whatever the role.
        words = "Open Build with this sweep, to change it and start it again."
        if st.button("Change on Build", icon=":material/tune:", help=words, key="sweep.change"):
            pressed.append(Pressed("change"))
    return pressed[0] if pressed else None


def _popovers(seen: Followed, pressed: list[Pressed], *, is_allowed: bool) -> None:
    parts: Mapping[str, tuple[str, Callable[[Followed, list[Pressed]], None], str]] = {
        "Add trials": (":material/add:", _add, "More trials of the same sweep; one that has ended continues."),
        "Confirm": (":material/verified:", _confirm, "Train the best trials again with fresh seeds."),
    }
    for label, (icon, draw, words) in parts.items():
        told = words if is_allowed else _MAY_NOT
        with st.popover(label, icon=icon, help=told, disabled=not is_allowed):
            draw(seen, pressed)


def _add(seen: Followed, pressed: list[Pressed]) -> None:
    more = st.number_input("Trials to add", 1, _MOST, _MORE, key=SweepKey.MORE)
    st.caption(f"The sweep has {counted(seen.sweep.settings.trials, 'trial')} now.")
    if st.button("Add", type="primary", key="sweep.add"):
        pressed.append(Pressed("add", (int(more),)))


def _confirm(seen: Followed, pressed: list[Pressed]) -> None:
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
    if st.button("Confirm", type="primary", key="sweep.confirm"):
        pressed.append(Pressed("confirm", (int(best), int(seeds))))
