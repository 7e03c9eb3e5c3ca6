"""The menu of saved views, on Runs and Compare: open, save, rename and delete them."""

from collections.abc import Sequence

import streamlit as st

from dashboard import address_state, loaders, state
from dashboard.access.people import Role
from dashboard.access.rights import may, permit, reason_against
from dashboard.components.markdown import plain, sentence
from dashboard.navigation import COMPARE, RUNS, Address, link
from trainer.errors import FitboardError
from trainer.format import counted, cut, one_line
from trainer.tracking import Experiment, View, ViewPage, Views
from trainer.tracking.write.views import delete_view, overwrite_view, rename_view, save_view

__all__ = ["missing_words", "views_menu"]

_NAME, _EXPERIMENT, _NEW_NAME, _FIND = "views.name", "views.experiment", "views.new_name", "views.find"
_PROBLEM, _DONE = "views.problem", "views.done"
_PAGES = {ViewPage.RUNS: RUNS, ViewPage.COMPARE: COMPARE}
_ACTIONS = {"rename": ":material/edit: Rename…", "delete": ":material/delete: Delete…"}
_LONGEST_LABEL, _LONGEST_NAME, _MOST_SENTENCES = 28, 60, 3
# Of more views some are listed, since the list is sent again at each refresh, and a search box offers the rest.
_MOST_LISTED = 10


def views_menu(page: ViewPage, *, likely: str = "") -> View | None:
    """Draw the menu and return the view that is open.

    Args:
        page: the page that shows the menu.
        likely: the name of the experiment that a new view is kept in unless another one is chosen.

    Raises:
        StoreError: the store cannot be read.
    """
    found = loaders.views()
    opened = next((view for view in found.views if view.id == address_state.views.opened), None)
    changed = opened is not None and sorted(opened.query) != sorted(address_state.query())
    name = cut(one_line(opened.name), _LONGEST_LABEL) + (" (changed)" if changed else "") if opened else "Views"
    # Another key for each view, so that the menu closes when one is opened.
    key = f"views.menu.{address_state.views.opened}"
    words = "Open a saved view of Runs or Compare, or save one."
    # Always drawn, so that it opens without asking the server, and a name that is being typed outlives closing it.
    with (
        st.container(key="views", width="content"),
        st.popover(plain(name), icon=":material/bookmarks:", key=key, help=words),
    ):
        _menu(page, found, opened, likely, changed=changed)
    for words in filter(None, [state.notice(_DONE)]):
        st.toast(plain(words))
        state.set_notice(_DONE, None)
    return opened


def _menu(page: ViewPage, found: Views, opened: View | None, likely: str, *, changed: bool) -> None:
    _list(found.views, opened)
    if found.unreadable:
        st.caption(plain(f"{counted(len(found.unreadable), 'view')} cannot be read: {', '.join(found.unreadable)}"))
    if against := reason_against(Role.RUN):
        st.caption(f"You cannot save views. {against}")
        return
    if opened is not None and changed and not opened.by_mlflow:
        st.button("Save changes", icon=":material/save:", on_click=_overwrite, args=[opened], key="views.overwrite")
    _save_form(page, likely)


def missing_words(opened: View | None, sentences: Sequence[str]) -> tuple[str, ...]:
    """Return what an address names that is not in the store: a sentence each or, of an open view, one for all."""
    asked = address_state.views.opened
    if opened is None or not sentences:
        gone = ["The saved view in the address was not found; it may have been deleted."] if asked else []
        return (*(gone if opened is None else []), *sentences)
    first = "; ".join(each.rstrip(".") for each in sentences[:_MOST_SENTENCES])
    more = len(sentences) - _MOST_SENTENCES
    rest = f"; and {more} more" if more > 0 else ""
    return (f"The view “{cut(one_line(opened.name), _LONGEST_NAME)}” no longer fits this store: {first}{rest}.",)


def _list(views: Sequence[View], opened: View | None) -> None:
    if not views:
        st.caption("No saved views yet. A view keeps the filter, columns, groups and charts of this page.")
        return
    typed = ""
    if len(views) > _MOST_LISTED:
        typed = st.text_input("Find a view", key=_FIND, type="search", live="300ms", placeholder="Part of its name")
    # The open one first, so that it is always listed.
    named = [view for view in views if typed.strip().casefold() in view.name.casefold()]
    listed = sorted(named, key=lambda view: view is not opened)[:_MOST_LISTED]
    with st.container(gap="xsmall"):
        for view in listed:
            _row(view, is_open=view is opened)
    if not listed:
        st.caption(plain(f"No view has “{cut(one_line(typed.strip()), _LONGEST_LABEL)}” in its name."))
    elif len(listed) < len(named):
        st.caption(f"{len(listed)} of {counted(len(named), 'view')} are listed.")


def _row(view: View, *, is_open: bool) -> None:
    page: Address = _PAGES[view.page]
    key = f"views.{'open' if is_open else 'row'}.{view.id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        link(
            page, label=plain(cut(one_line(view.name), _LONGEST_NAME)), icon=page.icon, width="stretch",
            query_params=[*view.query, (address_state.VIEW, view.id)], help=_row_help(view),
        )  # fmt: skip
        if view.by_mlflow:
            st.caption("MLflow", width="content")
        if view.by_mlflow or not may(Role.RUN):
            return
        name = plain(cut(one_line(view.name), _LONGEST_NAME))
        chosen = st.menu_button(
            "", list(_ACTIONS), format_func=_ACTIONS.__getitem__, icon=":material/more_vert:", type="tertiary",
            key=f"views.more.{view.id}", help=f"Rename or delete the view {name}.",
        )  # fmt: skip
    if chosen:
        address_state.views.changing = (view.id, chosen)
    if address_state.views.changing[0] == view.id:
        _change(view, address_state.views.changing[1])


def _row_help(view: View) -> str:
    words = [f"{_PAGES[view.page].title}, kept in the experiment {plain(view.experiment)}."]
    if view.left_out:
        words.append(f"Not shown here: {', '.join(view.left_out)}.")
    return " ".join(words)


def _change(view: View, action: str) -> None:
    """Draw the form to rename a view, or the question whether to delete it."""
    _problem()
    name = plain(cut(one_line(view.name), _LONGEST_NAME))
    with st.form(f"views.{action}.{view.id}", border=True):
        if action == "rename":
            st.text_input("New name", value=view.name, key=_NEW_NAME)
            label, act = "Rename", _rename
        else:
            st.markdown(f"Delete the view **{name}** for everyone who uses this store?")
            label, act = "Delete", _delete
        with st.container(horizontal=True):
            st.form_submit_button(label, type="primary", on_click=act, args=[view], key=f"views.{action}d")
            st.form_submit_button("Cancel", on_click=_stop, key="views.cancelled")


def _save_form(page: ViewPage, likely: str) -> None:
    experiments = loaders.experiments()
    if not experiments:
        st.caption("Views are kept in experiments, of which this store has none yet.")
        return
    names = [each.name for each in experiments]
    if address_state.views.changing == ("", ""):
        _problem()
    with st.form("views.save", border=False):
        st.text_input("Save this view as", key=_name_key(), placeholder="Best networks for digits")
        st.selectbox(
            "Kept in", names, index=names.index(likely) if likely in names else 0, key=_EXPERIMENT,
            help="The experiment that holds the view, where everyone who uses this store finds it.",
        )  # fmt: skip
        st.form_submit_button(
            "Save view", icon=":material/bookmark_add:", on_click=_save, args=[page, experiments], key="views.saved"
        )


def _problem() -> None:
    if words := state.notice(_PROBLEM):
        st.error(sentence(words), icon=":material/error:")


def _name_key() -> str:
    """Return the key of the field for a new name: another one once a view was saved, so that it is empty again."""
    return f"{_NAME}.{address_state.views.opened}"


def _save(page: ViewPage, experiments: Sequence[Experiment]) -> None:
    name, chosen = state.typed(_name_key()) or "", state.typed(_EXPERIMENT)
    folder = next(each for each in experiments if each.name == chosen)
    try:
        permit("change views", Role.RUN)
        saved = save_view(loaders.store(), folder.experiment_id, name, page, address_state.query())
    except FitboardError as error:
        state.set_notice(_PROBLEM, str(error))
        return
    address_state.views.opened = saved.id
    _done(f"Saved the view “{saved.name}”.")


def _overwrite(view: View) -> None:
    try:
        permit("change views", Role.RUN)
        overwrite_view(loaders.store(), view, address_state.query())
    except FitboardError as error:
        state.set_notice(_PROBLEM, str(error))
        return
    _done(f"Saved the view “{view.name}”.")


def _rename(view: View) -> None:
    try:
        permit("change views", Role.RUN)
        rename_view(loaders.store(), view, state.typed(_NEW_NAME) or "")
    except FitboardError as error:
        state.set_notice(_PROBLEM, str(error))
        return
    _done("Renamed the view.")


def _delete(view: View) -> None:
    try:
        permit("change views", Role.RUN)
        delete_view(loaders.store(), view)
    except FitboardError as error:
        state.set_notice(_PROBLEM, str(error))
        return
    if address_state.views.opened == view.id:
        address_state.views.opened = ""
    _done(f"Deleted the view “{view.name}”.")


def _done(words: str) -> None:
    _stop()
    state.set_notice(_DONE, words)
    loaders.forget_experiments()


def _stop() -> None:
    address_state.views.changing = ("", "")
    state.set_notice(_PROBLEM, None)
