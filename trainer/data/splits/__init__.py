"""Divide the samples of a file into training, validation and test data: at random, by group, by time, by a column."""

from trainer.data.splits.divide import divide

__all__ = ["divide"]
