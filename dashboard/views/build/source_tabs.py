"""The draft as text beside its form: editable YAML, and the Keras code of the network."""

import re

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import NO_SEARCH, Draft, TextMistake, Validation, read_text, text_of
from dashboard.loaders import datasets
from dashboard.views.build.keras_upload import take_keras_model
from trainer.config import Config
from trainer.config.serialization import LARGEST_TEXT
from trainer.data import Schema
from trainer.errors import FitboardError
from trainer.format import readable_bytes
from trainer.reproduce.keras_model import KERAS_ENDINGS
from trainer.reproduce.network_source import network_source

__all__ = ["has_rejected_text", "source_tabs"]

_TEXT, _UPLOADED, _WITH_WEIGHTS = "build.yaml.text", "build.yaml.file", "build.yaml.weights"
_PLACE = "yaml.file"
_KERAS = "Keras code"
_HEIGHT = 250
# Megabytes, as of a dataset.
_LARGEST_UPLOAD = 200
_MOST_MISTAKES = 3


def source_tabs(draft: Draft, validation: Validation) -> None:
    """Draw the two tabs, and the code only if its tab is open: its highlighting loads 1.6 MB and runs at every edit."""
    with st.container(key="panel-source", border=True, gap="small"):
        yaml, keras = st.tabs(["YAML", _KERAS], key="build.source", on_change="rerun")
        with yaml:
            _editor(draft, validation)
        if keras.open:
            with keras:
                _code(validation)


def has_rejected_text() -> bool:
    """Return whether the editor holds a text that could not be applied."""
    return state.build.rejected_text is not None


def _editor(draft: Draft, validation: Validation) -> None:
    rejected = state.build.rejected_text
    text = text_of(validation, draft)
    shown = text if rejected is None else rejected
    if state.typed(_TEXT) != shown:
        state.follow(_TEXT, shown)
    if rejected is not None:
        _mistakes(rejected)
    st.text_area("Config as YAML", key=_TEXT, height=_HEIGHT, on_change=_apply_typed, label_visibility="collapsed")
    if rejected is None:
        _files(validation.config, text)
    else:
        st.button("Discard the edit", icon=":material/undo:", on_click=_discard, width="stretch", key="yaml-discard")


def _mistakes(text: str) -> None:
    """Draw why the text was not applied: the first errors with their lines, and the text of the first such line."""
    found = read_text(text)
    for mistake in found[:_MOST_MISTAKES] if isinstance(found, tuple) else ():
        st.markdown(f":red[:material/error: {_told(mistake)}]")
    if isinstance(found, tuple):
        lines, line = text.splitlines(), next((mistake.line for mistake in found if mistake.line), None)
        if line is not None and line <= len(lines) and lines[line - 1].strip():
            st.code(lines[line - 1].strip(), language="yaml", wrap_lines=True)
    st.caption("Not applied: the form keeps its values until the text is valid.")


def _told(mistake: TextMistake) -> str:
    if not mistake.where:
        return plain(mistake.what)
    place = f"**Line {mistake.line}**, " if mistake.line else ""
    return f"{place}**{plain(mistake.where)}**: {plain(mistake.what)}"


def _apply_typed() -> None:
    if not state.is_echo(_TEXT):
        _apply()


def _apply() -> None:
    """Make the edited text the draft; a text with errors stays in the editor and leaves the draft unchanged."""
    text = state.typed(_TEXT) or ""
    found = read_text(text)
    if isinstance(found, tuple):
        state.build.rejected_text = text
        return
    state.build.rejected_text = None
    draft = state.drafts().now
    if isinstance(found, Config):
        changed = draft.replaced(found.short())
        # A text without a search ends the one that it showed before.
        state.edit(changed.with_search(NO_SEARCH) if draft.search.on else changed)
    else:
        state.edit(draft.searching(found.config.short(), found.domains, found.settings))


def _discard() -> None:
    state.build.rejected_text = None


def _files(config: Config | None, text: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Download",
            text,
            file_name=f"{_file_stem(config)}.yaml",
            mime="application/yaml",
            icon=":material/download:",
            disabled=config is None,
            help="Fix the errors before you download the config." if config is None else None,
            on_click="ignore",
            key="yaml-download",
        )
        with st.popover("Upload", icon=":material/upload:", key="yaml-upload"):
            # Before the file, which is taken as soon as it is uploaded.
            st.checkbox("Start from the weights in a .keras file", key=_WITH_WEIGHTS)
            st.file_uploader(
                "Config file, or Keras model",
                ["yaml", "yml", "keras", "json"],
                key=_UPLOADED,
                on_change=_take_file,
                max_upload_size=_LARGEST_UPLOAD,
                help="A config in YAML, a .keras file, or the text of `model.to_json()`. Nothing in it is executed.",
            )
    complaint = state.notice(_PLACE)
    if complaint:
        st.error(plain(complaint), icon=":material/error:")


def _take_file() -> None:
    """Apply an uploaded config or model. One that cannot be read is refused; one with errors is shown in the editor."""
    given = state.typed(_UPLOADED)
    state.set_notice(_PLACE, None)
    if given is None:
        return
    if given.name.lower().endswith(KERAS_ENDINGS):
        state.set_notice(_PLACE, take_keras_model(given, with_weights=bool(state.typed(_WITH_WEIGHTS))))
        return
    if given.size > LARGEST_TEXT:
        state.set_notice(
            _PLACE, f"{given.name} is larger than {readable_bytes(LARGEST_TEXT)}; expected a config in YAML."
        )
        return
    try:
        # Without the byte order mark that some editors on Windows write.
        text = given.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        state.set_notice(_PLACE, f"{given.name} is not UTF-8 text; expected a YAML file.")
        return
    state.follow(_TEXT, text)
    _apply()


def _code(validation: Validation) -> None:
    config = validation.valid_part
    if config is None:
        st.caption("The code appears once the dataset and the first layer are valid.")
        return
    st.code(network_source(config, _schema(config)), language="python", height=_HEIGHT)
    if validation.config is None:
        st.caption("Shows the layers before the first error; other invalid fields have their default values.")
    else:
        st.caption("For a script that also loads the data and reproduces the numbers, open a run and choose Download.")


def _schema(config: Config) -> Schema | None:
    try:
        return datasets.schema(config.dataset)
    except FitboardError:  # the card of the dataset shows it
        return None


def _file_stem(config: Config | None) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", config.name or "config").strip("-.") if config else "config"
