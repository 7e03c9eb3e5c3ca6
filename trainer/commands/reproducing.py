"""verify: whether runs repeat to the last bit."""

from typing import Annotated

import typer

from trainer.commands.common import HomeOption, JsonOption, Place, RunArgument, UriOption, answer
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
        answer({**verdict.document(), "runs": [each.run_id for each in runs], "sentence": verdict.sentence()})
    else:
        typer.echo(verdict.sentence())
    if not verdict.identical:
        raise typer.Exit(1)
