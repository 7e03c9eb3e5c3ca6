"""The adopt command."""

from trainer.commands.options import (
    HomeOption,
    JsonOption,
    Place,
    RunArgument,
    UriOption,
)
from trainer.commands.resume import report_queued
from trainer.execution.control.resume import adopt as take_over

__all__ = ["adopt"]


def adopt(
    run: RunArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Take over a run whose process no longer exists or whose host is silent, and finish training it here."""
    place = Place.of(home, tracking_uri)
    found = place.run(run)
    take_over(place.store(), found, home=place.home)
    report_queued(place, found.run_id, as_json=as_json)
