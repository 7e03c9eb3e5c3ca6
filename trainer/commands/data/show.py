"""The data show command."""

from typing import Any

from rich.table import Table
from rich.text import Text

from trainer.commands.data.chosen import Chosen, DataArgument, FieldOption, chosen
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, print_json
from trainer.config import dump_fields
from trainer.data.library import Entry, changes
from trainer.data.profile import Bins, Profile, told_values
from trainer.format import clock, counted, cut, percent, readable_bytes

__all__ = ["show"]

_BARS = " ▁▂▃▄▅▆▇█"
_MOST_COLUMNS = 200
_LONGEST = 24
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "space"}


def show(
    data: DataArgument,
    settings: FieldOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Show what is in a file, folder or kept dataset: kind, columns, distributions, versions."""
    place = Place.of(home, tracking_uri)
    found = chosen(data, place.home, settings)
    about = found.profile()
    if as_json:
        print_json({**about.model_dump(mode="json"), "versions": _versions(found.entry)})
        return
    _print(found, about)


def _print(found: Chosen, about: Profile) -> None:
    out = console()
    facts = [str(about.kind), counted(about.rows, "row"), readable_bytes(about.size)]
    if about.dialect is not None:
        delimiter = _DELIMITERS.get(about.dialect.delimiter, repr(about.dialect.delimiter))
        facts += [about.dialect.encoding, f"delimiter {delimiter}", f"decimal sign {about.dialect.decimal}"]
    out.print(f"{about.name}: {', '.join(facts)}", markup=False)
    for note in about.notes:
        out.print(note, markup=False)
    table = Table("column", "type", "missing", "distinct", "distribution", "", box=None, header_style="dim")
    for column in about.columns[:_MOST_COLUMNS]:
        missing = percent(column.missing_share) if column.missing else ""
        bars = _bars(column.bins) if column.bins else ""
        shown = (
            cut(column.name, _LONGEST),
            str(column.type),
            missing,
            f"{column.distinct:,}",
            bars,
            told_values(column),
        )
        # Names of columns and labels may have brackets, which Rich would take for markup.
        table.add_row(*(Text(each) for each in shown))
    out.print(table)
    if len(about.columns) > _MOST_COLUMNS:
        out.print(f"… and {counted(len(about.columns) - _MOST_COLUMNS, 'further column')}; --json has all.")
    for version in _versions(found.entry):
        out.print(
            f"version {version['version']}: {clock(version['added'], to='minutes')}, "
            f"{counted(version['rows'], 'row')}, digest {version['digest'][:12]}",
            markup=False,
        )
        for sentence in version["changes"]:
            out.print(f"  {sentence}", markup=False)
    if found.entry is not None:
        out.print(dump_fields({"dataset": dict(found.fields)}).rstrip(), markup=False, soft_wrap=True)
    out.print(
        f"{counted(len(about.findings), 'problem')} found"
        + (", shown by `fitboard data check`" if about.findings else "")
    )


def _bars(bins: Bins) -> str:
    most = max(bins.counts, default=0) or 1
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] for count in bins.counts)


def _versions(entry: Entry | None) -> list[dict[str, Any]]:
    versions = entry.versions if entry else ()
    return [
        {
            "version": place,
            "digest": version.digest,
            "rows": version.rows,
            "columns": version.columns_in_all,
            "added": version.added,
            "path": version.path,
            "copy": version.copy_path,
            "changes": list(changes(versions[place - 2], version)) if place > 1 else [],
        }
        for place, version in enumerate(versions, start=1)
    ]
