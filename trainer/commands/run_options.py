"""The options of commands that make runs, `train` and `rerun`: declared once, and given to the command as one value."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_type_hints

import typer

from trainer.commands.options import (
    HomeOption,
    JsonOption,
    MemoryLimitOption,
    Place,
    SetOption,
    TimeLimitOption,
    UriOption,
)
from trainer.execution import Limits
from trainer.reproduce import MOST_REPEATS

__all__ = ["RunOptions", "takes_run_options"]

_PARAMETER = "options"


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How runs are made and told of; each field is an option of the command line.

    Raises:
        ConfigError: a limit is none; that is said before any store is opened.
    """

    queue: Annotated[bool, typer.Option("--queue", help="Hand it to the worker instead of training here.")] = False
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=1, max=MOST_REPEATS, help="So many runs, with the seeds seed, seed + 1, …"),
    ] = None
    settings: SetOption = None
    time_limit: TimeLimitOption = None
    memory_limit: MemoryLimitOption = None
    as_json: JsonOption = False
    home: HomeOption = None
    tracking_uri: UriOption = None

    def __post_init__(self) -> None:
        Limits.read(self.time_limit, self.memory_limit)

    @property
    def limits(self) -> Limits:
        """What each run may take at most."""
        return Limits.read(self.time_limit, self.memory_limit)

    @property
    def place(self) -> Place:
        """Where the command works."""
        return Place.of(self.home, self.tracking_uri)

    @property
    def together(self) -> bool:
        """Whether the answer is about all runs together: repeats were asked for, be it one."""
        return self.seeds is not None


def takes_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with every field of `RunOptions` as an option of its own, in the place of its last parameter."""

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
    expanded.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    expanded.__annotations__ = {each.name: hints[each.name] for each in every}
    return expanded


def _names() -> list[str]:
    return [each.name for each in fields(RunOptions)]
