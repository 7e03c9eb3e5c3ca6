"""Statistics of runs that a comparison shows. Pure: from numbers to numbers and words."""

from trainer.statistics.course import Course, course_of
from trainer.statistics.intervals import Summary, summarize, summarize_all
from trainer.statistics.words import count_words, interval_words, mean_words, summary_words

__all__ = [
    "Course",
    "Summary",
    "count_words",
    "course_of",
    "interval_words",
    "mean_words",
    "summarize",
    "summarize_all",
    "summary_words",
]
