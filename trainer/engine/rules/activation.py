"""Rules about the function on the output: softmax, sigmoid, from_logits, and what a regression must not have."""

from collections.abc import Iterator

from trainer.config import Labels
from trainer.config.check import Edit, Problem, Severity
from trainer.engine.rules.situation import Situation, put

__all__ = ["activation_problems"]

_SHARES = frozenset({"softmax", "sparsemax"})
_CHANCES = frozenset({"sigmoid", "hard_sigmoid", "sparse_sigmoid"})
_POSITIVE = frozenset({"relu", "relu6", "softplus", "sparse_plus", "squareplus", "exponential"})
_BOUNDED = frozenset({"tanh", "hard_tanh", "softsign", "log_sigmoid", "threshold"})
_CUT = _POSITIVE | _BOUNDED
_SHARE_LOSSES = frozenset({"KLDivergence", "CategoricalGeneralizedCrossEntropy"})
_POSITIVE_LOSSES = frozenset({"Poisson", "MeanSquaredLogarithmicError"})
_HINGES = frozenset({"Hinge", "SquaredHinge"})


def activation_problems(situation: Situation) -> Iterator[Problem]:
    """A last function that does not go with the loss. Only where the loss fits the task."""
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
        message = f"{loss} expects scores from −1 to 1, but {answer.activation} puts out none below 0."
        yield _mended(situation, message, "tanh")
    elif situation.labels is Labels.VALUES:
        yield from _values(situation, answer.activation)


def _problem(situation: Situation, message: str, fix: str, edits: tuple[Edit, ...]) -> Problem:
    index = situation.answer.place if situation.answer else len(situation.layers) - 1
    return Problem(severity=Severity.WARNING, where=f"layers.{index + 1}", message=message, fix=fix, edits=edits)


def _mended(situation: Situation, message: str, activation: str | None, *more: Edit) -> Problem:
    """The problem with another last function, or none, as its fix."""
    fix = f"Put {activation} on the output." if activation else "Take the activation off the output."
    return _problem(situation, message, fix, situation.activated(activation) + more)


def _lone_softmax(situation: Situation) -> Iterator[Problem]:
    """Softmax over one number is always 1. Where several are needed, the number of outputs is the problem."""
    message = "softmax over a single number is always 1, so nothing can be learned."
    if situation.labels is Labels.BINARY:
        off = (put("loss", "from_logits", value=False),) if situation.from_logits else ()
        found = _mended(situation, message, "sigmoid", *off)
    elif situation.expected_units == 1:
        found = _mended(situation, message, None)
    else:
        return
    yield found.model_copy(update={"severity": Severity.ERROR})


def _raw(situation: Situation, activation: str | None) -> Iterator[Problem]:
    loss = situation.config.loss.kind
    binary = situation.labels is Labels.BINARY
    if activation in _SHARES | _CHANCES:
        message = (
            f"{activation} and from_logits=True come together: {loss} would apply its own on top, and learn slowly."
        )
        if activation in (_CHANCES if binary else _SHARES):
            off = (put("loss", "from_logits", value=False),)
            yield _problem(situation, message, "Set the loss's from_logits to false.", off)
        else:
            yield _mended(situation, message, None)
    elif activation in _CUT:
        message = f"{loss} with from_logits=True expects scores of any size, but {activation} cuts them off."
        yield _mended(situation, message, None)


def _probability(situation: Situation, activation: str | None) -> Iterator[Problem]:
    loss = situation.config.loss.kind
    good, accepted = ("sigmoid", _CHANCES) if situation.labels is Labels.BINARY else ("softmax", _SHARES)
    if activation in accepted:
        return
    if activation is not None:
        yield _mended(situation, f"{loss} expects probabilities, which {activation} does not give; {good} does.", good)
        return
    message = f"The last layer puts out raw scores (logits), but {loss} expects probabilities."
    if situation.from_logits is None:
        yield _mended(situation, message, good)
    else:
        yield _problem(
            situation, message, "Set the loss's from_logits to true.", (put("loss", "from_logits", value=True),)
        )


def _values(situation: Situation, activation: str | None) -> Iterator[Problem]:
    loss = situation.config.loss.kind
    if activation in _SHARES | {"log_softmax"}:
        yield _mended(
            situation, f"{activation} makes outputs into shares of 1, which no values of a regression are.", None
        )
    elif activation in _CHANCES | _BOUNDED:
        yield _mended(
            situation, f"{activation} keeps outputs within narrow bounds, which values of a regression may leave.", None
        )
    elif activation in {"relu", "relu6"} and loss not in _POSITIVE_LOSSES:
        message = f"{activation} on the output cannot put out values below 0, and does not learn where it is 0."
        yield _mended(situation, message, None)
