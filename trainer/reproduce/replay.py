"""Replay a bundle: its config with the data on this machine, and the verdict."""

from dataclasses import replace
from pathlib import Path

from trainer.config import Config, FileDataset, FileWeights, Npz
from trainer.data import keep_upload
from trainer.data.packed import unpack_folder
from trainer.data.uploads import LARGEST_UPLOAD, keep_file
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.reproduce.bundle import Bundle, data_name
from trainer.reproduce.record import RunRecord
from trainer.reproduce.verdict import Verdict, compare

__all__ = ["config_here", "judge"]


def config_here(bundle: Bundle, *, home: Home, data: Path | None = None, weights: Path | None = None) -> Config:
    """Return the bundle's config with the path of its data: `data`, or the bundle's own, which are stored in home.

    `weights` is the file of the weights that its run started from, if it started from any.

    A path in the bundle is never read, since whoever made the bundle could name any file on this machine.

    Raises:
        ConfigError: the bundle needs a data file but has none, or weights from a file that is not given.
        DataError: the data are not valid.
    """
    config = _with_weights(bundle.config, weights)
    if not isinstance(config.dataset, FileDataset):
        return config
    if data is None and bundle.data is None:
        raise ConfigError(
            "The bundle was trained on a file that it does not include; give the file with --data, or export "
            "the bundle again with --with-data."
        )
    if data is not None:
        path = data.absolute()
    elif bundle.is_folder:
        path = unpack_folder(bundle.data or b"", home=home, limit=LARGEST_UPLOAD)
    elif isinstance(config.dataset, Npz):
        path = keep_upload(bundle.data or b"", home=home)
    else:
        path = keep_file(bundle.data or b"", home=home, name=str(data_name(config.dataset)))
    return config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": str(path)})})


def _with_weights(config: Config, file: Path | None) -> Config:
    start = config.weights
    if file is not None and start is not None:
        path = str(file.absolute())
        return config.model_copy(update={"weights": FileWeights(path=path, skip_mismatch=start.skip_mismatch)})
    if isinstance(start, FileWeights):
        raise ConfigError("The bundle was trained from the weights in a file; give that file with --weights.")
    return config


def judge(bundle: Bundle, config: Config, replayed: RunRecord) -> Verdict:
    """Return the verdict on a replay; the location of the data does not count as a difference."""
    return compare(replace(bundle.record, config_digest=config.digest), replayed)
