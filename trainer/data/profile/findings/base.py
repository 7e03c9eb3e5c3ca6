"""A finding in a table, and what the rules that look for findings may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.config import DATASETS
from trainer.config.check import Edit, Problem, Severity
from trainer.data.profile.column import Column
from trainer.data.profile.summary import ColumnSummary
from trainer.format import cut

__all__ = ["Finding", "FindingKind", "View", "ignoring", "missing_too", "quoted", "role", "warn"]

_LONGEST = 40


class FindingKind(StrEnum):
    """What a finding is about."""

    IDENTIFIER = "identifier"
    LEAK = "leak"
    CONSTANT = "constant"
    EMPTY = "empty"
    DUPLICATE_COLUMN = "duplicate_column"
    DUPLICATE_ROWS = "duplicate_rows"
    ROWS_IN_SEVERAL_PARTS = "rows_in_several_parts"
    FEW_SAMPLES = "few_samples"
    IMBALANCE = "imbalance"
    SIMILAR_LABELS = "similar_labels"
    DATES_AS_TEXT = "dates_as_text"
    NUMBERS_AS_TEXT = "numbers_as_text"
    TIME = "time"
    GROUPS = "groups"
    CLASSES_AS_NUMBERS = "classes_as_numbers"
    EXTREME = "extreme"
    CODED_MISSING = "coded_missing"
    SERIES = "series"
    TARGET = "target"
    UNSUPPORTED = "unsupported"
    PICTURES = "pictures"
    BROKEN_PICTURES = "broken_pictures"
    SEVERAL_CLASSES = "several_classes"
    ANIMATED = "animated"


class Finding(Problem):
    """A problem in the data, with its evidence in `message`; `column` is the first column concerned, if any."""

    kind: FindingKind
    column: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """A table as the rules see it: columns, their summaries, and the fields of the dataset in a config.

    `find_parts` returns None if it is not known which rows are in which part, and otherwise an array of shape (rows,):
    0, 1 or 2 for training, validation and test rows, -1 for those that are left out. If the columns are those of a
    sample of the rows, `whole` are the summaries of all rows, and `words` the texts of each column that are no numbers
    with the rows of each, if these are up to three.
    """

    columns: Mapping[str, Column]
    summaries: Mapping[str, ColumnSummary]
    rows: int
    dataset: Mapping[str, Any] = field(default_factory=dict)
    find_parts: Callable[[], NDArray[np.int8] | None] = lambda: None
    whole: Mapping[str, ColumnSummary] | None = None
    words: Mapping[str, Mapping[str, int]] | None = None

    @property
    def all_rows(self) -> Mapping[str, ColumnSummary]:
        """The summaries of all rows."""
        return self.whole or self.summaries

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The names of the targets that the table has."""
        given = self.dataset.get("target") or ()
        names = [given] if isinstance(given, str) else given
        return tuple(name for name in names if name in self.columns)

    @property
    def is_series(self) -> bool:
        """Whether the rows are the steps of time series."""
        return bool(self.dataset.get("name") == "series")

    @property
    def can_read_dates(self) -> bool:
        """Whether the config can say how the dates of a column are written."""
        cls = DATASETS.members.get(str(self.dataset.get("name")))
        return cls is not None and "date_formats" in cls.model_fields

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """The roles that the config sets."""
        return self.dataset.get("columns") or {}

    @cached_property
    def split(self) -> Mapping[str, Any]:
        """The split of the config."""
        if self.is_series:
            return {"by": "time"}
        given = self.dataset.get("split") or {}
        return {"by": given} if isinstance(given, str) else given

    @cached_property
    def parts(self) -> NDArray[np.int8] | None:
        """The part of each row, as `find_parts` returns it."""
        return self.find_parts()

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The columns that a network would get: neither ignored, nor targets, nor the weight, nor those of a split."""
        used = {*self.targets, self.dataset.get("weight")}
        # The times of a split are an input as well; groups and parts would give the split itself away.
        used |= {self.split.get("column")} if self.split.get("by") in ("group", "column") else set()
        # Time and id of a series are no inputs, unless they are given a role.
        order = {self.dataset.get("time"), self.dataset.get("id")} if self.is_series else set()
        used |= {name for name in order if name not in self.roles}
        return tuple(name for name in self.columns if name not in used and self.roles.get(name) != "ignore")

    @cached_property
    def is_classification(self) -> bool:
        """Whether the only target has classes: text, truth values, or integers of at most 100 distinct values."""
        if len(self.targets) != 1 or self.is_series or self.dataset.get("task") == "regression":
            return False
        column, about = self.columns[self.targets[0]], self.summaries[self.targets[0]]
        if self.dataset.get("task") == "classification" or column.is_labelled:
            return True
        # pandas writes integers of which some are missing with a decimal point.
        return column.as_integers().type == "integer" and about.distinct <= min(100, max(2, about.rows // 10))


def warn(
    kind: FindingKind,
    column: str | None,
    message: str,
    fix: str | None = None,
    edits: Sequence[Edit] = (),
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    """Return a finding about a column, or about the whole dataset."""
    where = "dataset" if column is None else f"dataset.columns.{column}"
    return Finding(
        severity=severity, where=where, message=message, fix=fix, edits=tuple(edits), kind=kind, column=column
    )


def quoted(text: str) -> str:
    """Return a name or a value in quotation marks, shortened."""
    return repr(cut(text, _LONGEST))


def role(column: str, chosen: str) -> Edit:
    """Return the edit that sets the role of a column."""
    return Edit(action="set", path=("dataset", "columns", column), value=chosen)


def ignoring(column: str) -> tuple[str, list[Edit]]:
    """Return the words and the edit that leave a column out."""
    return f"Ignore column {quoted(column)}.", [role(column, "ignore")]


def missing_too(values: Sequence[str]) -> tuple[str, list[Edit]]:
    """Return the words and the edits that count values as missing."""
    edits = [Edit(action="insert", path=("dataset", "missing", 0), value=value) for value in reversed(values)]
    return f"Treat {', '.join(quoted(value) for value in values)} as missing.", edits
