"""Compare runs: which of them form a group, whether their results are comparable, which differences are real."""

from trainer.comparison.basis import SAME, Basis, Doubt, bases_of, basis_of, doubt_of
from trainer.comparison.compare import Compared, Comparison, compare
from trainer.comparison.sides import Side, grouped_runs, side_of, sides_of

__all__ = [
    "SAME",
    "Basis",
    "Compared",
    "Comparison",
    "Doubt",
    "Side",
    "bases_of",
    "basis_of",
    "compare",
    "doubt_of",
    "grouped_runs",
    "side_of",
    "sides_of",
]
