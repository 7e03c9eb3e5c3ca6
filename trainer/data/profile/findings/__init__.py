"""Find problems in a table: each rule looks at one thing, and says what it found and how to fix it."""

from collections.abc import Callable, Iterable

from trainer.data.profile.findings.base import Finding, FindingKind, View
from trainer.data.profile.findings.columns import (
    constant_columns,
    duplicate_columns,
    groups,
    identifiers,
    unsupported_columns,
)
from trainer.data.profile.findings.leaks import leaks
from trainer.data.profile.findings.paths import picture_paths
from trainer.data.profile.findings.rows import duplicate_rows, time_columns
from trainer.data.profile.findings.series import series_findings
from trainer.data.profile.findings.target import class_sizes, similar_labels, unusable_targets
from trainer.data.profile.findings.values import dates_as_text, numbers_as_classes, numbers_as_text, odd_numbers

__all__ = ["RULES", "Finding", "FindingKind", "View", "findings"]

RULES: tuple[Callable[[View], Iterable[Finding]], ...] = (
    unusable_targets,
    picture_paths,
    series_findings,
    leaks,
    duplicate_rows,
    time_columns,
    groups,
    identifiers,
    constant_columns,
    duplicate_columns,
    unsupported_columns,
    similar_labels,
    class_sizes,
    numbers_as_text,
    dates_as_text,
    odd_numbers,
    numbers_as_classes,
)
"""The rules, in the order in which their findings are shown."""

_HIDE_OTHERS = (FindingKind.LEAK, FindingKind.IDENTIFIER, FindingKind.CONSTANT, FindingKind.DUPLICATE_COLUMN)
# Those whose numbers of rows are of all of them, even if the columns are those of a sample.
_OF_ALL_ROWS = (
    FindingKind.IDENTIFIER,
    FindingKind.CONSTANT,
    FindingKind.EMPTY,
    FindingKind.GROUPS,
    FindingKind.TARGET,
    FindingKind.UNSUPPORTED,
    FindingKind.NUMBERS_AS_TEXT,
)


def findings(view: View) -> tuple[Finding, ...]:
    """Return all findings in a table; a column that should be ignored has only the finding that says so."""
    found = [finding for rule in RULES for finding in rule(view)]
    # Dates and numbers that all differ look like names of the rows too, but can be read.
    dates = {each.column for each in found if each.kind is FindingKind.DATES_AS_TEXT and each.edits}
    readable = dates | {each.column for each in found if each.kind is FindingKind.NUMBERS_AS_TEXT}
    found = [each for each in found if each.kind is not FindingKind.IDENTIFIER or each.column not in readable]
    if any(each.kind is FindingKind.PICTURES for each in found):
        # A table of pictures has no other inputs.
        others = set(view.inputs)
        found = [each for each in found if each.column not in others or each.kind is FindingKind.PICTURES]
    ignored = {each.column: each.kind for each in reversed(found) if each.kind in _HIDE_OTHERS and each.column}
    left = (each for each in found if each.column not in ignored or ignored[each.column] is each.kind)
    return tuple(_in_sample(each, view) for each in left)


def _in_sample(finding: Finding, view: View) -> Finding:
    """Return the finding with the number of rows that it is about, if these are not all."""
    if view.whole is None or finding.kind in _OF_ALL_ROWS:
        return finding
    return finding.model_copy(update={"message": f"In a sample of {view.rows:,} rows: {finding.message}"})
