"""A report written from a store, without a page."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.report.html_text import report_html
from dashboard.report.material import Sources, curve_metrics, material
from trainer.comparison import ReportRequest
from trainer.config import Config
from trainer.reproduce.record import parse_environment
from trainer.tracking import Run, RunReader
from trainer.tracking.files import ENVIRONMENT_FILE
from trainer.tracking.read.config import known_config

__all__ = ["write_report"]


def write_report(request: ReportRequest) -> str:
    """Return the report of these runs as the text of an HTML file."""
    shown = material(
        request.runs,
        request.metrics,
        _sources(request.reader),
        curves=curve_metrics(request.runs),
        directions=request.directions,
        notes=request.notes,
        between=request.between,
        written_at=time.time(),
    )
    return report_html(shown)


def _sources(reader: RunReader) -> Sources:
    parsed: dict[str, Config | None] = {}

    def config(run: Run) -> Config | None:
        if run.run_id not in parsed:
            parsed[run.run_id] = known_config(reader.artifact, run)
        return parsed[run.run_id]

    def environments(runs: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
        recorded = {run.run_id: reader.artifact(run, ENVIRONMENT_FILE) for run in runs if run.by_fitboard}
        return {run_id: parse_environment(content) for run_id, content in recorded.items()}

    def ids(runs: Sequence[Run]) -> list[str]:
        return [run.run_id for run in runs]

    return Sources(
        config,
        lambda runs: reader.datasets(ids(runs)),
        environments,
        lambda runs, metrics: reader.histories(ids(runs), list(metrics)) if metrics else {},
    )
