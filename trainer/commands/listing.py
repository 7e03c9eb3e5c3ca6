"""datasets, recipes, doctor: what there is, and what is wrong with this installation."""

import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from trainer.commands.common import HomeOption, JsonOption, Place, UriOption, answer, console
from trainer.commands.diagnosis import Finding, diagnose
from trainer.config import RECIPES, dump_config, find_recipe
from trainer.data import Schema, catalogue, is_available

__all__ = ["datasets", "doctor", "recipes"]


def datasets(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """Every data set, and whether it has to be downloaded first."""
    place = Place.of(home, tracking_uri)
    found = [(schema, is_available(schema.name, home=place.home)) for schema in catalogue(place.home)]
    if as_json:
        answer({"datasets": [_dataset(schema, here) for schema, here in found]})
        return
    table = Table("name", "what", "samples", "shape", "classes", "", box=None, header_style="dim")
    for schema, here in found:
        download = "" if here else f"downloads {(schema.download_bytes or 0) / 1e6:,.0f} MB"
        classes = str(schema.classes or "regression")
        table.add_row(schema.name, schema.title, f"{schema.samples:,}", str(schema.input_shape), classes, download)
    console().print(table)


def _dataset(schema: Schema, here: bool) -> dict[str, Any]:
    return {
        "name": schema.name,
        "title": schema.title,
        "kind": str(schema.kind),
        "task": str(schema.task),
        "input_shape": list(schema.input_shape),
        "classes": schema.classes,
        "samples": schema.samples,
        "available": here,
        "download_bytes": schema.download_bytes,
    }


def recipes(
    name: Annotated[str | None, typer.Argument(help="Print this recipe's YAML.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """The configs that ship with Fitboard; with a name, that one's YAML."""
    Place.of(home, tracking_uri)
    if name is not None:
        found = find_recipe(name)
        config = dump_config(found.config)
        if as_json:
            answer({"name": found.name, "title": found.title, "parameters": found.parameters, "config": config})
        else:
            sys.stdout.write(config)
    elif as_json:
        answer(
            {"recipes": [{"name": each.name, "title": each.title, "parameters": each.parameters} for each in RECIPES]}
        )
    else:
        table = Table("name", "what", "parameters", box=None, header_style="dim")
        for each in RECIPES:
            table.add_row(each.name, each.title, f"{each.parameters:,}" if each.parameters else "")
        console().print(table)


def doctor(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """Tell what is wrong with this installation. Exit status 1 where something is."""
    place = Place.of(home, tracking_uri)
    findings: list[Finding] = []
    out = console()
    for finding in diagnose(place):
        findings.append(finding)
        if not as_json:
            mark = {True: "[green]ok[/]  ", False: "[red]bad[/] ", None: "[dim]–[/]   "}[finding.ok]
            out.print(f"{mark} {finding.what}: ", end="")
            out.print(finding.told, markup=False)
    if as_json:
        answer({"ok": all(each.ok is not False for each in findings), "findings": [vars(each) for each in findings]})
    if any(each.ok is False for each in findings):
        raise typer.Exit(1)
