"""The settings of a sweep: how many trials, which sampler and pruner, and what is optimized."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from trainer.config.component import option
from trainer.config.metrics.names import MetricName
from trainer.config.quantities import read_time
from trainer.config.search.domains import Range, shown
from trainer.config.search.objectives import default_objective, refuse_objective
from trainer.config.search.space import Space
from trainer.config.suggestions import advice
from trainer.config.validation_messages import sentence
from trainer.config.values import Seed, Size
from trainer.errors import ConfigError

__all__ = ["UNCONFIRMED", "Confirmation", "Direction", "Pruner", "Sampler", "SweepSettings", "parse_settings"]

_CONFIRM = re.compile(r"\s*(\d{1,4})\s*[x×]\s*(\d{1,4})\s*")
UNCONFIRMED = "no"
"""The `confirm` of a sweep whose winner is not confirmed."""
_LARGEST_GRID = 100_000
_MOST_CONFIRMING = 1_000
_FEWEST_NUMBERS = 2
# By default, confirming takes a tenth more runs than the trials: at least three, since an interval of fewer is of no
# use, and at most the best three trials with five seeds each.
_SHARE = 10
_FEWEST_SEEDS, _MOST_SEEDS, _MOST_BEST = 3, 5, 3


class Sampler(StrEnum):
    """How the values of the next trial are chosen."""

    TPE = "tpe"
    CMAES = "cmaes"
    RANDOM = "random"
    GRID = "grid"
    SOBOL = "sobol"
    GP = "gp"


class Pruner(StrEnum):
    """How trials without prospect are ended early."""

    NONE = "none"
    MEDIAN = "median"
    HYPERBAND = "hyperband"


class Direction(StrEnum):
    """Whether higher or lower values of an objective are better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


class Confirmation(NamedTuple):
    """How the winner is confirmed: the best `best` trials, each with `seeds` fresh seeds."""

    best: int
    seeds: int


def _as_list(value: Any) -> Any:
    return [] if value is None else value if isinstance(value, list | tuple) else [value]


def _as_text(value: Any) -> Any:
    """Return a number or truth value as text, so that it is refused in words that say what is expected."""
    return str(value) if isinstance(value, int | float) else value


def _as_confirmation(value: Any) -> Any:
    return UNCONFIRMED if value is False else _as_text(value)


_Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(max_length=4)]


class SweepSettings(BaseModel):
    """The settings of a sweep. After `parse_settings`, the sampler, the objective and its direction are set."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    trials: Annotated[Size, Field(le=100_000)] = option(50, "Number of trials.")
    sampler: Sampler | None = option(None, "Sampler; by default grid for small finite spaces, else tpe.")
    pruner: Pruner = option(Pruner.NONE, "Pruner, which ends trials without prospect early.")
    objective: _Texts = option((), "Metric to optimize, or several; by default the first metric on validation data.")
    direction: _Texts = option((), "maximize or minimize, for each objective; by default it follows from the metric.")
    jobs: Annotated[Size, Field(le=1_000)] = option(1, "Number of trials to train at once.")
    time: Annotated[str | None, BeforeValidator(_as_text)] = option(
        None, "Time after which no new trial starts, such as 30m."
    )
    seed: Seed = option(0, "Seed of the sampler.")
    confirm: Annotated[str | None, BeforeValidator(_as_confirmation)] = option(
        None,
        "Best trials to confirm and fresh seeds of each, such as 3x5, or no; by default a tenth of the trials.",
    )

    @property
    def seconds(self) -> float | None:
        """The time in seconds; None without a limit."""
        return None if self.time is None else read_time(self.time)

    @property
    def search_seconds(self) -> float | None:
        """The time after which no trial starts: without `confirm`, the last tenth of the time is for confirming."""
        shared = self.seconds is not None and self.confirm is None and self.confirmation is not None
        return self.seconds * (1 - 1 / _SHARE) if shared and self.seconds is not None else self.seconds

    @property
    def confirmation(self) -> Confirmation | None:
        """How the winner is confirmed, if it is; without `confirm`, it follows from the number of trials."""
        if self.confirm is None:
            return _default_confirmation(self.trials)
        found = _CONFIRM.fullmatch(self.confirm)
        return None if found is None else Confirmation(int(found[1]), int(found[2]))

    @property
    def maximizes(self) -> tuple[bool, ...]:
        """For each objective, whether higher is better."""
        return tuple(each == Direction.MAXIMIZE for each in self.direction)

    def plain(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults, as a person writes them."""
        fields = self.model_dump(mode="json", exclude_defaults=True)
        single = {name: fields[name][0] for name in ("objective", "direction") if len(fields.get(name, ())) == 1}
        return {**fields, **single}


def parse_settings(given: Any, space: Space, *, is_stored: bool = False) -> SweepSettings:
    """Read the `sweep` of a file, and fill in what follows from the space; one that is stored need not suit it.

    Raises:
        ConfigError: a setting is not valid, or does not suit the space.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(f"sweep: expected settings such as trials: 50, got {shown(given)}.")
    known = list(SweepSettings.model_fields)
    for key in given:
        if key not in known:
            raise ConfigError(f"sweep: unknown field {shown(key)}; {advice(str(key), known)}")
    try:
        found = SweepSettings.model_validate(dict(given))
    except ValidationError as error:
        raise ConfigError(f"sweep.{sentence(error)}") from error
    _refuse_unreadable(found)
    objectives = found.objective or (default_objective(space.config),)
    for objective in () if is_stored else objectives:
        refuse_objective(objective, space)
    directions = tuple(map(str, _directions(objectives, found.direction)))
    sampler = found.sampler or _default_sampler(space, found.trials)
    # A grid has no more trials than combinations.
    trials = min(found.trials, space.size or found.trials) if sampler is Sampler.GRID else found.trials
    chosen = {"objective": objectives, "direction": directions, "sampler": sampler, "trials": trials}
    whole = found.model_copy(update=chosen)
    if not is_stored:
        _refuse_unsuitable(whole, space)
    return whole


def _refuse_unreadable(found: SweepSettings) -> None:
    if found.time is not None:
        try:
            read_time(found.time)
        except ConfigError as error:
            raise ConfigError(f"sweep.time: {error}") from None
    if found.confirm not in {None, UNCONFIRMED}:
        how = found.confirmation
        if how is None or not (how.best and how.seeds):
            raise ConfigError(
                f"sweep.confirm: expected trials and seeds such as 3x5, or no, got {shown(found.confirm)}."
            )


def _default_confirmation(trials: int) -> Confirmation | None:
    if trials < _SHARE:
        return None
    runs = max(_FEWEST_SEEDS, trials // _SHARE)
    best = min(_MOST_BEST, max(1, runs // _MOST_SEEDS))
    return Confirmation(best, min(_MOST_SEEDS, runs // best))


def _default_sampler(space: Space, trials: int) -> Sampler:
    """A grid where the budget covers it: it is then complete, and no combination is tried twice."""
    return Sampler.GRID if space.size is not None and space.size <= trials else Sampler.TPE


def _directions(objectives: tuple[str, ...], given: tuple[str, ...]) -> list[Direction]:
    if given and len(given) != len(objectives):
        raise ConfigError(f"sweep.direction: expected one for each of {len(objectives)} objectives, got {len(given)}.")
    found = []
    for place, name in enumerate(objectives):
        if given and given[place] not in set(Direction):
            raise ConfigError(f"sweep.direction: expected maximize or minimize, got {shown(given[place])}.")
        higher = MetricName.of(name).higher_is_better
        if not given and higher is None:
            raise ConfigError(f"sweep.direction: it does not follow from {name}; set maximize or minimize.")
        found.append(Direction(given[place]) if given else Direction.MAXIMIZE if higher else Direction.MINIMIZE)
    return found


def _refuse_unsuitable(settings: SweepSettings, space: Space) -> None:
    how = settings.confirmation
    if how is not None and how.best * how.seeds > _MOST_CONFIRMING:
        raise ConfigError(
            f"sweep.confirm: {settings.confirm} takes {how.best * how.seeds:,} runs; expected at most "
            f"{_MOST_CONFIRMING:,}."
        )
    if settings.sampler is Sampler.GRID and space.endless is not None:
        raise ConfigError(
            f"The sampler grid needs a finite space, but `{space.endless}` has infinitely many values; give it a step "
            "or a list, or use the sampler sobol."
        )
    if settings.sampler is Sampler.GRID and (space.size or 0) > _LARGEST_GRID:
        raise ConfigError(
            f"The grid has {space.size:,} combinations; expected at most {_LARGEST_GRID:,}. Use the sampler tpe."
        )
    several = len(settings.objective) > 1
    if several and settings.pruner is not Pruner.NONE:
        raise ConfigError(f"The pruner {settings.pruner} needs a single objective; remove the pruner or an objective.")
    if several and settings.sampler is Sampler.CMAES:
        raise ConfigError("The sampler cmaes needs a single objective; use tpe.")
    numbers = sum(isinstance(each.domain, Range) for each in space.dimensions)
    if settings.sampler is Sampler.CMAES and numbers < _FEWEST_NUMBERS:
        raise ConfigError(
            f"The sampler cmaes needs at least {_FEWEST_NUMBERS} ranges of numbers, got {numbers}; of all other "
            "settings it draws at random. Use tpe."
        )
    if len(set(settings.objective)) < len(settings.objective):
        raise ConfigError("sweep.objective: the same metric is listed twice; remove one.")
