"""Statistics of runs that a comparison shows. Pure: from numbers to numbers and words.

SciPy and statsmodels are imported by the functions that need them: together they take a second.
"""

from trainer.statistics.course import Course, Ends, course_of
from trainer.statistics.difference import Difference, MeanDifference, Method, paired, resampled, welch
from trainer.statistics.expected_best import ExpectedBest, expected_best
from trainer.statistics.family import ALPHA, Finding, findings, holm
from trainer.statistics.importance import FEWEST_RUNS, METHOD, RESAMPLES, Importance, importances
from trainer.statistics.intervals import Summary, summarize, summarize_all, summary_of
from trainer.statistics.more_runs import MOST_RUNS, more_runs
from trainer.statistics.ranks import MeanRanks, mean_ranks
from trainer.statistics.same_samples import Disagreement, LossDifference, mcnemar, paired_bootstrap
from trainer.statistics.superiority import Superiority, superiority
from trainer.statistics.verdict import difference_words, verdict_words
from trainer.statistics.words import count_words, interval_words, mean_words, summary_words

__all__ = [
    "ALPHA",
    "FEWEST_RUNS",
    "METHOD",
    "MOST_RUNS",
    "RESAMPLES",
    "Course",
    "Difference",
    "Disagreement",
    "Ends",
    "ExpectedBest",
    "Finding",
    "Importance",
    "LossDifference",
    "MeanDifference",
    "MeanRanks",
    "Method",
    "Summary",
    "Superiority",
    "count_words",
    "course_of",
    "difference_words",
    "expected_best",
    "findings",
    "holm",
    "importances",
    "interval_words",
    "mcnemar",
    "mean_ranks",
    "mean_words",
    "more_runs",
    "paired",
    "paired_bootstrap",
    "resampled",
    "summarize",
    "summarize_all",
    "summary_of",
    "summary_words",
    "superiority",
    "verdict_words",
    "welch",
]
