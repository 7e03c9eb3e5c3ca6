"""What is wrong with a config on its data, and how it can be mended. Pure: no Keras."""

from collections.abc import Sequence

from trainer.config import Config
from trainer.config.check import Problem, Severity
from trainer.data.schema import Schema
from trainer.engine.rules.activation import activation_problems
from trainer.engine.rules.inputs import input_problems
from trainer.engine.rules.layers import layer_problems
from trainer.engine.rules.measures import metric_problems
from trainer.engine.rules.output import loss_problems, output_problems
from trainer.engine.rules.ranges import range_problems
from trainer.engine.rules.situation import Shape, Situation
from trainer.engine.rules.targets import target_problems
from trainer.engine.rules.training import callback_problems, training_problems

__all__ = ["find_problems"]


def find_problems(config: Config, schema: Schema, shapes: Sequence[Shape | None]) -> tuple[Problem, ...]:
    """Every problem that the rules know, errors first, each with a fix where there is one.

    `shapes` are the layers' output shapes, each beginning with None for the batch, as far as the network could be
    built; what depends on an unknown shape is not judged. An edit's path goes into the config's plain fields, as
    `apply_edits` takes it.
    """
    situation = Situation(config=config, schema=schema, shapes=shapes)
    found = [*input_problems(situation), *layer_problems(situation), *loss_problems(situation)]
    if not any(problem.where == "loss" for problem in found):
        output = list(output_problems(situation))
        keeps_activation = all(edit.path[-1] == "units" for problem in output for edit in problem.edits)
        activation = activation_problems(situation) if keeps_activation else ()
        found += [*output, *activation, *metric_problems(situation), *target_problems(situation)]
    found += [*callback_problems(situation), *training_problems(situation), *range_problems(situation)]
    return tuple(sorted(found, key=_order))


def _order(problem: Problem) -> bool:
    """Errors first, and before those that follow from it: that the data's channels are elsewhere."""
    return problem.severity is not Severity.ERROR and problem.where != "dataset.channels"
