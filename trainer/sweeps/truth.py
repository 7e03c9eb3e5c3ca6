"""What the confirmed trials of a sweep really reach: means over fresh seeds, their differences, one test result."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainer.config.metrics.names import TEST, MetricName
from trainer.config.search import SweepSettings
from trainer.statistics import Summary, difference_words, findings, summary_words, verdict_words, welch
from trainer.sweeps.confirmation import Confirmed
from trainer.sweeps.trial import Trial

__all__ = ["Truth", "TruthRow", "confirmed_lines", "truth_of"]

_NOTHING: Mapping[str, Summary] = {}


class TruthRow(NamedTuple):
    """One confirmed trial.

    `chosen` are the objectives by which it was chosen, `fresh` their summaries over fresh seeds, as far as these runs
    have finished: `done` of `wanted`. `against` says how it differs from the best of them; empty for the best itself.
    """

    number: int
    chosen: tuple[float, ...]
    fresh: tuple[Summary | None, ...]
    done: int
    wanted: int
    against: str = ""


class Truth(NamedTuple):
    """The confirmed trials, the best by the confirmed mean first.

    `test` are the test metrics of the best one, metric → summary. They are empty until all confirming runs have
    finished: the test part is read once, for a choice that no longer changes.
    """

    rows: tuple[TruthRow, ...]
    complete: bool
    test: Mapping[str, Summary] = _NOTHING


def truth_of(confirmed: Sequence[Confirmed], trials: Sequence[Trial], settings: SweepSettings) -> Truth | None:
    """Return what fresh seeds say about the confirmed trials; None if none is being confirmed.

    With one objective, the trial with the best confirmed mean comes first, and each other is compared with it by
    Welch's test, corrected after Holm. With several there is no best one, and no test result.
    """
    if not confirmed:
        return None
    results = {each.number: each.results for each in trials}
    rows = [
        TruthRow(
            each.number,
            results.get(each.number, ()),
            tuple(each.metrics.get(name) for name in settings.objective),
            len(each.runs),
            each.wanted,
        )
        for each in confirmed
    ]
    is_complete = all(row.done >= row.wanted for row in rows)
    if len(settings.objective) > 1:
        return Truth(tuple(rows), is_complete)
    sign = -1 if settings.maximizes[0] else 1
    means = {row.number: row.fresh[0].mean for row in rows if row.fresh[0] is not None}
    order = sorted(rows, key=lambda row: sign * means[row.number] if row.number in means else float("inf"))
    by_number = {each.number: each for each in confirmed}
    against = _against(order, by_number, settings)
    ranked = tuple(row._replace(against=words) for row, words in zip(order, against, strict=True))
    first = by_number[ranked[0].number]
    return Truth(ranked, is_complete, _tested(first, settings) if is_complete else _NOTHING)


def confirmed_lines(confirmed: Sequence[Confirmed], trials: Sequence[Trial], settings: SweepSettings) -> list[str]:
    """Return the truth about the confirmed trials as lines; none as long as no run with a fresh seed is done."""
    truth = truth_of(confirmed, trials, settings)
    lines = []
    for row in truth.rows if truth is not None else ():
        if not row.done:
            continue
        against = f"; {row.against}" if row.against else ""
        lines.append(f"Trial {row.number} with fresh seeds ({row.done} of {row.wanted}){against}:")
        found = zip(settings.objective, row.fresh, strict=True)
        lines += [f"  {name} {summary_words(summary)}" for name, summary in found if summary is not None]
    if truth is not None and truth.test:
        lines.append(f"Test result of trial {truth.rows[0].number}:")
        lines += [f"  {name} {summary_words(summary)}" for name, summary in truth.test.items()]
    return lines


def _against(order: Sequence[TruthRow], confirmed: Mapping[int, Confirmed], settings: SweepSettings) -> list[str]:
    """Return for each trial how it differs from the first, in the words of every comparison."""
    name = settings.objective[0]
    sides = [
        [run.kept_metrics[name] for run in confirmed[row.number].runs if name in run.kept_metrics] for row in order
    ]
    differences = [welch(side, sides[0]) for side in sides[1:]]
    words = [""]
    for difference, finding in zip(differences, findings(differences), strict=True):
        if difference is None or finding is None:
            words.append("too few runs to tell")
            continue
        told = verdict_words(finding, higher_is_better=settings.maximizes[0], difference=difference)
        words.append(f"{difference_words(finding)}: {told}")
    return words


def _tested(first: Confirmed, settings: SweepSettings) -> dict[str, Summary]:
    """Return the test results, the objective's own metric first."""
    base = MetricName.of(settings.objective[0]).base
    names = sorted((name for name in first.metrics if name.startswith(TEST)), key=lambda name: name != TEST + base)
    return {name: first.metrics[name] for name in names}
