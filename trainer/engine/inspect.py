"""Check a config: its shapes, parameters, memory and problems, without training or allocating weights."""

import contextlib
from collections.abc import Iterator, Sequence

from trainer.config import Config, FileWeights, Labels, Layer
from trainer.config.check import CheckReport, Edit, LayerReport, Problem, Severity
from trainer.config.file_datasets import Images
from trainer.data import Schema, Task, describe
from trainer.data.sources.file import checked_file, find_file
from trainer.engine.memory import estimate_memory
from trainer.engine.nested import inner_layers, nested_problems
from trainer.engine.rules import find_problems
from trainer.engine.shapes import Built, Shape, build_alone, unbuildable
from trainer.errors import DataError
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = ["inspect", "inspect_layers"]

_SKIP = "skip_broken"
_Chain = list[tuple[Layer, Shape, Built]]


def inspect(config: Config, *, home: Home, memory_limit: int) -> CheckReport:
    """Return the report on a config; `memory_limit` is the maximum memory in bytes."""
    try:
        schema = describe(config.dataset, home=home)
    except DataError as error:
        problem = _data_problem(config, str(error), home)
        return CheckReport(ok=False, input_shape=(None,), problems=(problem,))
    report = inspect_layers(config, schema, memory_limit=memory_limit)
    missing = _missing_weights(config, home)
    if missing is None:
        return report
    return report.model_copy(update={"ok": False, "problems": (missing, *report.problems)})


def _missing_weights(config: Config, home: Home) -> Problem | None:
    """Return the problem of a file of weights that cannot be read. Those of a run are fetched when training starts."""
    if isinstance(config.weights, FileWeights):
        try:
            checked_file(find_file(config.weights.path, home))
        except DataError as error:
            return Problem(severity=Severity.ERROR, where="weights.path", message=str(error))
    return None


def _data_problem(config: Config, message: str, home: Home) -> Problem:
    """Describe a problem of the data, with a fix if there is one.

    If only the task is missing, the fix sets the task that the loss implies; broken pictures can be left out.
    """
    if isinstance(config.dataset, Images) and _SKIP in message:
        edit = Edit(action="set", path=("dataset", _SKIP), value=True)
        fix = "Leave out pictures that cannot be read."
        return Problem(severity=Severity.ERROR, where="dataset", message=message, fix=fix, edits=(edit,))
    if config.dataset.arguments().get("task") == "auto":
        task = Task.REGRESSION if config.loss.labels is Labels.VALUES else Task.CLASSIFICATION
        with contextlib.suppress(DataError):
            # Raises DataError if that task does not fit the data either; the fix is then not offered.
            describe(config.dataset.replace(task=str(task)), home=home)
            edit = Edit(action="set", path=("dataset", "task"), value=str(task))
            fix = f"Set task to {task}."
            return Problem(severity=Severity.ERROR, where="dataset.task", message=message, fix=fix, edits=(edit,))
    return Problem(severity=Severity.ERROR, where="dataset", message=message)


def inspect_layers(config: Config, schema: Schema, *, memory_limit: int) -> CheckReport:
    """Return the report on a config whose dataset's schema is known."""
    chain, culprit = _build(config, schema, memory_limit)
    shapes = [built.output_shape for _, _, built in chain]
    inputs = _inputs(schema, chain)
    problems = (
        *_merged([*find_problems(config, schema, shapes), *_inside(config, schema, chain)], culprit),
        *_all_frozen(chain),
    )
    return CheckReport(
        ok=all(problem.severity is not Severity.ERROR for problem in problems),
        input_shape=(None, *schema.input_shape),
        layers=tuple(
            LayerReport(
                layer=layer.kind,
                output_shape=built.output_shape or (),
                parameters=built.parameters,
                layers=inner_layers(layer, *entry),
            )
            for (layer, _, built), entry in zip(chain, inputs, strict=False)
        ),
        unbuilt=inner_layers(config.layers[len(chain)], *inputs[-1]) if len(chain) < len(config.layers) else (),
        parameters=sum(built.parameters for _, _, built in chain),
        trainable_parameters=sum(built.trainable for _, _, built in chain),
        memory_bytes=estimate_memory(config, schema, chain),
        problems=problems,
    )


def _inputs(schema: Schema, chain: _Chain) -> list[tuple[Shape, str]]:
    """Return the input shape, batch dimension included, and type of each layer of the chain and of the one after it."""
    after = [(built.output_shape or (), built.dtype) for _, _, built in chain]
    return [((None, *schema.input_shape), schema.input_dtype), *after]


def _build(config: Config, schema: Schema, memory_limit: int) -> tuple[_Chain, Problem | None]:
    """Inspect layers up to the first that cannot be built, and return what is wrong with it."""
    chain: _Chain = []
    shape, dtype = (None, *schema.input_shape), schema.input_dtype
    if estimate_memory(config, schema, chain) > memory_limit:
        return chain, _too_large("dataset", "The data", estimate_memory(config, schema, chain), memory_limit)
    for number, layer in enumerate(config.layers, start=1):
        built = build_alone(layer, shape, dtype)
        if built.failure is not None or built.output_shape is None:
            return chain, unbuildable(f"layers.{number}", layer, shape, built.failure or "")
        chain.append((layer, shape, built))
        shape, dtype = built.output_shape, built.dtype
        needed = estimate_memory(config, schema, chain)
        if needed > memory_limit:
            return chain, _too_large(f"layers.{number}", "The network up to this layer", needed, memory_limit)
    return chain, None


def _all_frozen(chain: _Chain) -> tuple[Problem, ...]:
    """Return the warning about a network in which every layer with weights is frozen."""
    weighted = [place for place, (_, _, built) in enumerate(chain) if built.parameters]
    if not weighted or any(built.trainable for _, _, built in chain) or not chain[weighted[-1]][0].freeze:
        return ()
    last = weighted[-1]
    fix = f"Set freeze of layer {last + 1} ({chain[last][0].kind}) to false."
    edit = Edit(action="set", path=("layers", last, "freeze"), value=False)
    message = "Every layer with weights is frozen, so training changes nothing."
    where = f"layers.{last + 1}.freeze"
    return (Problem(severity=Severity.WARNING, where=where, message=message, fix=fix, edits=(edit,)),)


def _inside(config: Config, schema: Schema, chain: _Chain) -> Iterator[Problem]:
    """Yield the problems inside the blocks, up to the first layer that cannot be built."""
    for index, (layer, (shape, dtype)) in enumerate(zip(config.layers, _inputs(schema, chain), strict=False)):
        yield from nested_problems(config, schema, layer, path=("layers", index), shape=shape, dtype=dtype)


def _too_large(where: str, what: str, needed: int, limit: int) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        where=where,
        message=f"{what} needs about {readable_bytes(needed)} of memory; the machine has {readable_bytes(limit)}.",
        fix="Use fewer or smaller samples."
        if where == "dataset"
        else "Reduce units, filters or batch_size, or add pooling before it.",
    )


def _merged(found: Sequence[Problem], culprit: Problem | None) -> tuple[Problem, ...]:
    """Combine the problems; a problem without a fix is dropped if a rule explains the same layer with one."""
    if culprit is None:
        return tuple(found)
    errors = {problem.where for problem in found if problem.severity is Severity.ERROR}
    explained = any(place == culprit.where or place.startswith(f"{culprit.where}.") for place in errors)
    return tuple(found) if culprit.fix is None and explained else (*found, culprit)
