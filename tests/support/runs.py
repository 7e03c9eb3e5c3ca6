"""Runs as a store would return them."""

from typing import Any

from trainer.tracking import Run, Status

__all__ = ["NOW", "a_run"]

NOW = 1_800_000_000.0
"""The present in tests, in seconds since 1970."""


def a_run(**fields: Any) -> Run:
    """Return a finished run that took ten seconds, with some fields changed."""
    known: dict[str, Any] = {
        "run_id": "ab" * 16,
        "name": "mlp",
        "experiment_id": "0",
        "experiment": "Default",
        "artifact_uri": "",
        "status": Status.FINISHED,
        "start_time": int(NOW - 60) * 1000,
        "end_time": int(NOW - 50) * 1000,
    }
    return Run(**known | fields)
