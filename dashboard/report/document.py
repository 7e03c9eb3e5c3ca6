"""The numbers of a report as a JSON document, for scripts."""

from datetime import UTC, datetime
from typing import Any

from dashboard.report.material import Material
from trainer.comparison import comparison_document
from trainer.config import Config
from trainer.tracking import Run, Series, Tag
from trainer.tracking.note import NOTE_TAG, is_own_note

__all__ = ["VERSION", "note_of", "report_document"]

VERSION = 1
"""The version of the document's keys."""


def report_document(shown: Material) -> dict[str, Any]:
    """Return `fitboard compare --json`'s document with the runs, their differences and their curves.

    Times are ISO 8601 in UTC. `curves` is metric → run id → `steps` and `values`, thinned if the run logged more points
    than are drawn; `points` is how many were logged by all runs.
    """
    return {
        "version": VERSION,
        "written_at": _time(shown.written_at),
        "notes": shown.notes,
        **comparison_document(shown.sides, shown.metrics, shown.found),
        "runs": [_run(run, shown.labels[run.run_id], shown.configs[run.run_id]) for run in shown.runs],
        "differences": [
            {
                "field": field,
                "values": {run.run_id: value for run, value in zip(shown.runs, values, strict=True)},
            }
            for field, values in shown.differences
        ],
        "curves": {
            metric: {run_id: _curve(series) for run_id, series in some.items()} for metric, some in shown.curves.items()
        },
        "points": dict(shown.points),
    }


def note_of(run: Run) -> str:
    """Return the description that a person wrote, in Markdown; empty if there is none."""
    note = run.tags.get(NOTE_TAG)
    return "" if note is None or is_own_note(note) else note


def _run(run: Run, label: str, config: Config | None) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "name": run.name,
        "label": label,
        "status": str(run.status),
        "experiment": run.experiment,
        "author": run.author,
        "started_at": None if run.started_at is None else _time(run.started_at / 1000),
        "seconds": run.seconds,
        "config_digest": run.tags.get(Tag.CONFIG_DIGEST),
        "config": None if config is None else config.short(),
        "params": dict(run.params),
        "metrics": dict(run.kept_metrics),
        "last_metrics": dict(run.metrics),
        "description": note_of(run),
    }


def _curve(series: Series) -> dict[str, Any]:
    return {"steps": [int(step) for step in series.steps], "values": [float(value) for value in series.values]}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
