"""The classes of a target of text: several can be merged into one, and one can be renamed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.data_state import UNSET, Opened, data
from trainer.data import Schema, Task
from trainer.data.profile import ColumnType, Profile
from trainer.format import counted, cut

__all__ = ["draw_labels", "merged"]

_CHOSEN, _NEW = "data.labels.chosen", "data.labels.new"
_FIELD = "labels"
_LONGEST, _MOST_NAMED = 40, 6


def draw_labels(opened: Opened, about: Profile, schema: Schema | None) -> None:
    """Draw the choice of classes to merge, and what was merged; nothing if the target is not text.

    Args:
        opened: what is open.
        about: its profile.
        schema: the classes as they are now; None if the file does not fit the fields.
    """
    held = opened.fields.get(_FIELD) or {}
    classes = schema.class_names if schema is not None and schema.task is Task.CLASSIFICATION else ()
    is_text = any(each.type is ColumnType.TEXT and [each.name] == _targets(opened) for each in about.columns)
    if not held and not (is_text and classes):
        return
    words = f": {counted(len(held), 'class', 'classes')} renamed" if held else ""
    with st.expander(f"Merge or rename classes{words}"):
        if is_text and classes:
            _choice(classes)
        for place, (new, old) in enumerate(_by_new(held).items()):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"data-label-{place}"):
                named = ", ".join(cut(each, _LONGEST) for each in old[:_MOST_NAMED])
                more = f" and {len(old) - _MOST_NAMED} more" if len(old) > _MOST_NAMED else ""
                st.markdown(f"{plain(named)}{more} → **{plain(cut(new, _LONGEST))}**", width="stretch")
                st.button(
                    f"Keep {cut(old[0], _LONGEST)} as it is" if len(old) == 1 else f"Separate {cut(new, _LONGEST)}",
                    icon=":material/close:",
                    key=f"icon-data-label-{place}",
                    help="Undo this",
                    type="tertiary",
                    on_click=_separate,
                    args=(new,),
                )


def merged(labels: Mapping[str, str], chosen: Sequence[str], new: str) -> dict[str, str]:
    """Return the new labels of classes after those in `chosen`, as they are called now, have become one.

    What was renamed to one of them before is renamed again; a class that keeps its name needs no entry.
    """
    before = {old: new if now in chosen else now for old, now in labels.items()}
    found = {**dict.fromkeys(chosen, new), **before}
    return {old: now for old, now in found.items() if old != now}


def _choice(classes: Sequence[str]) -> None:
    chosen = st.multiselect("Classes", classes, key=_CHOSEN, placeholder="Choose one or several")
    st.text_input("New label", key=_NEW, placeholder=chosen[0] if chosen else "", autocomplete="off")
    several = len(chosen) > 1
    st.button(
        f"Merge {len(chosen)} classes" if several else "Rename",
        key="data-labels-apply",
        icon=":material/merge:" if several else ":material/edit:",
        disabled=not chosen,
        on_click=_apply,
        args=(tuple(chosen),),
    )


def _apply(chosen: tuple[str, ...]) -> None:
    new = (state.typed(_NEW) or "").strip() or chosen[0]
    state.follow(_CHOSEN, [])
    state.follow(_NEW, "")
    if data.opened is not None:
        found = merged(data.opened.fields.get(_FIELD) or {}, chosen, new)
        data.edit(data.opened.change((_FIELD,), found or UNSET))


def _separate(new: str) -> None:
    if data.opened is not None:
        held = data.opened.fields.get(_FIELD) or {}
        kept = {old: now for old, now in held.items() if now != new}
        data.edit(data.opened.change((_FIELD,), kept or UNSET))


def _by_new(labels: Mapping[str, str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for old, new in labels.items():
        found[new].append(old)
    return found


def _targets(opened: Opened) -> list[str]:
    target = opened.fields.get("target") or []
    return [target] if isinstance(target, str) else list(target)
