"""The replay command."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.json_output import shown
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json
from trainer.execution.keras_backend import check_keras_backend
from trainer.reproduce import read_record
from trainer.tracking import Status, Tag, short_id

__all__ = ["replay"]


def replay(
    file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Bundle written by `export --to bundle`.")],
    data: Annotated[Path | None, typer.Option("--data", help="Data file, if the bundle does not include it.")] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", help="File of the weights that the run started from, if it did.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Run a bundle on this machine and verify its numbers. Exits with 1 if they differ.

    Untrusted bundles are safe: nothing in a bundle is executed.
    """
    from trainer.commands.foreground import train_here
    from trainer.reproduce.bundle_reader import read_bundle
    from trainer.reproduce.replay import config_here, judge

    check_keras_backend()
    place = Place.of(home, tracking_uri)
    bundle = read_bundle(file)
    # The bundle's own data are stored in home.
    place.home.make()
    config = config_here(bundle, home=place.home, data=data, weights=weights)
    echo(f"Replaying run {short_id(bundle.run_id)} from {file.name}: {config.dataset.kind}, epochs {config.epochs:,}.")
    run = train_here(place, config, threads=bundle.threads)
    verdict = judge(bundle, config, read_record(place.reader(), run))
    tags: dict[str, str] = {Tag.REPLAY_OF: bundle.run_id}
    if run.status is Status.FINISHED:
        tags[Tag.VERDICT] = verdict.dumps()
    place.store().set_tags(run.run_id, tags)
    if as_json:
        print_json(shown(place.reader(), place.run(run.run_id)))
    else:
        typer.echo(verdict.sentence())
    if not verdict.identical:
        raise typer.Exit(1)
