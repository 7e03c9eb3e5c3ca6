"""The tabs below a run's curves; only the open one reads its files."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.charts.colors import color_of
from dashboard.charts.confusion import confusion_info
from dashboard.charts.labels import labels_info
from dashboard.charts.mistakes import mistakes_info
from dashboard.components.errors import errors_shown
from dashboard.loaders.checks import check_report
from dashboard.views.run.evaluation import draw_confusion, draw_labels, draw_mistakes, draw_residuals, evaluated_part
from dashboard.views.run.record import draw_config, draw_environment, draw_everything, draw_log
from dashboard.views.run.run_files import draw_files
from trainer.config import Config
from trainer.tracking import Run
from trainer.tracking.files import (
    CONFIG_FILE,
    CONFUSION_FILE,
    ENVIRONMENT_FILE,
    EVALUATION,
    LABELS_FILE,
    MISTAKES_FILE,
    PREDICTIONS_FILE,
)

__all__ = ["RunFiles", "draw_tabs"]

_LOG_SECONDS = 1.0
_RECORD_SECONDS = 2.0
_CONFUSION, _MISTAKES, _PREDICTIONS, _LABELS = (
    f"{EVALUATION}/{name}" for name in (CONFUSION_FILE, MISTAKES_FILE, PREDICTIONS_FILE, LABELS_FILE)
)

_Draw = Callable[[Run, "RunFiles"], None]


@dataclass(frozen=True, kw_only=True)
class RunFiles:
    """How to read the artifacts of a run.

    `names` are the paths in `evaluation/`; `listed` returns the paths in a folder, `read` the content of a file, `log`
    the end of the log, and `now` the current state of the run.
    """

    names: frozenset[str]
    listed: Callable[[str], tuple[str, ...]]
    read: Callable[[str], bytes | None]
    config: Callable[[], Config | None]
    log: Callable[[], str | None]
    now: Callable[[], Run]

    def document(self, path: str) -> Any:
        """Return the content of a JSON file; None if it is missing or not JSON."""
        content = self.read(path)
        try:
            return None if content is None else json.loads(content)
        except ValueError:
            return None


def draw_tabs(run: Run, files: RunFiles, *, key: str) -> None:
    """Draw the tabs that this run has content for; the query parameter `key` names the open one."""
    drawers = _drawers(run, files)
    for tab, draw in zip(st.tabs(list(drawers), key=key, bind="query-params"), drawers.values(), strict=True):
        if tab.open:
            with tab, errors_shown():
                draw(run, files)


def _drawers(run: Run, files: RunFiles) -> dict[str, _Draw]:
    """Return the tabs in order; the first one is open unless the address names another."""
    evaluation: dict[str, tuple[str, _Draw]] = {
        "Confusion matrix": (_CONFUSION, _confusion),
        "Worst mistakes": (_MISTAKES, _mistakes),
        "Labels": (_LABELS, _labels),
        # Labels are compared as numbers too, whose plot says less.
        **({} if _LABELS in files.names else {"Predictions": (_PREDICTIONS, _residuals)}),
    }
    # The evaluation comes first once there is one; until then, the config.
    own = {title: draw for title, (path, draw) in evaluation.items() if path in files.names}
    if run.by_fitboard:
        own |= {"Config": _config, "Environment": _environment, "Log": _log}
    others: dict[str, _Draw] = {} if run.by_fitboard else {"Files": _files}
    return own | {"Everything logged": _everything} | others


def _files(run: Run, files: RunFiles) -> None:
    draw_files(files.listed, files.read)


def _config(run: Run, files: RunFiles) -> None:
    yaml = files.read(CONFIG_FILE)
    if yaml is None:
        st.caption("The artifact `config.yaml` of this run is missing.")
    else:
        config = files.config()
        draw_config(yaml.decode(errors="replace"), config, lambda: None if config is None else check_report(config))


def _residuals(run: Run, files: RunFiles) -> None:
    draw_residuals(files.document(_PREDICTIONS), color_of(run), evaluated_part(run))


def _labels(run: Run, files: RunFiles) -> None:
    config = files.config()
    info = labels_info(files.document(_LABELS), getattr(config.dataset, "target", ()) if config else ())
    if info is None:
        st.caption("The labels of this run cannot be read.")
    else:
        draw_labels(info, evaluated_part(run))


def _mistakes(run: Run, files: RunFiles) -> None:
    labels = confusion_info(files.document(_CONFUSION))
    draw_mistakes(mistakes_info(files.document(_MISTAKES), labels.labels if labels else ()), evaluated_part(run))


def _confusion(run: Run, files: RunFiles) -> None:
    info = confusion_info(files.document(_CONFUSION))
    if info is None:
        st.caption("The confusion matrix of this run cannot be read.")
    else:
        draw_confusion(info, evaluated_part(run))


def _environment(run: Run, files: RunFiles) -> None:
    document = files.document(ENVIRONMENT_FILE)
    if isinstance(document, dict):
        draw_environment(document)
    elif run.status.ended:
        st.caption("This run recorded no environment.")
    else:
        st.fragment(_wait_for_environment, run_every=_RECORD_SECONDS)(files)


def _wait_for_environment(files: RunFiles) -> None:
    document = files.document(ENVIRONMENT_FILE)
    if isinstance(document, dict):
        draw_environment(document)
    else:
        st.caption("Waiting for training to start; the environment is recorded then.")


def _everything(run: Run, files: RunFiles) -> None:
    # In a fragment of its own, which reads the run again without redrawing the curves.
    every = None if run.status.ended else _RECORD_SECONDS
    st.fragment(lambda: draw_everything(files.now()), run_every=every)()


def _log(run: Run, files: RunFiles) -> None:
    st.fragment(_log_lines, run_every=None if run.status.ended else _LOG_SECONDS)(run, files)


def _log_lines(run: Run, files: RunFiles) -> None:
    text = files.log()
    if text:
        draw_log(text)
    else:
        st.caption("No log yet; it starts with training." if not run.status.ended else "This run has no log.")
