"""The data rm command."""

from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json
from trainer.data.library import Library
from trainer.format import readable_bytes

__all__ = ["rm"]


def rm(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a kept dataset.")],
    copies: Annotated[
        bool, typer.Option("--copies", help="Also delete its copies in the home; reruns of its runs then need them.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Remove a kept dataset from the list. The file that was added stays; so do copies in the home without --copies."""
    place = Place.of(home, tracking_uri)
    freed = Library(place.home).remove(name, copies=copies)
    if as_json:
        print_json({"name": name, "freed_bytes": freed})
        return
    echo(f"Removed {name}." + (f" Its copies took {readable_bytes(freed)}." if freed else ""))
