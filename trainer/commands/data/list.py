"""The data list command."""

from typing import Any

from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.data.library import Entry, Library, State
from trainer.format import clock, readable_bytes

__all__ = ["list_datasets"]


def list_datasets(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """List the kept datasets, and whether their files have changed since they were added."""
    place = Place.of(home, tracking_uri)
    library = Library(place.home)
    found = [(entry, library.state(entry)) for entry in library.entries()]
    if as_json:
        print_json({"datasets": [_document(entry, state) for entry, state in found]})
        return
    if not found:
        echo("No datasets are kept yet; `fitboard data add FILE` adds one.")
        return
    table = Table("name", "kind", "rows", "columns", "size", "versions", "added", "file", box=None, header_style="dim")
    for entry, state in found:
        newest = entry.newest
        table.add_row(
            entry.name,
            str(entry.dataset["name"]),
            f"{newest.rows:,}",
            f"{newest.columns_in_all:,}",
            readable_bytes(newest.size),
            str(len(entry.versions)),
            clock(newest.added, to="minutes"),
            str(entry.dataset["path"]) if state is State.CURRENT else f"{entry.dataset['path']} ({state})",
        )
    console().print(table, markup=False)


def _document(entry: Entry, state: State) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": str(entry.dataset["name"]),
        "rows": entry.newest.rows,
        "columns": entry.newest.columns_in_all,
        "bytes": entry.newest.size,
        "digest": entry.newest.digest,
        "versions": len(entry.versions),
        "added": entry.newest.added,
        "state": str(state),
        "dataset": dict(entry.dataset),
    }
