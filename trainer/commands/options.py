"""Shared by the commands: options, opening the store and the reader, and printing answers."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from trainer.commands.config_file import read_config_file
from trainer.config import Config, FileDataset, load_config, with_overrides
from trainer.data.sources.file import find_file
from trainer.errors import ConfigError, StoreError
from trainer.execution.queue.team import QUEUE_VARIABLE, team_queue
from trainer.format import is_utf8
from trainer.home import Home
from trainer.json_text import json_text
from trainer.tracking import Run, RunReader, open_reader
from trainer.tracking.address import masked, move_login
from trainer.tracking.artifact_root import VARIABLE, artifact_root, remark
from trainer.tracking.read.find import find_run
from trainer.tracking.write.database import sqlite_file

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = [
    "ArtifactRootOption",
    "ConfigArgument",
    "HomeOption",
    "JsonOption",
    "MemoryLimitOption",
    "Place",
    "QueueOption",
    "RunArgument",
    "SetOption",
    "TimeLimitOption",
    "UriOption",
    "changed",
    "console",
    "echo",
    "print_json",
    "read_config",
    "with_whole_path",
]

# Wide enough that tables in files and pipes are not wrapped.
_WIDTH = 160

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder for the store, data and logs. [default: $FITBOARD_HOME or ~/.fitboard]"),
]
UriOption = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        help="MLflow tracking URI; if it contains a password, use the environment variable instead. "
        "[default: $MLFLOW_TRACKING_URI or SQLite in the home]",
    ),
]
ArtifactRootOption = Annotated[
    str | None,
    typer.Option(
        "--artifact-root",
        metavar="URI",
        help="Where artifacts of new experiments are kept, such as s3://bucket/folder. "
        "[default: $FITBOARD_ARTIFACT_ROOT or a folder in the home]",
    ),
]
QueueOption = Annotated[
    str | None,
    typer.Option(
        "--queue",
        metavar="NAME",
        help="Queue that this home shares with others of a team. [default: $FITBOARD_QUEUE or a queue of its own]",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document to standard output.")]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Run id, a unique prefix of at least four characters, or `latest`.")
]
ConfigArgument = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file, or - for standard input.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Set a field, such as optimizer.learning_rate=0.01."),
]
TimeLimitOption = Annotated[
    str | None,
    typer.Option(
        "--time-limit",
        metavar="TIME",
        help="Stop, evaluate and save after this running time, such as 90s, 30m or 1h30m.",
    ),
]
MemoryLimitOption = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="SIZE",
        help="End the run if its process uses more memory than this, such as 500MB or 4GB.",
    ),
]


@dataclass(frozen=True)
class Place:
    """The home and the store that a command uses."""

    home: Home
    tracking_uri: str

    @classmethod
    def of(
        cls, home: Path | None, tracking_uri: str | None, artifacts: str | None = None, queue: str | None = None
    ) -> "Place":
        """Return the place given by the options, the environment, or the defaults.

        An artifact root and a queue that are given as options are passed on in the environment, to other processes too.

        Raises:
            ConfigError: If the name of the queue is not valid.
            ResourceError: If the home is not a valid folder.
            StoreError: If the tracking URI does not name a valid file, or the artifact root is not valid.
        """
        chosen = Home.resolve(home).check()
        root = artifact_root(chosen, artifacts)
        if artifacts:
            os.environ[VARIABLE] = root
        if queue is not None:
            os.environ[QUEUE_VARIABLE] = queue
        team_queue()
        place = cls(chosen, move_login(chosen.tracking_uri(tracking_uri)))
        try:
            # Looks for the file, which raises OSError if its name is too long.
            _ = place.missing_file
        except OSError as error:
            raise StoreError(
                f"The store {masked(place.tracking_uri)} is not a valid file ({error.strerror}); give another store."
            ) from error
        return place

    @property
    def remark(self) -> str | None:
        """A sentence if artifacts will not be where people expect them, else None."""
        return remark(artifact_root(self.home), self.tracking_uri, given=bool(os.environ.get(VARIABLE)))

    def warn(self) -> None:
        """Print the remark, if there is one; for commands that create runs."""
        for sentence in filter(None, [self.remark]):
            echo(sentence)

    @property
    def missing_file(self) -> Path | None:
        """The SQLite file of the store if it does not exist yet, else None."""
        file = sqlite_file(self.tracking_uri)
        return file if file is not None and not file.is_file() else None

    def reader(self) -> RunReader:
        """Open a reader of the store's runs; the home's own store reads as empty if it does not exist yet.

        Raises:
            StoreError: If another file was given and does not exist.
        """
        missing = self.missing_file
        if missing is not None and missing != self.home.database:
            raise StoreError(
                f"Store {missing} not found; give another with --tracking-uri, or train a run to create it."
            )
        return open_reader(self.tracking_uri)

    def store(self) -> "Store":
        """Open the store, and create it if it does not exist."""
        # Imports MLflow, which takes seconds; a command that only reads does without.
        from trainer.tracking import open_store

        self.home.make()
        store = open_store(self.tracking_uri, self.home)
        store.prepare()
        return store

    def run(self, word: str) -> Run:
        """Return the run that a person names."""
        return find_run(self.reader(), word)


def read_config(path: Path, home: Home) -> Config:
    """Read the config in a file; a relative `path` of its dataset starts at the file's folder or home's data folder.

    Raises:
        ConfigError: If the file cannot be read or is not a valid config.
    """
    folder = Path() if str(path) == "-" else path.parent
    return with_whole_path(load_config(read_config_file(path)), home, folder)


def changed(config: Config, settings: Iterable[str] | None, home: Home) -> Config:
    """Return the config with each `--set` applied; a dataset's relative `path` in one starts at the current folder.

    Raises:
        ConfigError: If a setting is not valid.
    """
    found = with_overrides(config, settings or ())
    return found if _path(found) == _path(config) else with_whole_path(found, home)


def _path(config: Config) -> str | None:
    return config.dataset.path if isinstance(config.dataset, FileDataset) else None


def with_whole_path(config: Config, home: Home, folder: Path | None = None) -> Config:
    """Return the config with its dataset's path made absolute: a worker may have another working directory."""
    if not isinstance(config.dataset, FileDataset):
        return config
    file = find_file(config.dataset.path, home, folder=folder).absolute()
    if not is_utf8(str(file)):
        raise ConfigError(f"The path {file} is not valid UTF-8; rename the file or its folder, or give another path.")
    return config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": str(file)})})


def print_json(document: Any) -> None:
    """Write one JSON document to standard output; NaN and infinities become null."""
    sys.stdout.write(json_text(document, indent=2) + "\n")


def console() -> Console:
    """Return the console for tables: standard output, with a fixed width if it is not a terminal."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=_WIDTH)


def echo(text: str) -> None:
    """Write a line for a person to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
