"""Protect the runs of other programs in the same store, which Fitboard does not change."""

from trainer.errors import ConfigError
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["foreign_reason", "refuse_foreign"]


def foreign_reason(run: Run) -> str | None:
    """Return why Fitboard does not change the run, in one sentence; None for its own runs."""
    if run.by_fitboard:
        return None
    if Tag.SWEEP_QUEUE in run.tags:
        return (
            f"Run {run.run_id} is a sweep, which has no process; use `fitboard sweep stop`, `pause`, `go-on` or `add`."
        )
    return (
        f"Run {run.run_id} was created by another program, so Fitboard does not change it; "
        "use that program or the MLflow UI."
    )


def refuse_foreign(run: Run) -> None:
    """Refuse a run that Fitboard did not create. Everything that changes a run calls this first.

    Raises:
        ConfigError: another program made it.
    """
    reason = foreign_reason(run)
    if reason is not None:
        raise ConfigError(reason)
