"""Name a run that is about to be queued, by how it differs from the latest runs of its experiment."""

from trainer.config import Config, Vary
from trainer.config.naming import Named, run_name
from trainer.errors import ConfigError, StoreError
from trainer.tracking.read.config import parse_recorded
from trainer.tracking.reader import Recorded, RunReader

__all__ = ["name_among_runs"]

_LOOKED_AT = 20


def name_among_runs(
    reader: RunReader,
    config: Config,
    *,
    source: str | None = None,
    seeded: bool = False,
    vary: Vary = Vary.SEED,
) -> str | None:
    """Return a name that distinguishes the run from the latest ones of its experiment; None if it keeps its own name.

    Args:
        reader: reads the store that the run is queued in, with one query.
        config: the config of the run.
        source: the id of the run that it repeats or continues.
        seeded: whether it is queued together with its other repeats.
        vary: what differs between the repeats.
    """
    if config.name is not None and source is None and not seeded:
        return None
    try:
        found = reader.recorded(config.experiment, _LOOKED_AT, also=source)
    except StoreError:
        # A run can do without this name; a store that does not respond refuses the run itself.
        found = ()
    first = next((named for each in found if each.run_id == source and (named := _named(each))), None)
    neighbors = [named for each in found if (named := _named(each))]
    return run_name(config, neighbors, source=first, seeded=seeded, vary=vary)


def _named(recorded: Recorded) -> Named | None:
    """Return None for runs of other programs or versions, and for those whose config is too long for a tag."""
    try:
        return Named(recorded.name, parse_recorded(recorded.config_text)) if recorded.config_text else None
    except ConfigError:
        return None
