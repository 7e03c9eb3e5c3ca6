"""What can be downloaded of a run: its config, its script, the trained network, and a bundle of all of it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import loaders
from dashboard.components.markdown import plain
from dashboard.loaders.exports import bundle_file, keras_file, script_text
from trainer.errors import FitboardError
from trainer.tracking import Run, Status, Tag
from trainer.tracking.files import CONFIG_FILE

__all__ = ["draw_downloads"]

_LONGEST_STEM = 60


def draw_downloads(run: Run) -> None:
    """Draw the menu. What takes long to make is made when its button is pressed, not before."""
    # In a fragment, since opening the menu reruns what it is in, and a script takes a moment to write.
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
        no_model = None if Tag.WEIGHTS in run.tags else "This run has no trained model, since it did not finish."
        words = "The trained model, for `keras.models.load_model`. It expects raw (unscaled) samples."
        _button("Network (.keras)", "keras", run, partial(keras_file, run), words, off=no_model)
        no_bundle = None if run.status is Status.FINISHED else "Only a finished run can be bundled."
        words = "Config, script, history, environment and model, for `fitboard replay` on another machine."
        _button("Bundle (.zip)", "zip", run, partial(bundle_file, run), words, off=no_bundle or no_config)


def _button(
    label: str, ending: str, run: Run, data: bytes | str | Callable[[], bytes] | None, words: str, *, off: str | None
) -> None:
    st.download_button(
        label,
        b"" if off or data is None else data,
        file_name=f"{_stem(run)}.{ending}",
        # Text types would have a browser open the file instead of saving it.
        mime="application/octet-stream",
        help=plain(off) if off else words,
        disabled=bool(off) or data is None,
        on_click="ignore",
        width="stretch",
        key=f"run.download.{ending}",
    )


def _stem(run: Run) -> str:
    """Return the run's name as the beginning of a file name that every system takes."""
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in run.title)
    return stem[:_LONGEST_STEM].strip("-") or run.short_id


def _script(run: Run) -> tuple[str | None, str | None]:
    """The script, or why there is none. Made at once: it is quick, and a deferred one could not say what is wrong."""
    try:
        return script_text(run), None
    except FitboardError as error:
        return None, str(error)
