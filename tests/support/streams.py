"""Data of a test once held in memory and once streamed."""

from pathlib import Path

from trainer.config import Config
from trainer.data import Splits, load
from trainer.data.prepared import Stream
from trainer.home import Home

__all__ = ["held_and_streamed"]


def held_and_streamed(config: Config, folder: Path) -> tuple[Splits, Splits]:
    """Return the config's data held in memory, and streamed as if they were too large for it."""
    held, streamed = (load(config.dataset, home=Home(folder), held=limit) for limit in (None, 0))
    assert not isinstance(held.train.x, Stream)
    assert isinstance(streamed.train.x, Stream)
    return held, streamed
