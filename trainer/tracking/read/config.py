"""Read the config of a run, wherever it is recorded."""

import json
from collections.abc import Callable

from trainer.config import Config, load_config, parse_config
from trainer.errors import ConfigError
from trainer.tracking.files import CONFIG_FILE
from trainer.tracking.run import Run
from trainer.tracking.tags import Tag

__all__ = ["config_of", "config_text", "known_config", "parse_recorded"]

# A function that reads an artifact of a run, like `RunReader.artifact`.
_Files = Callable[[Run, str], bytes | None]


def config_of(read: _Files, run: Run) -> Config:
    """Return the config of a run, with the experiment in which the run is now.

    Raises:
        ConfigError: the run has none, as those of other programs, or one that this version does not know.
    """
    text = config_text(read, run)
    if text is None and Tag.SWEEP_QUEUE in run.tags:
        raise ConfigError(
            f"Run {run.short_title} is a sweep, which has no config of its own; choose one of its trials, which "
            f"`fitboard sweep show {run.short_id}` lists."
        )
    if text is None:
        raise ConfigError(
            f"Run {run.run_id} has no config, because it was logged by another program; "
            "choose a run created by Fitboard."
        )
    return parse_recorded(text).model_copy(update={"experiment": run.experiment})


def known_config(read: _Files, run: Run) -> Config | None:
    """Return the config as it was recorded; None where there is none that this version knows."""
    text = config_text(read, run)
    try:
        return None if text is None else parse_recorded(text)
    except ConfigError:
        return None


def config_text(read: _Files, run: Run) -> str | None:
    """The recorded text: the tag, which needs no further request, or else the file; None if there is neither."""
    if Tag.CONFIG in run.tags:
        return run.tags[Tag.CONFIG]
    content = read(run, CONFIG_FILE) if run.by_fitboard else None
    return None if content is None else content.decode(errors="replace")


def parse_recorded(text: str) -> Config:
    """Return the config in a recorded text: canonical JSON in a tag, YAML in a file.

    Raises:
        ConfigError: it is neither.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return load_config(text)
    return parse_config(fields) if isinstance(fields, dict) else load_config(text)
