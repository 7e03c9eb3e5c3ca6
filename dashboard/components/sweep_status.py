"""The status of a sweep as a word and a colour, and its trials in words."""

from collections.abc import Mapping

from dashboard.components.status import Look, look
from trainer.config.search import Pruner, Sampler, SweepSettings
from trainer.execution.control.sweep import PAUSE, STOP
from trainer.format import count, number
from trainer.sweeps import Summary
from trainer.tracking import Run, Status, Tag

__all__ = ["PRUNER_WORDS", "SAMPLER_WORDS", "is_paused", "result_words", "summary_words", "sweep_look"]

SAMPLER_WORDS: Mapping[Sampler, str] = {
    Sampler.TPE: "Models which values good trials have in common, and suits most spaces and budgets.",
    Sampler.CMAES: "Moves a normal distribution towards good trials; for numbers and hundreds of trials.",
    Sampler.RANDOM: "Draws every trial independently; a baseline, and as good as any for many trials at once.",
    Sampler.GRID: "Tries every combination once, in random order; for small finite spaces.",
    Sampler.SOBOL: "Spreads the trials evenly over the space; better than random for a few dozen trials.",
    Sampler.GP: "Fits a Gaussian process to the results; for few settings and expensive trials. Requires PyTorch.",
}
"""What a sampler does, in one sentence."""
PRUNER_WORDS: Mapping[Pruner, str] = {
    Pruner.NONE: "Every trial trains to its end.",
    Pruner.MEDIAN: "Ends a trial whose objective is worse than the median of earlier trials at the same epoch.",
    Pruner.HYPERBAND: "Gives many trials a few epochs, and only the best third of them three times as many, and so on.",
}
"""What a pruner does, in one sentence."""

_LOOKS = {
    Status.SCHEDULED: Look("waiting", ":material/schedule:", "gray", "Waiting for the worker."),
    Status.RUNNING: Look("running", ":material/play_arrow:", "blue", "The worker starts trials."),
    Status.FINISHED: Look("finished", ":material/check:", "green", "All trials have ended."),
    Status.KILLED: Look("stopped", ":material/stop:", "orange", "Stopped by a user; it can continue."),
}
_PAUSED = Look("paused", ":material/pause:", "yellow", "No further trials start until it continues.")
_CONFIRMING = Look("confirming", ":material/verified:", "blue", "The best trials train again with fresh seeds.")
_STOPPING = Look("stopping…", ":material/stop_circle:", "orange", "Running trials are being evaluated and saved.")


def is_paused(run: Run) -> bool:
    """Return whether a sweep that has not ended starts no further trials until somebody lets it."""
    return not run.status.ended and run.tags.get(Tag.SWEEP_WISH) == PAUSE


def sweep_look(run: Run, now: float) -> Look:
    """Return how the status of a sweep is shown at `now` (seconds since 1970)."""
    if is_paused(run):
        return _PAUSED
    if not run.status.ended and run.tags.get(Tag.SWEEP_WISH) == STOP:
        return _STOPPING
    if run.status is Status.RUNNING and Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, "")).confirming:
        return _CONFIRMING
    return _LOOKS.get(run.status) or look(run, now)


def summary_words(summary: Summary) -> str:
    """Return the counts in words, such as `12 complete, 3 pruned, 1 running`."""
    counts = {name: getattr(summary, name) for name in ("complete", "pruned", "failed", "stopped", "running")}
    told = ", ".join(f"{count(many)} {name}" for name, many in counts.items() if many)
    return (told or "no trials yet") + (f" ({count(summary.taken)} from earlier runs)" if summary.taken else "")


def result_words(settings: SweepSettings, results: tuple[float, ...]) -> str:
    """Return the values of the objectives, such as `val_accuracy 0.981`."""
    return ", ".join(f"{name} {number(value)}" for name, value in zip(settings.objective, results, strict=False))
