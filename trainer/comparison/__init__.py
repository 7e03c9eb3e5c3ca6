"""Compare runs: which of them form a group, whether their results are comparable, which differences are real."""

from trainer.comparison.basis import SAME, Basis, Doubt, bases_of, basis_of, doubt_of
from trainer.comparison.compare import Between, Compared, Comparison, compare
from trainer.comparison.document import comparison_document, rank_titles, side_titles
from trainer.comparison.networks import errors_of, network_difference, predictions_of, why_not_paired
from trainer.comparison.ranks import Ranking, ranking_words, rankings
from trainer.comparison.report import ReportRequest, ReportWriter
from trainer.comparison.samples import ErrorGaps, Outcomes, confusion_of, error_gaps, outcomes_of
from trainer.comparison.settings import Variable, measured, settings_of
from trainer.comparison.sides import Shares, Side, Split, grouped_runs, side_of, sides_of

__all__ = [
    "SAME",
    "Basis",
    "Between",
    "Compared",
    "Comparison",
    "Doubt",
    "ErrorGaps",
    "Outcomes",
    "Ranking",
    "ReportRequest",
    "ReportWriter",
    "Shares",
    "Side",
    "Split",
    "Variable",
    "bases_of",
    "basis_of",
    "compare",
    "comparison_document",
    "confusion_of",
    "doubt_of",
    "error_gaps",
    "errors_of",
    "grouped_runs",
    "measured",
    "network_difference",
    "outcomes_of",
    "predictions_of",
    "rank_titles",
    "ranking_words",
    "rankings",
    "settings_of",
    "side_of",
    "side_titles",
    "sides_of",
    "why_not_paired",
]
