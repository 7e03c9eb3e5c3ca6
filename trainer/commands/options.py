"""What commands share: their options, the store and the reader they open, and how they answer."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from trainer.commands.config_file import read_config_file
from trainer.config import Config, Npz, load_config, with_overrides
from trainer.data.npz import find_file
from trainer.errors import ConfigError, StoreError
from trainer.format import is_utf8
from trainer.home import Home
from trainer.tracking import Run, RunReader, open_reader
from trainer.tracking.address import masked, move_login
from trainer.tracking.read.find import find_run
from trainer.tracking.write.database import sqlite_file

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = [
    "ConfigArgument",
    "HomeOption",
    "JsonOption",
    "MemoryLimitOption",
    "Place",
    "RunArgument",
    "SetOption",
    "TimeLimitOption",
    "UriOption",
    "changed",
    "console",
    "echo",
    "print_json",
    "read_config",
]

_WIDTH = 160

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="The folder of the store, data and logs. [default: $FITBOARD_HOME or ~/.fitboard]"),
]
UriOption = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        help="The MLflow store; one with a password is better given by the default. "
        "[default: $MLFLOW_TRACKING_URI or SQLite in the home]",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on standard output.")]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, four or more characters of it, or `latest`.")
]
ConfigArgument = Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file, or - for standard input.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a field: optimizer.learning_rate=0.01")
]
TimeLimitOption = Annotated[
    str | None,
    typer.Option("--time-limit", metavar="TIME", help="Stop, evaluate and save after so long at work: 90s, 30m, 1h30m"),
]
MemoryLimitOption = Annotated[
    str | None,
    typer.Option("--memory-limit", metavar="SIZE", help="End the run where its process takes more: 500MB, 4GB"),
]


@dataclass(frozen=True)
class Place:
    """Where a command works: a home, and a store."""

    home: Home
    tracking_uri: str

    @classmethod
    def of(cls, home: Path | None, tracking_uri: str | None) -> "Place":
        """From the options, the environment, or the defaults.

        Raises:
            ResourceError: the home cannot be a folder.
            StoreError: the store's address cannot be that of a file.
        """
        chosen = Home.resolve(home).check()
        place = cls(chosen, move_login(chosen.tracking_uri(tracking_uri)))
        try:
            _ = place.missing_file
        except OSError as error:
            raise StoreError(f"The store {masked(place.tracking_uri)} cannot be a file ({error.strerror}).") from error
        return place

    @property
    def missing_file(self) -> Path | None:
        """The store's file where it is one and is not there yet."""
        file = sqlite_file(self.tracking_uri)
        return file if file is not None and not file.is_file() else None

    def reader(self) -> RunReader:
        """Reads the store's runs; a home's own store that is not there yet is read as an empty one.

        Raises:
            StoreError: another file was named, and it is not there.
        """
        missing = self.missing_file
        if missing is not None and missing != self.home.database:
            raise StoreError(f"There is no store at {missing}; give another with --tracking-uri, or train into it.")
        return open_reader(self.tracking_uri)

    def store(self) -> "Store":
        """The store, made or upgraded where it has to be."""
        from trainer.tracking import open_store

        self.home.make()
        store = open_store(self.tracking_uri, self.home)
        store.prepare()
        return store

    def run(self, word: str) -> Run:
        """The run that a person means."""
        return find_run(self.reader(), word)


def read_config(path: Path, home: Home) -> Config:
    """The config in a file; a relative `path` of its dataset is taken from the file's folder, or home's data.

    Raises:
        ConfigError: the file cannot be read, or is no config.
    """
    folder = Path() if str(path) == "-" else path.parent
    return _with_whole_path(load_config(read_config_file(path)), home, folder)


def changed(config: Config, settings: Iterable[str] | None, home: Home) -> Config:
    """The config with each `--set` done; a dataset's relative `path` in one is taken from the current folder.

    Raises:
        ConfigError: a setting does not fit.
    """
    found = with_overrides(config, settings or ())
    return found if _path(found) == _path(config) else _with_whole_path(found, home)


def _path(config: Config) -> str | None:
    return config.dataset.path if isinstance(config.dataset, Npz) else None


def _with_whole_path(config: Config, home: Home, folder: Path | None = None) -> Config:
    """The same with an absolute path, since a worker or a rerun stands in another folder."""
    if not isinstance(config.dataset, Npz):
        return config
    file = find_file(config.dataset.path, home, folder=folder).absolute()
    if not is_utf8(str(file)):
        raise ConfigError(f"The path {file} is not UTF-8; rename the file or its folder, or give another path.")
    return config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": str(file)})})


def print_json(document: Any) -> None:
    """Writes one JSON document to standard output; what JSON has no number for becomes null."""
    sys.stdout.write(json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def console() -> Console:
    """Where tables for a person go: standard output, wide where it is no terminal."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=_WIDTH)


def echo(text: str) -> None:
    """Writes a line for a person to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):
        return None
    return value
