"""Rules about the output's activation: softmax, sigmoid, from_logits, and activations unfit for a regression."""

from collections.abc import Iterator

from trainer.config import Labels
from trainer.config.check import Edit, Problem, Severity
from trainer.engine.rules.situation import Situation, put

__all__ = ["activation_problems"]

_SHARES = frozenset({"softmax", "sparsemax"})
_CHANCES = frozenset({"sigmoid", "hard_sigmoid", "sparse_sigmoid"})
_POSITIVE = frozenset({"relu", "relu6", "softplus", "sparse_plus", "squareplus", "exponential"})
_BOUNDED = frozenset({"tanh", "hard_tanh", "softsign", "log_sigmoid"})
_CUT = _POSITIVE | _BOUNDED
_SHARE_LOSSES = frozenset({"KLDivergence", "CategoricalGeneralizedCrossEntropy", "Dice", "Tversky"})
_POSITIVE_LOSSES = frozenset({"Poisson", "MeanSquaredLogarithmicError"})
_HINGES = frozenset({"Hinge", "SquaredHinge"})


def activation_problems(situation: Situation) -> Iterator[Problem]:
    """Find an output activation that does not match the loss. Requires a loss that fits the task."""
    answer, loss = situation.answer, situation.config.loss.kind
    if answer is None:
        return
    if answer.activation in _SHARES and situation.units == 1:
        yield from _lone_softmax(situation)
    elif situation.from_logits is True:
        yield from _raw(situation, answer.activation)
    elif situation.from_logits is False or loss in _SHARE_LOSSES:
        yield from _probability(situation, answer.activation)
    elif loss in _HINGES and answer.activation in _SHARES | _CHANCES | _POSITIVE:
        message = f"{loss} expects negative scores for one class, but {answer.activation} outputs no negative values."
        yield _mended(situation, message, "tanh")
    elif situation.labels is Labels.VALUES:
        yield from _values(situation, answer.activation)


def _problem(situation: Situation, message: str, fix: str, edits: tuple[Edit, ...]) -> Problem:
    index = situation.answer.place if situation.answer else len(situation.layers) - 1
    return Problem(severity=Severity.WARNING, where=f"layers.{index + 1}", message=message, fix=fix, edits=edits)


def _mended(situation: Situation, message: str, activation: str | None, *more: Edit) -> Problem:
    """Return the problem with another output activation, or none, as its fix."""
    fix = f"Set the output activation to {activation}." if activation else "Remove the output activation."
    return _problem(situation, message, fix, situation.activated(activation) + more)


def _lone_softmax(situation: Situation) -> Iterator[Problem]:
    """Find softmax over one number, unless the loss needs several: then the number of outputs is the problem."""
    message = "softmax over a single output is always 1, so the model cannot learn."
    if situation.labels is Labels.BINARY:
        off = (put("loss", "from_logits", value=False),) if situation.from_logits else ()
        found = _mended(situation, message, "sigmoid", *off)
    elif situation.expected_units == 1:
        found = _mended(situation, message, None)
    else:
        return
    # An error, unlike the other activations: no gradient can ever change the output.
    yield found.model_copy(update={"severity": Severity.ERROR})


def _raw(situation: Situation, activation: str | None) -> Iterator[Problem]:
    loss = situation.config.loss.kind
    binary = situation.labels is Labels.BINARY
    if activation in _SHARES | _CHANCES:
        message = (
            f"{loss} has from_logits=true, but the model already ends with {activation}, which would be applied twice."
        )
        # An activation that fits the loss is probably intended, so from_logits is the mistake.
        if activation in (_CHANCES if binary else _SHARES):
            off = (put("loss", "from_logits", value=False),)
            yield _problem(situation, message, "Set from_logits of the loss to false.", off)
        else:
            yield _mended(situation, message, None)
    elif activation in _CUT:
        message = f"{loss} with from_logits=true expects unbounded logits, but {activation} bounds them."
        yield _mended(situation, message, None)


def _probability(situation: Situation, activation: str | None) -> Iterator[Problem]:
    loss = situation.config.loss.kind
    good, accepted = ("sigmoid", _CHANCES) if situation.labels is Labels.BINARY else ("softmax", _SHARES)
    if activation in accepted:
        return
    if activation is not None:
        yield _mended(
            situation,
            f"{loss} expects probabilities, but {activation} does not output probabilities; {good} does.",
            good,
        )
        return
    message = f"The last layer outputs logits, but {loss} expects probabilities."
    if situation.from_logits is None:
        yield _mended(situation, message, good)
    else:
        yield _problem(
            situation, message, "Set from_logits of the loss to true.", (put("loss", "from_logits", value=True),)
        )


def _values(situation: Situation, activation: str | None) -> Iterator[Problem]:
    loss = situation.config.loss.kind
    if activation in _SHARES | {"log_softmax"}:
        yield _mended(
            situation,
            f"{activation} normalizes the outputs to a distribution, which does not fit the targets of a regression.",
            None,
        )
    elif activation in _CHANCES | _BOUNDED:
        yield _mended(
            situation,
            f"{activation} bounds the outputs, but the targets of a regression may lie outside these bounds.",
            None,
        )
    elif activation in {"relu", "relu6"} and loss not in _POSITIVE_LOSSES:
        message = (
            f"{activation} on the output cannot predict negative values, and its gradient vanishes where it outputs 0."
        )
        yield _mended(situation, message, None)
