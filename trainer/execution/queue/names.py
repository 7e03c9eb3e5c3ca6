"""The name of a run that is about to be queued, from the runs around it in the store."""

from trainer.config import Config
from trainer.config.naming import Named, run_name
from trainer.errors import ConfigError, StoreError
from trainer.tracking.read.config import parse_recorded
from trainer.tracking.reader import Recorded, RunReader

__all__ = ["name_among_runs"]

_LOOKED_AT = 20


def name_among_runs(
    reader: RunReader, config: Config, *, source: str | None = None, seeded: bool = False
) -> str | None:
    """What to call a run of this config beside the latest runs of its experiment; None where it keeps its own name.

    Args:
        reader: of the store that the run is queued in; asked once.
        config: what the run trains.
        source: the id of the run that it repeats or goes on from.
        seeded: whether it is queued together with runs that differ in the seed alone.
    """
    if config.name is not None and source is None and not seeded:
        return None
    try:
        found = reader.recorded(config.experiment, _LOOKED_AT, also=source)
    except StoreError:
        # A name is not worth a refusal; a store that is away refuses the run itself.
        found = ()
    first = next((named for each in found if each.run_id == source and (named := _named(each))), None)
    return run_name(config, [named for each in found if (named := _named(each))], source=first, seeded=seeded)


def _named(recorded: Recorded) -> Named | None:
    """None for runs of other programs, of other versions, and those whose config is too long for a tag."""
    try:
        return Named(recorded.name, parse_recorded(recorded.config_text)) if recorded.config_text else None
    except ConfigError:
        return None
