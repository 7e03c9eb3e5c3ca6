"""What to change in a config after a run of it failed. Pure."""

import re
from enum import StrEnum
from typing import NamedTuple

from trainer.config.config import Config
from trainer.config.overrides import with_overrides
from trainer.config.schedules import Schedule

__all__ = ["FailureKind", "Remedy", "failure_kind", "remedy"]

# The usual first step down of a learning rate with which training diverged.
_LOWER = 10.0
# From this multiple of an optimizer's default on, one step down would diverge again.
_FAR_TOO_HIGH = 30.0


class FailureKind(StrEnum):
    """Failures with a known fix; the values are recorded."""

    DIVERGED = "diverged"
    UNSCALED = "unscaled"
    MEMORY = "memory"
    DATA = "data"


# Patterns of the sentences of `fitboard.failure`, also as earlier versions wrote them; a test checks them.
_SIGNS: tuple[tuple[FailureKind, str], ...] = (
    (FailureKind.UNSCALED, r"^The loss became .*inputs? (?:is|are) (?:most likely|probably) not scaled"),
    (FailureKind.DIVERGED, r"^The loss became .*learning rate"),
    (
        FailureKind.MEMORY,
        r"Out of memory|[Mm]emory ran out|ran out of memory|needed more memory|of memory, more than"
        r"|(?:take|needs) about .* memory",
    ),
    (FailureKind.DATA, r"^dataset\b|an \.?npz file"),
)
# What follows these words quotes a log, which may mention anything.
_LOG = "Its log ends"


class Remedy(NamedTuple):
    """A changed config and the label of the button that opens it."""

    label: str
    config: Config


def failure_kind(sentence: str) -> FailureKind | None:
    """Recognize the kind of a failure by its sentence, or return None if no fix is known."""
    reason = sentence.partition(_LOG)[0]
    return next((kind for kind, sign in _SIGNS if re.search(sign, reason)), None)


def remedy(sentence: str, config: Config, *, kind: str | None = None) -> Remedy | None:
    """Return the likeliest fix for a failed run of `config`, or None if none is known or nothing can be lowered.

    Args:
        sentence: the value of `fitboard.failure`.
        config: the config of the failed run.
        kind: the value of `fitboard.failure_kind`; without one, as in runs of earlier versions, the sentence says it.
    """
    known = FailureKind(kind) if kind in set(FailureKind) else failure_kind(sentence)
    if known is FailureKind.DIVERGED:
        return _slower(config)
    if known is FailureKind.UNSCALED:
        return _scaled(config)
    if known is FailureKind.MEMORY:
        return _smaller(config)
    return Remedy("Choose the dataset again", config) if known is FailureKind.DATA else None


def _slower(config: Config) -> Remedy | None:
    rate = getattr(config.optimizer, "learning_rate", None)
    if isinstance(rate, Schedule):
        initial = getattr(rate, "initial_learning_rate", None)
        return None if initial is None else _with_rate(config, "learning_rate.initial_learning_rate", initial / _LOWER)
    if rate is None:
        return None
    usual = type(config.optimizer).model_fields["learning_rate"].default
    is_far = isinstance(usual, float) and rate >= usual * _FAR_TOO_HIGH
    return _with_rate(config, "learning_rate", usual if is_far else rate / _LOWER)


def _with_rate(config: Config, field: str, rate: float) -> Remedy:
    # Division leaves digits such as 0.00030000000000000003.
    lower = float(f"{rate:.6g}")
    words = "learning rate" if field == "learning_rate" else "initial learning rate"
    return Remedy(f"Try {words} {lower:g}", with_overrides(config, [f"optimizer.{field}={lower!r}"]))


def _smaller(config: Config) -> Remedy | None:
    half = config.batch_size // 2
    return Remedy(f"Try batch size {half:,}", with_overrides(config, [f"batch_size={half}"])) if half else None


def _scaled(config: Config) -> Remedy:
    short = config.short()
    layers = ["BatchNormalization", *short["layers"]]
    return Remedy("Start with BatchNormalization", Config.model_validate(short | {"layers": layers}))
