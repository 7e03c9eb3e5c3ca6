"""Find the problems of a config on its data, and their fixes. Pure: no Keras."""

from collections.abc import Sequence

from trainer.config import Config
from trainer.config.check import Problem, Severity
from trainer.data.schema import Schema
from trainer.engine.rules.activation import activation_problems
from trainer.engine.rules.applications import application_problems
from trainer.engine.rules.augment import augment_problems
from trainer.engine.rules.images import image_problems
from trainer.engine.rules.inputs import input_problems
from trainer.engine.rules.layers import layer_problems
from trainer.engine.rules.measures import metric_problems
from trainer.engine.rules.output import loss_problems, output_problems
from trainer.engine.rules.ranges import range_problems
from trainer.engine.rules.situation import Shape, Situation
from trainer.engine.rules.targets import target_problems
from trainer.engine.rules.training import callback_problems, training_problems
from trainer.engine.rules.weights import class_weight_problems

__all__ = ["find_problems"]


def find_problems(config: Config, schema: Schema, shapes: Sequence[Shape | None]) -> tuple[Problem, ...]:
    """Return every problem that the rules find, errors first, each with a fix if there is one.

    `shapes` are the layers' output shapes, batch dimension (None) included, as far as the network could be built;
    rules that need an unknown shape are skipped. The path of an edit leads into the config's plain fields, as
    `apply_edits` expects it.
    """
    situation = Situation(config=config, schema=schema, shapes=shapes)
    found = [
        *input_problems(situation),
        *layer_problems(situation),
        *image_problems(situation),
        *augment_problems(situation),
        *application_problems(situation),
    ]
    found += loss_problems(situation)
    # A loss for the wrong task makes the output and every metric look wrong; its own fix changes those too.
    if not any(problem.where == "loss" for problem in found):
        output = list(output_problems(situation))
        keeps_activation = all(edit.path[-1] == "units" for problem in output for edit in problem.edits)
        activation = activation_problems(situation) if keeps_activation else ()
        found += [*output, *activation, *metric_problems(situation), *target_problems(situation)]
    found += [
        *callback_problems(situation),
        *training_problems(situation),
        *class_weight_problems(situation),
        *range_problems(situation),
    ]
    return tuple(sorted(found, key=_order))


def _order(problem: Problem) -> bool:
    """Sort errors first, and misplaced channels before the layer errors that follow from them."""
    return problem.severity is not Severity.ERROR and problem.where != "dataset.channels"
