"""Rules about the targets of a regression: their size, and a last layer that rescales to it."""

from collections.abc import Iterator
from typing import Any

from trainer.config.check import Edit, Problem, Severity
from trainer.engine.rules.situation import Fix, Situation, inserted, put

__all__ = ["target_problems"]

# Largest targets without a warning; predictions start near 0 and change by about the learning rate per update.
_LARGE = 1000.0

# Sums of squares of larger errors, multiplied with inputs, approach 3.4e38, the largest float32.
_BEYOND_FLOAT32 = 1e15

# Predictions vary by about the learning rate, and gradients of smaller errors vanish beside Adam's epsilon.
_SMALL = 1e-5

# Largest ratio of the standard deviations of several targets that share a scale.
_ALIKE = 100.0

# Optimizers whose updates grow with the loss; the others normalize gradients.
_STEPS_BY_GRADIENT = frozenset({"SGD", "Adadelta"})


def target_problems(situation: Situation) -> Iterator[Problem]:
    """Find targets far larger or smaller than the model's initial predictions; the fix is a final Rescaling."""
    targets = situation.schema.targets
    if situation.classifies or not targets or situation.units != situation.expected_units:
        return
    size = _size(targets, *_rescaled(situation))
    if size <= _LARGE:
        yield from _small(situation)
        return
    # The message names the targets' own size, not what remains for the layers before a Rescaling.
    about = max(max(abs(mean), deviation) for mean, deviation in targets)
    last = f"layers.{len(situation.layers)}"
    if about > _BEYOND_FLOAT32:
        message = f"Targets are about {about:.2g}, so squared errors overflow float32."
        yield _warning(last, f"{message} Scale them down in the file.", None)
        return
    message = f"Targets are about {about:.2g}, but initial predictions are near 0, so training will hardly reach them."
    fix = _rescaling(situation)
    yield _warning(last, message if fix else f"{message} They have no common scale; scale them down in the file.", fix)


def _small(situation: Situation) -> Iterator[Problem]:
    """Find targets that hardly vary. A Rescaling does not help, because the loss stays as small as they are."""
    deviations = [deviation for _, deviation in situation.schema.targets if deviation > 0]
    if deviations and min(deviations) < _SMALL:
        message = (
            f"Targets vary by only about {min(deviations):.2g}, which is too little to learn from. "
            "Scale them up in the file."
        )
        yield _warning(f"layers.{len(situation.layers)}", message, None)


def _warning(where: str, message: str, fix: Fix | None) -> Problem:
    text, edits = fix or (None, ())
    return Problem(severity=Severity.WARNING, where=where, message=message, fix=text, edits=edits)


def _rescaled(situation: Situation) -> tuple[float, float]:
    """Return the scale and the offset that the last layer applies to the predictions."""
    layer = situation.layers[-1]
    fields = layer.arguments()
    return (fields["scale"], fields["offset"]) if layer.kind == "Rescaling" else (1.0, 0.0)


def _size(targets: tuple[tuple[float, float], ...], scale: float, offset: float) -> float:
    """Return how large the outputs of the layers before the Rescaling need to be."""
    if scale == 0:
        return 0.0
    return max(max(abs(mean - offset), deviation) / abs(scale) for mean, deviation in targets)


def _rescaling(situation: Situation) -> Fix | None:
    """Return the fix that appends a Rescaling, so that the layers before it learn small values."""
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
    text = (
        f"Add a Rescaling (scale {scale:g}, offset {offset:g}) at the end, so that outputs have the unit of the targets"
    )
    kind = situation.config.optimizer.kind
    if kind in _STEPS_BY_GRADIENT:
        edits.append(put("optimizer", value={"name": "Adam"}))
        text += f", and use Adam, since the updates of {kind} grow with the loss"
    return Fix(f"{text}.", tuple(edits))
