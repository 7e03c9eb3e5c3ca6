"""The contents of a bundle: a zip with everything needed to run and verify a run on another machine."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.config import Config, FileDataset
from trainer.data.uploads import TABLE_ENDINGS
from trainer.errors import ConfigError
from trainer.reproduce.record import RunRecord
from trainer.tracking.files import CONFIG_FILE, ENVIRONMENT_FILE

__all__ = [
    "CONFIG",
    "DATA",
    "ENVIRONMENT",
    "FOLDER",
    "HISTORY",
    "LIMITS",
    "MANIFEST",
    "MODEL",
    "REQUIRED",
    "SCRIPT",
    "Bundle",
    "data_name",
    "dump_values",
    "load_values",
]

MANIFEST = "bundle.json"
CONFIG = CONFIG_FILE
ENVIRONMENT = ENVIRONMENT_FILE
HISTORY = "history.json"
SCRIPT = "script.py"
MODEL = "model.keras"
DATA: Mapping[str, str] = {kind: f"data.{kind}" for kind in ("npz", "csv", "parquet", "xlsx")}
"""The name of the user's own file in a bundle, by the kind of the dataset, as far as the kind decides it."""

FOLDER = "data.zip"
"""The name of a folder in a bundle, and of a zip file of pictures."""

_ENDINGS = (*TABLE_ENDINGS, ".zip")

_MEGABYTE = 1_000_000
LIMITS: Mapping[str, int] = {
    MANIFEST: _MEGABYTE,
    CONFIG: _MEGABYTE,
    ENVIRONMENT: _MEGABYTE,
    HISTORY: 100 * _MEGABYTE,
    SCRIPT: 2 * _MEGABYTE,
    MODEL: 8_000 * _MEGABYTE,
    # A replay stores the data like an upload, which has the same limit.
    **dict.fromkeys([*DATA.values(), *(f"data{ending}" for ending in _ENDINGS)], 200 * _MEGABYTE),
}
"""The files that a bundle can contain, and their maximum sizes in bytes."""

REQUIRED = (MANIFEST, CONFIG, ENVIRONMENT, HISTORY)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """An opened and checked bundle. A replay is compared with `record`; `data` is the user's own file.

    `is_folder` tells that it is a zip file of the user's own folder.
    """

    run_id: str
    config: Config
    record: RunRecord
    threads: Mapping[str, int] | None = None
    data: bytes | None = None
    is_folder: bool = False


def data_name(dataset: FileDataset) -> str | None:
    """Return the name of a dataset's file in a bundle; None if the data are not a single file of a known kind."""
    ending = Path(dataset.path).suffix.lower()
    return DATA.get(dataset.kind) or (f"data{ending}" if ending in _ENDINGS else None)


def dump_values(values: Mapping[str, Mapping[int, float]]) -> bytes:
    """Write `history.json`: metric → list of [epoch, value]; a value that is not finite is written as its name."""
    plain = {name: [[step, _plain(value)] for step, value in sorted(steps.items())] for name, steps in values.items()}
    return json.dumps(plain, indent=1, allow_nan=False).encode()


def load_values(document: Any) -> dict[str, dict[int, float]]:
    """Read what `dump_values` wrote.

    Raises:
        ConfigError: the document is not a valid history.
    """
    try:
        values = {str(name): {int(step): float(value) for step, value in points} for name, points in document.items()}
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ConfigError(f"{HISTORY} is not a valid history ({error}); export the bundle again.") from error
    below = [(name, step) for name, steps in values.items() for step in steps if step < 0]
    if below:
        raise ConfigError(
            f"{HISTORY} is not a valid history ({below[0][0]} at step {below[0][1]}); export the bundle again."
        )
    return values


def _plain(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
