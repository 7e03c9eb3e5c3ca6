"""Check the layers inside blocks, Residual, Parallel and Stack, and report their shapes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from trainer.config import Config, Layer
from trainer.config.check import Edit, LayerReport, Problem, Severity
from trainer.config.layers.composite import Parallel, Residual, Stack
from trainer.data import Kind, Schema
from trainer.engine.rules.applications import application_problems
from trainer.engine.rules.images import image_problems
from trainer.engine.rules.layers import layer_problems
from trainer.engine.rules.situation import Situation, each_sample
from trainer.engine.shapes import Shape, build_alone, unbuildable

__all__ = ["inner_layers", "nested_problems"]

_Path = tuple[str | int, ...]


def nested_problems(
    config: Config, schema: Schema, layer: Layer, *, path: _Path, shape: Shape, dtype: str
) -> Iterator[Problem]:
    """Find the problems of the layers inside a layer, each with its place, such as `layers.2.layers.1.groups`.

    Args:
        config: the config.
        schema: the dataset's schema.
        layer: the layer, composite or not.
        path: the path of the layer in the config's plain fields, counted from 0.
        shape: the layer's input shape, batch dimension (None) included.
        dtype: the type of its input.
    """
    if not isinstance(layer, Residual | Parallel | Stack):
        return
    # Every branch has the input of the whole; the layers of a stack have the output of the one before.
    groups = [(place, (inner,)) for place, inner in enumerate(layer.layers)]
    for start, layers in groups if isinstance(layer, Parallel) else [(0, layer.layers)]:
        found = list(_of_chain(config, schema, layers, path=(*path, "layers"), start=start, shape=shape, dtype=dtype))
        yield from found
    if isinstance(layer, Residual) and not any(problem.severity is Severity.ERROR for problem in found):
        yield from _unequal(layer, path, shape, dtype)


def inner_layers(layer: Layer, shape: Shape, dtype: str) -> tuple[LayerReport, ...]:
    """Return the layers inside a block on an input of `shape`, batch dimension (None) included; empty for others.

    They end before the first that cannot be built; in a Parallel, whose branches do not depend on each other too, since
    a report is found by its place.
    """
    found: list[LayerReport] = []
    for inner in layer.layers if isinstance(layer, Residual | Parallel | Stack) else ():
        built = build_alone(inner, shape, dtype)
        if built.output_shape is None:
            break
        inside = inner_layers(inner, shape, dtype)
        report = LayerReport(
            layer=inner.kind, output_shape=built.output_shape, parameters=built.parameters, layers=inside
        )
        found.append(report)
        if not isinstance(layer, Parallel):
            shape, dtype = built.output_shape, built.dtype
    return tuple(found)


def _unequal(layer: Residual, path: _Path, shape: Shape, dtype: str) -> Iterator[Problem]:
    """Find a stack whose output cannot be added to its input."""
    if build_alone(layer, shape, dtype).failure is None:
        return
    after = build_alone(Stack(layers=layer.layers), shape, dtype).output_shape or ()
    message = (
        f"Residual adds its input of {each_sample(shape)} to an output of {each_sample(after)}; both need the same "
        "shape. To change the shape, use a Parallel with `merge: add` and a layer in its other branch."
    )
    yield Problem(severity=Severity.ERROR, where=_where(path), message=message)


def _of_chain(
    config: Config, schema: Schema, layers: Sequence[Layer], *, path: _Path, start: int, shape: Shape, dtype: str
) -> Iterator[Problem]:
    inner = replace(
        schema,
        kind=Kind.ARRAYS,
        input_shape=tuple(size or 1 for size in shape[1:]),
        vocabulary=schema.vocabulary if dtype.startswith("int") else None,
    )
    shapes: list[Shape | None] = []
    culprit: Problem | None = None
    deeper: list[Problem] = []
    for place, layer in enumerate(layers, start=start):
        deeper += nested_problems(config, schema, layer, path=(*path, place), shape=shape, dtype=dtype)
        built = build_alone(layer, shape, dtype)
        if built.output_shape is None:
            culprit = unbuildable(_where((*path, place)), layer, shape, built.failure or "")
            break
        shapes.append(built.output_shape)
        shape, dtype = built.output_shape, built.dtype
    situation = Situation(config=config.model_copy(update={"layers": tuple(layers)}), schema=inner, shapes=shapes)
    ruled = [*layer_problems(situation, nested=True), *image_problems(situation), *application_problems(situation)]
    found = [*deeper, *(_moved(problem, path, start) for problem in ruled)]
    yield from found
    # A rule, or a layer further inside, explains better why Keras cannot build a layer.
    if culprit and not any(f"{problem.where}.".startswith(f"{culprit.where}.") for problem in found):
        yield culprit


def _moved(problem: Problem, path: _Path, start: int) -> Problem:
    edits = tuple(_moved_edit(edit, path, start) for edit in problem.edits)
    return problem.model_copy(update={"where": _moved_place(problem.where, path, start), "edits": edits})


def _moved_place(where: str, path: _Path, start: int) -> str:
    _, place, *rest = where.split(".")
    return ".".join([_where((*path, int(place) - 1 + start)), *rest])


def _moved_edit(edit: Edit, path: _Path, start: int) -> Edit:
    _, place, *rest = edit.path
    return edit.model_copy(update={"path": (*path, int(place) + start, *rest)})


def _where(path: _Path) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)
