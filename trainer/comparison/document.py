"""A comparison as a JSON document, the same from the command and in a report."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from trainer.comparison.compare import Compared, Comparison
from trainer.comparison.ranks import Ranking, ranking_words
from trainer.comparison.sides import Side
from trainer.statistics import Difference, Disagreement, LossDifference
from trainer.tracking import Tag

__all__ = ["comparison_document", "rank_titles", "side_titles"]


def comparison_document(sides: Sequence[Side], metrics: Sequence[str], found: Compared) -> dict[str, Any]:
    """Return the document, with values that are not finite as they are.

    Args:
        sides: what was compared.
        metrics: the metrics that were compared.
        found: the outcome.
    """
    labels = side_titles(sides)
    return {
        "baseline": sides[found.baseline].first.run_id,
        "metrics": list(metrics),
        "sides": [
            {
                "label": labels[place],
                "run_id": side.first.run_id,
                "group": side.first.tags.get(Tag.GROUP),
                "runs": [run.run_id for run in side.finished],
                "values": {metric: side.values(metric) for metric in metrics},
                "summary": {
                    metric: found.summaries[place, metric]._asdict()
                    for metric in metrics
                    if (place, metric) in found.summaries
                },
            }
            for place, side in enumerate(sides)
        ],
        "comparisons": [_compared(sides, each) for each in found.comparisons.values()],
        "family": found.family,
        "held": found.held,
        "ranks": [_ranked(sides, each) for each in found.rankings],
    }


def side_titles(sides: Sequence[Side]) -> list[str]:
    """Return the names of the first runs, with the ids where two share one."""
    titles = Counter(side.first.title for side in sides)
    return [
        side.first.title if titles[side.first.title] == 1 else f"{side.first.title} ({side.first.short_id})"
        for side in sides
    ]


def rank_titles(sides: Sequence[Side], each: Ranking) -> list[str]:
    """Return the titles of ranked configs: those of their runs on the first dataset."""
    return side_titles([sides[places[0]] for places in each.places])


def _ranked(sides: Sequence[Side], each: Ranking) -> dict[str, Any]:
    labels = rank_titles(sides, each)
    return {
        "metric": each.metric,
        "datasets": list(each.datasets),
        "configs": [
            {
                "label": label,
                "run_ids": [sides[place].first.run_id for place in places],
                "means": list(values),
                "mean_rank": rank,
            }
            for label, places, values, rank in zip(labels, each.places, each.values, each.ranks, strict=True)
        ],
        "friedman_p": each.found.p,
        "friedman_p_holm": each.p,
        "critical_difference": each.found.critical,
        "better": [[labels[one], labels[other]] for one, other in each.better],
        "words": ranking_words(each, labels),
    }


def _compared(sides: Sequence[Side], each: Comparison) -> dict[str, Any]:
    finding, better = each.finding, each.superiority
    return {
        "run_id": sides[each.side].first.run_id,
        "metric": each.metric,
        "difference": finding and finding.estimate,
        "low": finding and finding.low,
        "high": finding and finding.high,
        "p": finding and finding.p,
        "p_holm": finding and finding.corrected,
        "method": finding and str(finding.method),
        "about": finding and ("networks" if each.is_of_networks else "configs"),
        **_on_samples(each.difference if each.is_of_networks else None),
        "real": finding.is_real if finding else None,
        "superiority": better and better._asdict(),
        "doubt": each.doubt and each.doubt.words,
        "words": each.words,
    }


def _on_samples(difference: Difference | None) -> dict[str, int | None]:
    """Return on how many samples two networks were compared, and how many each alone classified correctly."""
    found = difference if isinstance(difference, Disagreement) else None
    return {
        "samples": difference.samples if isinstance(difference, Disagreement | LossDifference) else None,
        "only_this": found.only_first if found else None,
        "only_baseline": found.only_second if found else None,
    }
