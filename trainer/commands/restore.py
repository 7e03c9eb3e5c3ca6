"""The restore command."""

from trainer.commands.answers import RunsArgument, answer, found_runs
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption
from trainer.execution.control import removal

__all__ = ["restore"]


def restore(
    runs: RunsArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Restore deleted runs; `fitboard runs --deleted` lists them."""
    place = Place.of(home, tracking_uri)
    found = found_runs(place, runs, deleted=True)
    store = place.store()
    answer(place, found, lambda run: removal.restore(store, run), "Restored {}.", as_json=as_json)
