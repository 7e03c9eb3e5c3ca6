"""The versions of a kept dataset, and what changed from one to the next."""

import streamlit as st

from dashboard.components.markdown import plain
from trainer.data.library import Entry, changes, version_of
from trainer.data.profile import Profile
from trainer.format import clock, counted

__all__ = ["draw_changes", "draw_versions"]


def draw_changes(entry: Entry, about: Profile) -> None:
    """Tell that the file has changed since its newest version, and how; nothing if it has not."""
    newest = entry.newest
    if about.digest == newest.digest:
        return
    now = version_of(about, path=newest.path, added=newest.added, stamp=None)
    told = changes(newest, now) or ("Neither rows nor columns nor distributions differ notably.",)
    since = f"The file has changed since version {len(entry.versions)} ({clock(newest.added, to='minutes')})."
    st.warning(
        f"{since} {plain(' '.join(told))} Keep it as a new version to train on it.", icon=":material/difference:"
    )


def draw_versions(entry: Entry) -> None:
    """List the versions, the newest first."""
    with st.container(border=True, key="data-versions", gap="xsmall"):
        st.markdown(f"## {counted(len(entry.versions), 'version')}")
        for number in range(len(entry.versions), 0, -1):
            version = entry.versions[number - 1]
            kept = "copy in the home" if version.copy_path else "not copied"
            st.markdown(
                f"**{number}** · {clock(version.added, to='minutes')} · {counted(version.rows, 'row')} · {kept} · "
                f"`{version.digest[:12]}…`"
            )
            for told in changes(entry.versions[number - 2], version) if number > 1 else ():
                st.caption(plain(told))
