"""Fitboard's trainer: configs, data, training, tracking and execution, without any page."""

__all__ = ["__version__"]

__version__ = "0.1.0"
