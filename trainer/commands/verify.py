"""verify: whether two runs are the same to the last bit."""

from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, RunArgument, UriOption, print_json
from trainer.reproduce import verify as verdict_on

__all__ = ["verify"]


def verify(
    run: RunArgument,
    other: Annotated[str, typer.Argument(metavar="RUN", help="Another run.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Are these two runs the same to the last bit, and if not, where do they part. Exit status 1 where they differ."""
    place = Place.of(home, tracking_uri)
    runs = place.run(run), place.run(other)
    verdict = verdict_on(place.reader(), *runs)
    if as_json:
        print_json({**verdict.document(), "runs": [each.run_id for each in runs], "sentence": verdict.sentence()})
    else:
        typer.echo(verdict.sentence())
    if not verdict.identical:
        raise typer.Exit(1)
