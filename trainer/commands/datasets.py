"""The datasets command."""

from typing import Any

from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, print_json
from trainer.data import Schema, catalogue, is_available
from trainer.format import readable_bytes

__all__ = ["datasets"]


def datasets(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """List the datasets and which of them need a download."""
    place = Place.of(home, tracking_uri)
    found = [(schema, is_available(schema.name, home=place.home)) for schema in catalogue(place.home)]
    if as_json:
        print_json({"datasets": [_dataset(schema, here) for schema, here in found]})
        return
    table = Table("name", "title", "samples", "shape", "classes", "", box=None, header_style="dim")
    for schema, here in found:
        download = "" if here else f"{readable_bytes(schema.download_bytes or 0)} to download"
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
