"""The file of the weights that a run starts from."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.config import Config, FileWeights, RunWeights
from trainer.data.sources.file import checked_file, find_file
from trainer.errors import ConfigError, StoreError, StoreUnreachableError
from trainer.home import Home

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["start_file"]

_NAME = "start.keras"


def start_file(config: Config, store: "Store", home: Home, *, folder: Path) -> Path | None:
    """Return the file of the weights that a config starts from, None if they are random.

    The weights of a run are copied from the store to `folder`, the run's own.

    Raises:
        ConfigError: the run has no model, or is not in the store.
        DataError: the file does not exist or cannot be read.
    """
    start = config.weights
    if isinstance(start, FileWeights):
        return checked_file(find_file(start.path, home))
    if not isinstance(start, RunWeights):
        return None
    from trainer.tracking.read.model_file import copy_keras_file

    try:
        return copy_keras_file(store, start.run, folder / _NAME)
    except StoreUnreachableError:
        raise
    except StoreError as error:
        raise ConfigError(f"The weights of run {start.run} cannot be used: {error}") from error
