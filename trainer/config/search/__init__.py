"""Sweeps as data: the search space, the settings, and the file with both. Imports no Optuna."""

from trainer.config.search.domains import Choices, Domain, Range, Repeat
from trainer.config.search.fixed import SAMPLES
from trainer.config.search.settings import UNCONFIRMED, Confirmation, Direction, Pruner, Sampler, SweepSettings
from trainer.config.search.space import Dimension, Space, Values
from trainer.config.search.sweep_file import SweepFile, dump_search, load_sweep, parse_sweep

__all__ = [
    "SAMPLES",
    "UNCONFIRMED",
    "Choices",
    "Confirmation",
    "Dimension",
    "Direction",
    "Domain",
    "Pruner",
    "Range",
    "Repeat",
    "Sampler",
    "Space",
    "SweepFile",
    "SweepSettings",
    "Values",
    "dump_search",
    "load_sweep",
    "parse_sweep",
]
