"""Rules about the weights of the classes in the loss."""

from collections.abc import Iterator

from trainer.config.check import Problem, Severity
from trainer.data.class_weights import class_number
from trainer.engine.rules.situation import Situation, put
from trainer.errors import DataError

__all__ = ["class_weight_problems"]


def class_weight_problems(situation: Situation) -> Iterator[Problem]:
    """Find class weights of a regression, and those of classes that the data do not have."""
    weights, schema = situation.config.class_weight, situation.schema
    if weights is None:
        return
    if not situation.classifies or schema.classes is None:
        yield _problem(
            f"`class_weight` requires a classification with one class per sample, but the task is {schema.task}."
        )
        return
    for name in () if isinstance(weights, str) else weights:
        try:
            class_number(name, schema.class_names, schema.classes)
        except DataError as error:
            yield _problem(str(error))
            return


def _problem(message: str) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        where="class_weight",
        message=message,
        fix="Remove class_weight.",
        edits=(put("class_weight", value=None),),
    )
