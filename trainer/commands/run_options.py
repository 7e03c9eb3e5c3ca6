"""The options of the commands that create runs, `train` and `rerun`, declared once and passed as one value."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_type_hints

import typer

from trainer.commands.options import (
    ArtifactRootOption,
    HomeOption,
    JsonOption,
    MemoryLimitOption,
    Place,
    SetOption,
    TimeLimitOption,
    UriOption,
)
from trainer.config import Config, Vary
from trainer.config.dataset import MOST_FOLDS
from trainer.errors import ConfigError
from trainer.execution import Limits
from trainer.reproduce import MOST_REPEATS, repeats

__all__ = ["RunOptions", "takes_run_options"]

_PARAMETER = "options"


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How to create and report runs; each field is a command-line option.

    Raises:
        ConfigError: If a limit is not valid, or `--vary` has no runs to vary; this is reported before any store is
            opened.
    """

    queue: Annotated[
        bool, typer.Option("--queue", help="Queue the run for the worker instead of training it here.")
    ] = False
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=1, max=MOST_REPEATS, help="Number of runs; their seeds are seed, seed + 1, …"),
    ] = None
    vary: Annotated[
        Vary,
        typer.Option(
            help="What differs between the runs of --seeds: the seed, or also the split (split_seed, …) or the fold."
        ),
    ] = Vary.SEED
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds", min=2, max=MOST_FOLDS, help="Number of folds to cross-validate on: one run is tested on each."
        ),
    ] = None
    settings: SetOption = None
    time_limit: TimeLimitOption = None
    memory_limit: MemoryLimitOption = None
    as_json: JsonOption = False
    home: HomeOption = None
    tracking_uri: UriOption = None
    artifact_root: ArtifactRootOption = None

    def __post_init__(self) -> None:
        Limits.read(self.time_limit, self.memory_limit)
        if self.folds is not None and (self.seeds is not None or self.vary is Vary.SPLIT):
            raise ConfigError(
                "--folds cannot be used with --seeds or --vary split: each fold is one run with its own seed."
            )
        if self.folds is None and self.seeds is None and self.vary is not Vary.SEED:
            raise ConfigError(
                f"--vary {self.vary} needs --seeds, the number of runs; for example --seeds 5."
                if self.vary is Vary.SPLIT
                else "--vary fold needs --folds, the number of folds; for example --folds 5."
            )

    @property
    def limits(self) -> Limits:
        """The limits of each run."""
        return Limits.read(self.time_limit, self.memory_limit)

    @property
    def place(self) -> Place:
        """The home and the store of the command."""
        return Place.of(self.home, self.tracking_uri, self.artifact_root)

    @property
    def varying(self) -> Vary:
        """What differs between the runs."""
        return self.vary if self.folds is None else Vary.FOLD

    @property
    def together(self) -> bool:
        """Whether to report all runs together, that is, whether `--seeds` or `--folds` was given."""
        return self.seeds is not None or self.folds is not None

    def repeats(self, config: Config) -> tuple[Config, ...]:
        """Return the configs to train: the config, or its repeats.

        Raises:
            ConfigError: the config cannot be repeated so.
        """
        return repeats(config, self.folds or self.seeds or 1, self.varying)


def takes_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace the command's last parameter by one option for each field of `RunOptions`."""

    @functools.wraps(command)
    def expanded(**given: Any) -> None:
        chosen = RunOptions(**{name: given.pop(name) for name in _names()})
        command(**given, **{_PARAMETER: chosen})

    own = [each for each in inspect.signature(command).parameters.values() if each.name != _PARAMETER]
    hints = {**get_type_hints(command, include_extras=True), **get_type_hints(RunOptions, include_extras=True)}
    added = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default)
        for each in fields(RunOptions)
    ]
    every = [each.replace(annotation=hints[each.name]) for each in (*own, *added)]
    # Typer reads the parameters from the signature, and their options from the annotations.
    expanded.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    expanded.__annotations__ = {each.name: hints[each.name] for each in every}
    return expanded


def _names() -> list[str]:
    return [each.name for each in fields(RunOptions)]
