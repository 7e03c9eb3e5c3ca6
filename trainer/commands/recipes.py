"""The recipes command."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, print_json
from trainer.config import RECIPES, dump_config, find_recipe

__all__ = ["recipes"]


def recipes(
    name: Annotated[str | None, typer.Argument(help="Recipe to print as YAML.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """List the configs that ship with Fitboard, or print one as YAML."""
    # Only to refuse invalid options, as every command does.
    Place.of(home, tracking_uri)
    if name is not None:
        found = find_recipe(name)
        config = dump_config(found.config)
        if as_json:
            print_json({"name": found.name, "title": found.title, "parameters": found.parameters, "config": config})
        else:
            sys.stdout.write(config)
    elif as_json:
        print_json(
            {"recipes": [{"name": each.name, "title": each.title, "parameters": each.parameters} for each in RECIPES]}
        )
    else:
        table = Table("name", "title", "parameters", box=None, header_style="dim")
        for each in RECIPES:
            table.add_row(each.name, each.title, f"{each.parameters:,}" if each.parameters else "")
        console().print(table)
