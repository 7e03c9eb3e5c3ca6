"""How the samples of a file are divided into training, validation and test data."""

from typing import Annotated, Literal

from trainer.config.component import Component, Registry, option
from trainer.config.values import Flag, Text

__all__ = ["SPLITS", "AnySplit", "ColumnSplit", "GroupSplit", "RandomSplit", "Split", "TimeSplit"]


class Split(Component):
    """Base class of the splits."""

    key = "by"


class RandomSplit(Split):
    """Random samples, drawn with split_seed."""

    by: Literal["random"] = "random"
    stratify: Flag = option(True, "Whether each part has the same proportion of every class, in a classification.")


class GroupSplit(Split):
    """Random groups, so that all samples of a group are in the same part; the fractions are fractions of the groups."""

    by: Literal["group"] = "group"
    column: Text = option(..., "Column that names the group of a sample, such as a patient.", min_length=1, column=True)


class TimeSplit(Split):
    """The earliest samples for training, later ones for validation, and the latest for testing."""

    by: Literal["time"] = "time"
    column: Text = option(..., "Column with the time of a sample: a date, or a number.", min_length=1, column=True)


class ColumnSplit(Split):
    """The parts that a column of the file names: train, validation or test."""

    by: Literal["column"] = "column"
    column: Text = option(
        ..., "Column with the part of a sample: train, validation or test.", min_length=1, column=True
    )


SPLITS = Registry.of("split", [RandomSplit, GroupSplit, TimeSplit, ColumnSplit], exact=True)

AnySplit = Annotated[Split, SPLITS]
