"""The status of a sweep as a word and a colour, and its trials in words."""

from dashboard.components.status import Look, look
from trainer.config.search import Sampler, SweepSettings
from trainer.execution.control.sweep import PAUSE, STOP
from trainer.format import count, number
from trainer.sweeps import Summary
from trainer.tracking import Run, Status, Tag

__all__ = ["SAMPLER_WORDS", "is_paused", "result_words", "summary_words", "sweep_look"]

SAMPLER_WORDS = {
    Sampler.TPE: "TPE: proposes what resembles the best trials so far more than the others.",
    Sampler.CMAES: "CMA-ES: moves a normal distribution over the numbers towards the better trials.",
    Sampler.RANDOM: "Random: draws every trial independently.",
    Sampler.GRID: "Grid: tries every combination once, in a random order.",
    Sampler.SOBOL: "Sobol: spreads the trials evenly over the space.",
    Sampler.GP: "GP: fits a Gaussian process to the trials and proposes where it expects the largest improvement.",
}
"""What a sampler does, in one sentence."""

_LOOKS = {
    Status.SCHEDULED: Look("waiting", ":material/schedule:", "gray", "Waiting for the worker."),
    Status.RUNNING: Look("running", ":material/play_arrow:", "blue", "The worker starts trials."),
    Status.FINISHED: Look("finished", ":material/check:", "green", "All trials have ended."),
    Status.KILLED: Look("stopped", ":material/stop:", "orange", "Stopped by a user; it can continue."),
}
_PAUSED = Look("paused", ":material/pause:", "yellow", "No further trials start until it continues.")
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
    return _LOOKS.get(run.status) or look(run, now)


def summary_words(summary: Summary) -> str:
    """Return the counts in words, such as `12 complete, 3 pruned, 1 running`."""
    counts = {name: getattr(summary, name) for name in ("complete", "pruned", "failed", "running")}
    told = ", ".join(f"{count(many)} {name}" for name, many in counts.items() if many)
    return (told or "no trials yet") + (f" ({count(summary.taken)} from earlier runs)" if summary.taken else "")


def result_words(settings: SweepSettings, results: tuple[float, ...]) -> str:
    """Return the values of the objectives, such as `val_accuracy 0.981`."""
    return ", ".join(f"{name} {number(value)}" for name, value in zip(settings.objective, results, strict=False))
