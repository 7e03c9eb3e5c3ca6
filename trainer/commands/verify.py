"""The verify command."""

from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, RunArgument, UriOption, print_json
from trainer.reproduce import verify as verdict_on
from trainer.sweeps.records import refuse_sweep

__all__ = ["verify"]


def verify(
    run: RunArgument,
    other: Annotated[str, typer.Argument(metavar="RUN", help="Run to compare with.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Verify that two runs are identical to the last bit, or show where they first differ.

    Exits with 1 if they differ.
    """
    place = Place.of(home, tracking_uri)
    runs = place.run(run), place.run(other)
    for each in runs:
        refuse_sweep(each)
    verdict = verdict_on(place.reader(), *runs)
    if as_json:
        print_json({**verdict.document(), "runs": [each.run_id for each in runs], "sentence": verdict.sentence()})
    else:
        typer.echo(verdict.sentence())
    if not verdict.identical:
        raise typer.Exit(1)
