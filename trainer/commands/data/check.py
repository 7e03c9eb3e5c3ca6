"""The data check command."""

from typing import Annotated

import typer

from trainer.commands.data.chosen import (
    Chosen,
    DataArgument,
    FieldOption,
    chosen,
    finding_document,
    valid_dataset,
)
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.config.check import Edit, apply_edits
from trainer.data.library import Entry, Library
from trainer.data.profile import Profile
from trainer.errors import ConfigError
from trainer.format import counted

__all__ = ["check"]


def check(
    data: DataArgument,
    settings: FieldOption = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the fixes to the fields of a kept dataset.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Find problems in a file, folder or kept dataset, with evidence and fixes. Exits with 1 if one is an error."""
    place = Place.of(home, tracking_uri)
    found = chosen(data, place.home, settings)
    about, fixed = found.profile(), 0
    if fix and found.entry is None:
        raise ConfigError(f"--fix changes a kept dataset, and {data!r} is not one; add it with `fitboard data add`.")
    if fix and found.entry is not None:
        found, about, fixed = _fixed(found, found.entry, about, Library(place.home))
    if as_json:
        documents = [finding_document(each) for each in about.findings]
        print_json({"ok": about.ok, "findings": documents, "fixed": fixed, "dataset": dict(found.fields)})
    else:
        _print(about, fixed)
    if not about.ok:
        raise typer.Exit(1)


def _fixed(found: Chosen, entry: Entry, about: Profile, library: Library) -> tuple[Chosen, Profile, int]:
    """Apply each fix of the dataset's own fields, one after the other: the next one may not be needed then."""
    fixed = 0
    while edits := next((own for each in about.findings if (own := _own(each.edits))), None):
        fields = valid_dataset(apply_edits({"dataset": dict(found.fields)}, edits)["dataset"])
        entry = library.change(entry, fields)
        found = Chosen(path=found.path, fields=fields, entry=entry)
        before, about = about, found.profile()
        fixed += 1
        if about.findings == before.findings:
            break
    return found, about, fixed


def _own(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    return tuple(edit for edit in edits if edit.path[0] == "dataset")


def _print(about: Profile, fixed: int) -> None:
    out = console()
    if fixed:
        echo(f"Applied {counted(fixed, 'fix', 'fixes')}.")
    for finding in about.findings:
        # Messages quote the data, whose brackets Rich would take for markup.
        out.print(f"{finding.severity}: {finding.message}", markup=False, soft_wrap=True)
        if finding.fix:
            out.print(f"  fix: {finding.fix}", markup=False, soft_wrap=True)
    out.print("No problems found." if not about.findings else counted(len(about.findings), "problem"))
