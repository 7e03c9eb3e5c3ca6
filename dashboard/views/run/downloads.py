"""The downloads of a run: its config, its script, the trained model, and a bundle of them."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import loaders
from dashboard.components.downloads import failed_downloads, prepared_download
from dashboard.components.markdown import sentence
from dashboard.loaders.exports import bundle_file, keras_file, script_text
from trainer.errors import FitboardError
from trainer.tracking import Run, Status, Tag
from trainer.tracking.files import CONFIG_FILE

__all__ = ["draw_downloads"]

_LONGEST_STEM = 60


def draw_downloads(run: Run) -> None:
    """Draw the menu. Files that take long to create are created when their button is clicked."""
    # In a fragment, since opening the menu reruns everything around it, and a script takes a moment to create.
    st.fragment(_draw_menu)(run)


def _draw_menu(run: Run) -> None:
    with st.popover("Download", icon=":material/download:", key="run.download", on_change="rerun") as menu:
        if not menu.open:
            return
        config = loaders.config(run)
        yaml = loaders.artifact(run, CONFIG_FILE)
        no_config = None if config else "The config of this run cannot be read."
        _button("Config (YAML)", "yaml", run, yaml, "For `fitboard train` and Build.", off=no_config)
        script, off = _script(run)
        _button("Keras script", "py", run, script, "A plain Keras script that reproduces the run.", off=off)
        no_model = None if Tag.WEIGHTS in run.tags else "This run has no trained model, since it has not finished."
        words = "The trained model, for `keras.models.load_model`. It expects raw (unscaled) samples."
        _button("Network (.keras)", "keras", run, partial(keras_file, run), words, off=no_model)
        no_bundle = None if run.status is Status.FINISHED else "Only a finished run can be bundled."
        words = "Config, script, history, environment and model, for `fitboard replay` on another machine."
        _button("Bundle (.zip)", "zip", run, partial(bundle_file, run), words, off=no_bundle or no_config)


def _button(
    label: str, ending: str, run: Run, data: bytes | str | Callable[[], bytes] | None, words: str, *, off: str | None
) -> None:
    key, name, is_off = f"run.download.{ending}", f"{_stem(run)}.{ending}", bool(off) or data is None
    words = sentence(off) if off else words
    if callable(data) and not is_off:
        prepared_download(label, data, file_name=name, help=words, width="stretch", key=key)
        failed_downloads([key])
        return
    st.download_button(
        label, b"" if is_off or data is None or callable(data) else data, file_name=name, help=words, disabled=is_off,
        # A browser may open a text type instead of saving it.
        mime="application/octet-stream", on_click="ignore", width="stretch", key=key,
    )  # fmt: skip


def _stem(run: Run) -> str:
    """Return the run's name as a file name without extension that every system accepts."""
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in run.title)
    return stem[:_LONGEST_STEM].strip("-") or run.short_id


def _script(run: Run) -> tuple[str | None, str | None]:
    """Return the script, or the error message.

    It is created with the menu: that is quick, and a failure on click could not be shown.
    """
    try:
        return script_text(run), None
    except FitboardError as error:
        return None, str(error)
