"""Divide the samples of a file into training, validation and test data: at random, by group, by time, by a column."""

from trainer.data.splits.divide import divide, divide_groups, group_numbers

__all__ = ["divide", "divide_groups", "group_numbers"]
