"""The buttons and the menu for the selected runs, and the notice after a deletion."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import may, reason_against
from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.markdown import sentence
from dashboard.views.runs.names import names_of
from trainer.execution import foreign_reason, is_of_fitboard
from trainer.format import count
from trainer.tracking import Run, Status

__all__ = ["Action", "deleted_notice", "run_actions"]

Action = Literal[
    "compare",
    "rerun",
    "clear",
    "stop",
    "first",
    "tag",
    "rename",
    "note",
    "color",
    "move",
    "experiment",
    "experiment_note",
    "export",
    "delete",
    "restore",
    "remove",
]

_MENU: Mapping[Action, str] = {
    "stop": ":material/stop: Stop",
    "first": ":material/vertical_align_top: Move to the front of the queue",
    "tag": ":material/label: Tags…",
    "rename": ":material/edit: Rename…",
    "note": ":material/notes: Note…",
    "color": ":material/palette: Color…",
    "move": ":material/drive_file_move: Move to an experiment…",
    "experiment": ":material/create_new_folder: New experiment…",
    "experiment_note": ":material/description: Note of an experiment…",
    "export": ":material/download: Export…",
    "delete": ":material/delete: Delete",
    "restore": ":material/restore_from_trash: Restore",
    "remove": ":material/delete_forever: Delete permanently…",
}
"""The labels in the menu, in its order."""

# What the others need is the role to run.
_ROLES: Mapping[Action, Role] = {
    "export": Role.LOOK,
    **dict.fromkeys(("move", "delete", "restore", "remove"), Role.ADMINISTER),
}


def run_actions(selected: Sequence[Run]) -> Action | None:
    """Draw the buttons and the menu for the selected runs and return the action that was chosen."""
    own = [run for run in selected if run.by_fitboard]
    foreign = foreign_reason(selected[0]) if selected and not own else None
    number = f" {count(len(selected))}" if selected else ""
    pressed: list[Action] = []

    def button(action: Action, label: str, icon: str, words: str, *, off: bool) -> None:
        kind: Literal["primary", "secondary"] = "primary" if action == "compare" and not off else "secondary"
        if st.button(label, icon=icon, help=words, disabled=off, key=f"runs.{action}", type=kind):
            pressed.append(action)

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-actions"):
        comparable = 2 <= len(selected) <= MOST_COMPARED
        tip = f"Compare the curves, configs and results of 2 to {MOST_COMPARED} runs."
        button("compare", f"Compare{number}", ":material/compare_arrows:", tip, off=not comparable)
        against = foreign or reason_against(Role.RUN)
        tip = sentence(against) if against else "Queue the same configs again."
        button("rerun", "Rerun", ":material/replay:", tip, off=not own or bool(against))
        pressed += _menu(selected)
        if selected:
            button("clear", "Clear", ":material/close:", "Clear the selection.", off=False)
            st.caption(names_of(selected), width="stretch")
        else:
            words = "Select runs to compare, rerun or change them." if may(Role.RUN) else "Select runs to compare them."
            st.caption(words, width="stretch")
    return pressed[0] if pressed else None


def _menu(selected: Sequence[Run]) -> list[Action]:
    allowed = {role for role in Role if may(role)}
    offered = [action for action in _offered(selected) if _ROLES.get(action, Role.RUN) in allowed]
    # Nothing but the export of selected runs is left to those who may only look.
    words = (
        reason_against(Role.RUN)
        or "Stop, tag, rename, annotate, color, move, export, delete or restore the selected runs."
    )
    if not offered:
        # A menu needs at least one entry.
        st.button("More", disabled=True, help=words, key="runs.more_off")
        return []
    chosen = st.menu_button("More", offered, format_func=lambda action: _MENU[action], key="runs.more", help=words)
    return [chosen] if chosen else []


def _offered(selected: Sequence[Run]) -> Iterator[Action]:
    """Yield the actions of the menu that can succeed for at least one of the runs."""
    listed = [run for run in selected if not run.deleted]
    own = [run for run in listed if run.by_fitboard]
    removable = [run for run in listed if is_of_fitboard(run)]
    deleted = [run for run in selected if run.deleted and is_of_fitboard(run)]
    applies: dict[Action, bool] = {
        "stop": any(not run.status.ended for run in own),
        "first": any(run.status is Status.SCHEDULED for run in own),
        "move": bool(removable),
        "experiment": True,
        "experiment_note": True,
        "export": bool(selected),
        "delete": bool(removable),
        "restore": bool(deleted),
        "remove": bool(deleted or any(run.status.ended for run in removable)),
    }
    # Whatever a person attaches to runs, to those of any program.
    yield from (action for action in _MENU if applies.get(action, bool(listed)))


def deleted_notice(number: int) -> Literal["undo", "dismiss"] | None:
    """Draw the number of deleted runs with Undo and Dismiss; return the button that was pressed."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        words = "1 run was deleted." if number == 1 else f"{count(number)} runs were deleted."
        st.markdown(f":material/delete: {words}", width="stretch")
        st.caption("They are listed under the status “deleted”.", width="content")
        undo = st.button("Undo", icon=":material/undo:", key="runs.undo")
        dismiss = st.button("Dismiss", key="runs.dismiss", type="tertiary")
    return "undo" if undo else "dismiss" if dismiss else None
