"""Rules about the values of a regression: as large as no network begins, and how its last layer can reach them."""

from collections.abc import Iterator
from typing import Any

from trainer.config.check import Edit, Problem, Severity
from trainer.engine.rules.situation import Fix, Situation, inserted, put

__all__ = ["target_problems"]

_LARGE = 1000.0
"""A network begins with answers near 0, and moves them by about the learning rate at each step."""

_BEYOND_FLOAT32 = 1e15
"""The squares of larger errors, summed up and multiplied with inputs, come near to 3.4e38, where float32 ends."""

_SMALL = 1e-5
"""Answers are off by about the learning rate, and the gradients of such small errors vanish beside Adam's epsilon."""

_ALIKE = 100.0
"""Deviations of several targets that are further apart than this have no common scale."""

_STEPS_BY_GRADIENT = frozenset({"SGD", "Adadelta"})
"""Optimizers whose steps grow with the loss; those of the others depend on the gradients' direction alone."""


def target_problems(situation: Situation) -> Iterator[Problem]:
    """Targets far from what the network puts out, with a Rescaling as its last layer to mend it."""
    targets = situation.schema.targets
    if situation.classifies or not targets or situation.units != situation.expected_units:
        return
    size = _size(targets, *_rescaled(situation))
    if size <= _LARGE:
        yield from _small(situation)
        return
    about = max(max(abs(mean), deviation) for mean, deviation in targets)
    last = f"layers.{len(situation.layers)}"
    if about > _BEYOND_FLOAT32:
        message = f"The targets are about {about:.2g}, and float32 cannot hold the squares of such errors."
        yield _warning(last, f"{message} Divide them in the file.", None)
        return
    message = f"The targets are about {about:.2g}, and a network begins with answers near 0: it hardly gets there."
    fix = _rescaling(situation)
    yield _warning(last, message if fix else f"{message} They have no common scale: divide them in the file.", fix)


def _small(situation: Situation) -> Iterator[Problem]:
    """Targets that hardly differ; a Rescaling does not help, since the loss is as small as they are."""
    deviations = [deviation for _, deviation in situation.schema.targets if deviation > 0]
    if deviations and min(deviations) < _SMALL:
        message = (
            f"Targets differ by only about {min(deviations):.2g}, and a network hardly learns such differences. "
            "Multiply them in the file."
        )
        yield _warning(f"layers.{len(situation.layers)}", message, None)


def _warning(where: str, message: str, fix: Fix | None) -> Problem:
    text, edits = fix or (None, ())
    return Problem(severity=Severity.WARNING, where=where, message=message, fix=text, edits=edits)


def _rescaled(situation: Situation) -> tuple[float, float]:
    """The scale and the offset that the last layer puts on the answers."""
    layer = situation.layers[-1]
    fields = layer.arguments()
    return (fields["scale"], fields["offset"]) if layer.kind == "Rescaling" else (1.0, 0.0)


def _size(targets: tuple[tuple[float, float], ...], scale: float, offset: float) -> float:
    """How large the numbers are that the layers before have to put out."""
    if scale == 0:
        return 0.0
    return max(max(abs(mean - offset), deviation) / abs(scale) for mean, deviation in targets)


def _rescaling(situation: Situation) -> Fix | None:
    """A Rescaling at the end, so that the network learns small numbers and answers in the targets' own unit."""
    targets = situation.schema.targets
    deviations = [deviation for _, deviation in targets if deviation > 0]
    if not deviations or max(deviations) > _ALIKE * min(deviations):
        return None
    scale = float(f"{max(deviations):.2g}")
    offset = float(f"{sum(mean for mean, _ in targets) / len(targets):.3g}")
    if _size(targets, scale, offset) > _LARGE:
        return None
    layer: dict[str, Any] = {"layer": "Rescaling", "scale": scale, "offset": offset}
    at_end = situation.layers[-1].kind == "Rescaling"
    place = len(situation.layers) - at_end
    edits: list[Edit] = [put("layers", place, value=layer) if at_end else inserted("layers", place, value=layer)]
    text = f"End with a Rescaling (scale {scale:g}, offset {offset:g}), which answers in the targets' own unit"
    kind = situation.config.optimizer.kind
    if kind in _STEPS_BY_GRADIENT:
        edits.append(put("optimizer", value={"name": "Adam"}))
        text += f", and take Adam: {kind}'s steps grow with the loss"
    return Fix(f"{text}.", tuple(edits))
