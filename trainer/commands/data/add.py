"""The data add command."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.data.chosen import FieldOption, chosen, finding_document, valid_dataset, with_fields
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.config import dump_fields
from trainer.data.library import Entry, Library, check_name, keep_dataset
from trainer.data.profile import Profile, profile
from trainer.errors import ConfigError
from trainer.format import counted

__all__ = ["add"]

_TABLES = ("csv", "parquet", "xlsx")
_AS = ("series", "text", "images")
_WITH_TARGET = (*_TABLES, "series")
_MOST_NAMED = 12


def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File or folder to profile and keep.")],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name to keep it under. [default: the file's]")
    ] = None,
    target: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Column to predict; repeatable.")] = None,
    kind: Annotated[
        str | None,
        typer.Option("--as", metavar="KIND", help="Use a table as series (a row is a step), text, or images (paths)."),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Keep a copy in the home; by default the file stays.")] = False,
    settings: FieldOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Profile a file or folder and keep it under a name, for `show`, `check` and configs. Again: a new version."""
    place = Place.of(home, tracking_uri)
    found = chosen(str(file), place.home)
    if found.entry is not None:
        raise ConfigError(f"{str(file)!r} is the name of a kept dataset; give the path of the file, such as ./{file}.")
    called = name or file.stem
    check_name(called)
    library = Library(place.home)
    earlier = library.get(called) if library.has(called) else None
    fields = dict(found.fields)
    if kind is not None:
        fields["name"] = _kind(kind, fields["name"], file.name)
    same = kind is None and earlier is not None and earlier.kind == fields["name"]
    if earlier is not None and (same or earlier.dataset.get("name") == fields["name"]):
        fields = {**earlier.dataset, "path": fields["path"]}
    if target:
        fields["target"] = target[0] if len(target) == 1 else target
    fields = with_fields(fields, settings)
    about = profile(found.path, fields)
    if fields["name"] in _WITH_TARGET and not fields.get("target"):
        raise ConfigError(f"The column to predict is missing; give it with --target: one of {_columns(about)}.")
    valid_dataset(fields)
    entry, changed = keep_dataset(called, found.path, fields, about, home=place.home, copy=copy)
    _answer(entry, about, changed, as_json=as_json)


def _kind(kind: str, found: str, name: str) -> str:
    """Return the kind that a table is used as."""
    if kind not in (*_AS, found):
        raise ConfigError(f"--as expects {', '.join(_AS[:-1])} or {_AS[-1]}, got {kind!r}.")
    if found not in _TABLES:
        raise ConfigError(f"--as expects a table in a CSV, Parquet or .xlsx file, but {name} is {found}; leave it out.")
    return kind


def _answer(entry: Entry, about: Profile, changed: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "name": entry.name,
                "kind": str(entry.dataset["name"]),
                "digest": about.digest,
                "rows": about.rows,
                "columns": len(about.columns),
                "version": len(entry.versions),
                "dataset": dict(entry.dataset),
                "changes": list(changed),
                "findings": [finding_document(each) for each in about.findings],
            }
        )
        return
    echo(
        f"Kept {entry.name}, version {len(entry.versions)}: {counted(about.rows, 'row')}, "
        f"{counted(len(about.columns), 'column')}, {counted(len(about.findings), 'problem')} found"
        + ("." if not about.findings else f"; `fitboard data check {entry.name}` shows them.")
    )
    for sentence in changed:
        echo(f"  {sentence}")
    console().print(dump_fields({"dataset": dict(entry.dataset)}).rstrip(), markup=False, soft_wrap=True)


def _columns(about: Profile) -> str:
    names = [column.name for column in about.columns]
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
