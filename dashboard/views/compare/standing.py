"""The statuses of the compared runs, and what the page waits for."""

from collections import Counter
from collections.abc import Mapping, Sequence

from dashboard.components.expected import expected_metrics
from dashboard.components.markdown import plain
from dashboard.components.status import look, progress_words
from dashboard.loaders import config
from trainer.execution import Expected
from trainer.format import count
from trainer.tracking import Run, Status

__all__ = ["awaited_metrics", "standing_words", "value_words"]

_FEW = 5


def standing_words(runs: Sequence[Run], labels: Mapping[str, str], expected: Mapping[str, Expected], now: float) -> str:
    """Return, in Markdown, the number of runs in each status and of deleted runs, and what the page waits for.

    Args:
        runs: the compared runs.
        labels: run id → label.
        expected: run id → expected start of a queued run.
        now: seconds since 1970.
    """
    states = Counter(look(run, now).word for run in runs)
    deleted = sum(run.deleted for run in runs)
    states |= {"deleted": deleted} if deleted else {}
    counted = " · ".join(f"{count(number)} {word}" for word, number in states.items())
    live = [run for run in runs if not run.status.ended]
    if not live:
        return counted
    # The run to wait for is a running one, else the first in the queue.
    first = min(live, key=lambda run: (run.status is Status.SCHEDULED, _ahead(expected.get(run.run_id))))
    words = progress_words(first, now=now, expected=expected.get(first.run_id)) or "starting"
    more = f" and {count(len(live) - 1)} more" if len(live) > 1 else ""
    return (
        f"{counted}. Waiting for {plain(labels[first.run_id])} ({plain(words)}){more}; this page updates automatically."
    )


def _ahead(expected: Expected | None) -> int:
    return 0 if expected is None else expected.ahead


def awaited_metrics(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the results that live runs will log, according to their configs."""
    configs = [found for run in runs if not run.status.ended and (found := config(run)) is not None]
    return tuple(dict.fromkeys(name for each in configs for name in expected_metrics(each)))


def value_words(runs: Sequence[Run], labels: Mapping[str, str]) -> str:
    """Return, in Markdown, the epoch that each run's values are from; `labels` maps run ids to labels."""
    restored = [(run, run.kept) for run in runs if run.kept is not None and not run.kept.is_last]
    if not restored:
        return "Values are from the last epoch"
    epochs = (
        f"{labels[run.run_id]} epoch {count(kept.epoch)} of {count(kept.epochs)}" for run, kept in restored[:_FEW]
    )
    kept = plain(", ".join(epochs))
    more = f" and {count(len(restored) - _FEW)} more" if len(restored) > _FEW else ""
    return f"Values are from the epoch whose weights were kept ({kept}{more}), otherwise from the last epoch"
