"""Convert the steps of a metric's history to epochs, since programs count them differently."""

from dataclasses import replace

from trainer.tracking.run import Run, Series

__all__ = ["by_epochs"]

_AUTOLOGGING = "mlflow.autologging"
_KERAS = {"keras", "tensorflow"}
# The params that MLflow's two Keras callbacks (3.17) log, also where the run was started by hand and has no tag.
_OF_KERAS_CALLBACKS = {"opt_name", "optimizer_name"}


def by_epochs(run: Run, series: Series) -> Series | None:
    """Return the history by completed epochs (1, 2, …); None if it is unknown what its steps mean.

    MLflow's Keras callback logs an epoch under its number from 0, or else batches, of which none has the number 0.
    """
    if run.by_fitboard:
        return series
    is_keras = run.tags.get(_AUTOLOGGING) in _KERAS or not _OF_KERAS_CALLBACKS.isdisjoint(run.params)
    counts_from_0 = bool(series.steps) and series.steps[0] == 0 and len(set(series.steps)) == len(series.steps)
    return replace(series, steps=tuple(step + 1 for step in series.steps)) if is_keras and counts_from_0 else None
