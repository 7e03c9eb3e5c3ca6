"""The problems of a file, each with its evidence and a fix that one click applies."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.data_state import data
from trainer.config.check import Edit, Severity
from trainer.data.profile import Finding, Profile
from trainer.format import counted

__all__ = ["combined", "draw_problems"]

_SHOWN = 8


def draw_problems(about: Profile) -> None:
    """Draw the findings of a profile."""
    findings = about.findings
    if not findings:
        hint = "" if "target" in about.dataset else " Choose what to predict, and the target is examined too."
        st.markdown(f":green[:material/check_circle: **No problems found.**]{hint}")
        return
    st.markdown(f"## {counted(len(findings), 'problem')} found")
    fixes, edits = combined(findings)
    if fixes > 1:
        st.button(
            f"Apply all {fixes} fixes", key="data-apply-all", icon=":material/done_all:", width="stretch",
            on_click=_fix, args=(edits,),
        )  # fmt: skip
    for finding in findings[:_SHOWN]:
        _finding(finding)
    if len(findings) > _SHOWN:
        with st.expander(f"{counted(len(findings) - _SHOWN, 'further problem')}"):
            for finding in findings[_SHOWN:]:
                _finding(finding)


def combined(findings: Sequence[Finding]) -> tuple[int, tuple[Edit, ...]]:
    """Return how many fixes can be applied together, and their edits.

    Where two fixes set the same field to different values, such as the split, the first one counts.
    """
    chosen: dict[tuple[str, tuple[str | int, ...]], Any] = {}
    edits: list[Edit] = []
    fixes = 0
    for finding in findings:
        own = [edit for edit in finding.edits if edit.path[0] == "dataset"]
        # Values are inserted into a list, which takes any number of them.
        places = {("set", edit.path) if edit.action == "set" else (str(edit.value), edit.path): edit for edit in own}
        if not own or any(place in chosen and chosen[place] != edit.value for place, edit in places.items()):
            continue
        fixes += 1
        edits += [edit for place, edit in places.items() if place not in chosen]
        chosen |= {place: edit.value for place, edit in places.items()}
    return fixes, tuple(edits)


def _finding(finding: Finding) -> None:
    is_error = finding.severity is Severity.ERROR
    st.markdown(f"{':red[:material/error:]' if is_error else ':orange[:material/warning:]'} {plain(finding.message)}")
    own = tuple(edit for edit in finding.edits if edit.path[0] == "dataset")
    if finding.fix and own:
        # Not by its place: a click that arrives after the list has changed would apply another fix.
        name = hashlib.sha256(f"{finding.message}{finding.fix}".encode()).hexdigest()[:12]
        st.button(
            plain(finding.fix), key=f"data-fix-{name}", icon=":material/build:", width="stretch",
            on_click=_fix, args=(own,),
        )  # fmt: skip
    elif finding.fix:
        st.caption(plain(finding.fix))


def _fix(edits: tuple[Edit, ...]) -> None:
    if data.opened is not None:
        data.edit(data.opened.fixed(edits))
