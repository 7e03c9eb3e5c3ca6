"""Look at a search space before it is searched: its corners, and a sample of it."""

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.config.search import Pruner, Space, SweepSettings
from trainer.errors import ConfigError
from trainer.format import counted, percent, readable_bytes, roughly

__all__ = ["Preview", "duration_words", "preview"]

_SAMPLE = 8


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the checks of some configs of a space found.

    `refusals` are the reasons of those that cannot be trained, `trainable` are the others, the corners first. `memory`
    is what the largest of these takes in bytes, and `size` the number of combinations in the space, None if there is no
    end to them.
    """

    checked: int
    refusals: tuple[str, ...]
    memory: int
    size: int | None
    trainable: tuple[Config, ...] = ()

    def sentences(self) -> list[str]:
        """Return what a person should know before the sweep starts."""
        told = [f"The space has {self.size:,} combinations."] if self.size is not None else []
        if self.refusals:
            share = percent(len(self.refusals) / self.checked, 0)
            told.append(f"{share} of {self.checked} checked configs cannot be trained, for example: {self.refusals[0]}")
        if self.memory:
            told.append(
                f"The largest of {counted(self.checked, 'checked config')} takes {readable_bytes(self.memory)}."
            )
        return told


def preview(space: Space, check: Callable[[Config], CheckReport], *, seed: int = 0) -> Preview:
    """Check the corners of a space (everything smallest, everything largest, …) and a sample of it.

    Raises:
        ConfigError: none of the configs can be trained.
    """
    refusals: list[str] = []
    trainable: list[Config] = []
    memory, checked = 0, 0
    seen: set[str] = set()
    for config in _configs(space, seed, refusals):
        if isinstance(config, Config) and config.digest in seen:
            continue
        checked += 1
        if config is None:
            continue
        seen.add(config.digest)
        report = check(config)
        if report.refusal is None:
            memory = max(memory, report.memory_bytes)
            trainable.append(config)
        else:
            refusals.append(report.refusal)
    if len(refusals) == checked:
        raise ConfigError(f"None of {checked} checked configs of the space can be trained, for example: {refusals[0]}")
    return Preview(
        checked=checked, refusals=tuple(refusals), memory=memory, size=space.size, trainable=tuple(trainable)
    )


def _configs(space: Space, seed: int, refusals: list[str]) -> Iterator[Config | None]:
    """Yield configs; None for values that make no valid one, whose reason is added to `refusals`."""
    chance = random.Random(seed)  # noqa: S311 - a sample, nothing secret
    almost = 1 - 1e-9
    shares: list[Callable[[int], float]] = [
        lambda place: 0.0,
        lambda place: almost,
        lambda place: almost * (place % 2),
        lambda place: almost * ((place + 1) % 2),
        *([lambda place: chance.random()] * _SAMPLE),
    ]
    places = {each.name: place for place, each in enumerate(space.dimensions)}
    for share in shares:
        values = space.values(lambda each, share=share: each.domain.at(share(places[each.name])))  # type: ignore[misc]
        try:
            yield space.config_of(values)
        except ConfigError as error:
            refusals.append(str(error))
            yield None


def duration_words(settings: SweepSettings, seconds: Sequence[float]) -> str:
    """Return how long a sweep takes, given the seconds of some of its trials; empty if there are none.

    It is an upper limit with a pruner, and says so.
    """
    if not seconds:
        return ""
    how = settings.confirmation
    runs = settings.trials + (how.best * how.seeds if how is not None else 0)
    total = runs * statistics.fmean(seconds) / min(settings.jobs, settings.trials)
    ends = dict.fromkeys(roughly(each) for each in (min(seconds), max(seconds)))
    trial = f"A trial takes {' to '.join(ends)}"
    if settings.seconds is not None and total > settings.seconds:
        done = max(1, int(runs * settings.seconds / total))
        return f"{trial}: about {min(done, settings.trials):,} of {settings.trials:,} start within {settings.time}."
    most = "at most " if settings.pruner is not Pruner.NONE else ""
    return f"{trial}, the sweep {most}about {roughly(total)}."
