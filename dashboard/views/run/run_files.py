"""The artifacts of a run, from any program: a list, and the chosen file with a download button."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import NamedTuple

import streamlit as st

from trainer.format import count, readable_bytes

__all__ = ["FoundFiles", "draw_files", "find_files"]

_MOST_FILES = 500
# A tracking server lists one folder per request.
_MOST_FOLDERS = 100

_FILE_NAME = re.compile(r"\.\w{1,10}$")
_LONGEST_TEXT = 20_000


class FoundFiles(NamedTuple):
    """Sorted paths of files, and whether the list is complete."""

    paths: tuple[str, ...]
    is_all: bool


def find_files(listed: Callable[[str], tuple[str, ...]]) -> FoundFiles:
    """Return the files in all folders; `listed` returns the paths of files and folders in one folder.

    A listing does not distinguish files from folders: a name with an extension counts as a file; any other name is
    listed in turn, and is a file if it contains nothing.
    """
    files: list[str] = []
    waiting, looks = [""], 0
    while waiting and len(files) < _MOST_FILES and looks < _MOST_FOLDERS:
        folder = waiting.pop(0)
        found, looks = listed(folder), looks + 1
        if not found and folder:
            files.append(folder)
        for path in found:
            (files if _FILE_NAME.search(path) else waiting).append(path)
    return FoundFiles(tuple(sorted(files[:_MOST_FILES])), not waiting and len(files) <= _MOST_FILES)


def draw_files(listed: Callable[[str], tuple[str, ...]], read: Callable[[str], bytes | None]) -> None:
    """Draw the list, and the chosen file with its beginning if it is text."""
    found = find_files(listed)
    if not found.paths:
        st.caption("This run has no files.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.dataframe([{"file": path} for path in found.paths], hide_index=True, key="run.files")
        if not found.is_all:
            st.caption(f"The first {count(len(found.paths))} files; MLflow's UI lists them all.")
    with right:
        chosen = st.selectbox("File", found.paths, index=None, key="run.file", placeholder="Choose a file")
        if chosen:
            _draw_file(chosen, read(chosen))


def _draw_file(path: str, content: bytes | None) -> None:
    if content is None:
        st.caption("This file cannot be read: it is a folder or no longer exists.")
        return
    name = PurePosixPath(path).name
    st.download_button(
        f"Download {readable_bytes(len(content))}",
        content,
        name,
        "application/octet-stream",
        icon=":material/download:",
    )
    text = _text(content)
    if text is not None:
        st.code(text, language=None, wrap_lines=True)


def _text(content: bytes) -> str | None:
    """Return the beginning of a text file, or None for any other file."""
    start = content[:_LONGEST_TEXT]
    try:
        # A cut text may end in the middle of a character.
        text = start.decode("utf-8", "ignore" if len(content) > _LONGEST_TEXT else "strict")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
