"""Protect the runs of other programs in the same store, which Fitboard does not change."""

from trainer.errors import ConfigError
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["foreign_reason", "is_of_fitboard", "refuse_foreign", "refuse_other_program"]


def is_of_fitboard(run: Run) -> bool:
    """Return whether Fitboard created the run: one that trains, or that of a sweep, in which others are nested."""
    return run.by_fitboard or Tag.SWEEP_QUEUE in run.tags


def foreign_reason(run: Run) -> str | None:
    """Return why Fitboard does not train, stop or repeat the run, in one sentence; None for its own runs."""
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
    """Refuse a run that Fitboard did not create. Everything that trains, stops or repeats a run calls this first.

    Raises:
        ConfigError: another program made it, or it is a sweep.
    """
    reason = foreign_reason(run)
    if reason is not None:
        raise ConfigError(reason)


def refuse_other_program(run: Run) -> None:
    """Refuse a run that Fitboard did not create, but not a sweep, which is deleted, restored and moved as any run.

    Raises:
        ConfigError: another program made it.
    """
    if not is_of_fitboard(run):
        refuse_foreign(run)
