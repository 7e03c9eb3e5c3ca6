"""What the data commands have in common: finding the data that a person names, and its fields in a config."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from trainer.commands.config_file import read_config_file
from trainer.config import DATASETS, load_config, parse_config, read_value
from trainer.data.library import Entry, Library
from trainer.data.profile import Finding, Profile, kind_of, profile
from trainer.data.sources.file import find_file
from trainer.errors import ConfigError, DataError
from trainer.home import Home

__all__ = ["Chosen", "DataArgument", "FieldOption", "chosen", "finding_document", "valid_dataset", "with_fields"]

DataArgument = Annotated[
    str, typer.Argument(metavar="DATA", help="Name of a kept dataset, a file or folder, or a config (.yaml).")
]
FieldOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Set a field of the dataset, such as columns.id=ignore."),
]
# A network that any dataset can have: only the dataset of this config is validated.
_ANY_NETWORK = {"layers": ["Flatten"], "loss": "MeanSquaredError"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A file or folder, the fields of its dataset in a config, and its entry in the library, if it has one."""

    path: Path
    fields: Mapping[str, Any] = field(default_factory=dict)
    entry: Entry | None = None

    def profile(self) -> Profile:
        """Return the profile of the file with these fields."""
        return profile(self.path, self.fields)


def chosen(word: str, home: Home, settings: Iterable[str] | None = None) -> Chosen:
    """Return what a person names: an entry of the library, a config in YAML, or a file or folder.

    Raises:
        DataError: If it is none of them.
        ConfigError: If a setting is not valid.
    """
    library = Library(home)
    if library.has(word):
        entry = library.get(word)
        fields = _with_valid_fields(entry.dataset, settings)
        return Chosen(path=find_file(str(fields["path"]), home), fields=fields, entry=entry)
    path = find_file(word, home)
    if path.suffix.lower() in {".yaml", ".yml"}:
        dataset = load_config(read_config_file(path)).dataset.model_dump(mode="json", exclude_none=True)
        if "path" not in dataset:
            raise DataError(f"{path.name} uses the dataset {dataset['name']}, which has no file to profile.")
        fields = _with_valid_fields(dataset, settings)
        return Chosen(path=find_file(str(fields["path"]), home, folder=path.parent), fields=fields)
    if not path.exists():
        raise DataError(
            f"{word!r} is neither a kept dataset nor a file or folder; `fitboard data list` shows the former."
        )
    fields = {"name": str(kind_of(path)), "path": str(path.absolute())}
    return Chosen(path=path, fields=_with_valid_fields(fields, settings))


def _with_valid_fields(dataset: Mapping[str, Any], settings: Iterable[str] | None) -> dict[str, Any]:
    """Return the fields as `with_fields` does, checked if any is set; the target may still be missing."""
    fields = with_fields(dataset, settings)
    member = DATASETS.members.get(str(fields["name"]))
    if settings and member is not None:
        is_open = "target" in member.model_fields and not fields.get("target")
        valid_dataset({**fields, "target": "target"} if is_open else fields)
    return fields


def with_fields(dataset: Mapping[str, Any], settings: Iterable[str] | None) -> dict[str, Any]:
    """Return a dataset's fields with each `field=value` set; values are YAML. `columns.NAME` sets an inner field.

    Raises:
        ConfigError: If a setting has no value.
    """
    changed = {name: dict(value) if isinstance(value, Mapping) else value for name, value in dataset.items()}
    for setting in settings or ():
        path, equals, value = setting.partition("=")
        if not equals or not path.strip():
            raise ConfigError(f"The setting {setting!r} has no value; expected field=value, such as columns.id=ignore.")
        name, inner, rest = path.strip().partition(".")
        if not inner:
            changed[name] = read_value(value)
            continue
        holder = changed.get(name)
        changed[name] = {**(holder if isinstance(holder, dict) else {}), rest: read_value(value)}
    return changed


def valid_dataset(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Check the fields of a dataset as a config would, and return them.

    Raises:
        ConfigError: If Fitboard cannot train on this kind, or if a field is missing or wrong.
    """
    if fields["name"] not in DATASETS.members:
        raise DataError(
            f"Fitboard cannot train on {fields['name']}; expected a file of one of the kinds "
            f"{', '.join(name for name, member in DATASETS.members.items() if 'path' in member.model_fields)}."
        )
    parse_config({"dataset": dict(fields), **_ANY_NETWORK})
    return dict(fields)


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return finding.model_dump(mode="json")
