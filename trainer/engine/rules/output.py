"""Rules about the loss and the shape of the output."""

from collections.abc import Iterator
from typing import Any

from trainer.config import Labels
from trainer.config.check import Edit, Problem, Severity
from trainer.data.schema import Kind
from trainer.engine.rules.ranks import returns_sequences, sequence_path
from trainer.engine.rules.refit import with_loss
from trainer.engine.rules.situation import (
    NOISE,
    RECURRENT,
    Fix,
    Situation,
    each_sample,
    inserted,
    put,
    removed,
    written,
)
from trainer.format import counted

__all__ = ["loss_problems", "output_problems"]

_HIDDEN = frozenset({"relu", "relu6", "tanh", "elu", "gelu", "selu", "silu", "leaky_relu", "mish", "celu", "hard_silu"})
# Activations that are common on an output layer and rare on a hidden one.
_ANSWERING = frozenset({None, "linear", "softmax", "sparsemax", "sigmoid", "hard_sigmoid", "sparse_sigmoid"})

_KEEP_UNITS = NOISE | frozenset(
    {"Activation", "BatchNormalization", "LayerNormalization", "Rescaling", "GroupNormalization", "RMSNormalization"}
    | {"UnitNormalization", "Normalization", "Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU", "Identity"}
    | {"ActivityRegularization"}
)
_POOLED = {3: "GlobalAveragePooling1D", 4: "GlobalAveragePooling2D", 5: "GlobalAveragePooling3D"}


def loss_problems(situation: Situation) -> Iterator[Problem]:
    """Find a loss that does not fit the task of the dataset."""
    schema, loss = situation.schema, situation.config.loss
    for_values = situation.labels is Labels.VALUES
    if situation.is_multilabel:
        if situation.labels is not Labels.BINARY:
            message = f"{loss.kind} is not for several labels at once, which {schema.name} has."
            yield _loss_problem(message, with_loss(situation, _crossentropy(situation, "BinaryCrossentropy")))
        return
    if situation.classifies is for_values and schema.other_task is not None:
        yield _other_reading(situation)
    if not situation.classifies and not for_values:
        message = f"{loss.kind} is a classification loss, but {schema.name} is a regression dataset."
        if situation.labels is Labels.BINARY and schema.outputs > 1:
            yield _several_labels(situation, message)
            return
        yield _loss_problem(message, with_loss(situation, {"name": "MeanSquaredError"}))
    elif situation.classifies and for_values:
        message = f"{loss.kind} is a regression loss, but {schema.name} has {schema.classes} classes."
        yield _other_loss(situation, message)
    elif situation.labels is Labels.BINARY and schema.classes != 2:
        message = f"{loss.kind} is for two classes, but {schema.name} has {schema.classes}."
        yield _other_loss(situation, message)


def _several_labels(situation: Situation, message: str) -> Problem:
    """Describe a loss for labels on several targets, which only a table in a file can declare as labels."""
    if "target" not in situation.config.dataset.arguments():
        message += " Multi-label classification requires a table in a file; give each sample one class."
        return Problem(severity=Severity.ERROR, where="loss", message=message)
    return Problem(
        severity=Severity.ERROR,
        where="dataset.task",
        message=message,
        fix="Set task to multilabel, if each target is 0 or 1.",
        edits=(put("dataset", "task", value="multilabel"),),
    )


def _other_loss(situation: Situation, message: str) -> Problem:
    one_output = situation.schema.classes == 2 and situation.units == 1
    name = "BinaryCrossentropy" if one_output else "SparseCategoricalCrossentropy"
    return _loss_problem(message, with_loss(situation, _crossentropy(situation, name)))


def _loss_problem(message: str, fix: Fix) -> Problem:
    return Problem(severity=Severity.ERROR, where="loss", message=message, fix=fix.text, edits=fix.edits)


def _other_reading(situation: Situation) -> Problem:
    """Describe a loss that may be right if the task was inferred wrongly: 0.0, 1.0, 2.0 may be classes or values."""
    schema = situation.schema
    now, other = ("classification", "regression") if situation.classifies else ("regression", "classification")
    message = (
        f"The targets are a few distinct integers, which may be classes or values. The task was inferred as {now}, but "
        f"{situation.config.loss.kind} is a {other} loss."
    )
    return Problem(
        severity=Severity.ERROR,
        where="dataset.task",
        message=message,
        fix=f"Set task of the dataset to {schema.other_task}.",
        edits=(put("dataset", "task", value=str(schema.other_task)),),
    )


def _crossentropy(situation: Situation, name: str) -> dict[str, Any]:
    """Return that loss, with from_logits if the output has no activation."""
    raw = situation.answer is not None and situation.answer.activation is None
    return {"name": name, "from_logits": True} if raw else {"name": name}


def output_problems(situation: Situation) -> Iterator[Problem]:
    """Find an output whose shape does not match the loss. Requires a loss that fits the task."""
    output = situation.output
    if output is None:
        return
    last = f"layers.{len(situation.layers)}"
    need = _need(situation)
    if len(output) != 2:
        fix = _flattened(situation)
        message = (
            f"The model outputs an array of shape {each_sample(output)} for each sample, but {need}, in one dimension."
        )
        yield Problem(severity=Severity.ERROR, where=last, message=message, fix=fix.text, edits=fix.edits)
    elif output[1] != situation.expected_units:
        fix = _resized(situation)
        # More outputs than classes train, only wastefully; fewer fail on the first label without an output.
        more = situation.labels is Labels.INTEGER and (output[1] or 0) > situation.expected_units
        severity = Severity.WARNING if more else Severity.ERROR
        outputs = "an unknown number of values" if output[1] is None else counted(output[1], "value")
        message = f"The model outputs {outputs} for each sample, but {need}."
        yield Problem(severity=severity, where=last, message=message, fix=fix.text, edits=fix.edits)


def _need(situation: Situation) -> str:
    schema, loss = situation.schema, situation.config.loss.kind
    count = situation.expected_units
    if situation.is_multilabel:
        return f"{schema.name} has {counted(count, 'label')}"
    if situation.labels is Labels.BINARY:
        return f"{loss} expects 1 value (the score of the second class)"
    if situation.labels is Labels.VALUES:
        return f"{schema.name} has {counted(count, 'target')}"
    return f"{schema.name} has {count:,} classes and {loss} expects one value for each"


def _flattened(situation: Situation) -> Fix:
    """Return the fix that makes the output one-dimensional: the last step only, a Flatten, or a pooling."""
    layers = situation.layers
    bound = max((index for index, layer in enumerate(layers) if layer.input_rank is not None), default=-1)
    if bound >= 0 and returns_sequences(layers[bound]):
        text = f"Set return_sequences of the last {layers[bound].kind} to false."
        return Fix(text, (put(*sequence_path(bound, layers[bound]), value=False),))
    dense = (index for index in range(bound + 1, len(layers)) if layers[index].kind == "Dense")
    place = next((index for index in dense if len(situation.before(index) or ()) > 2), None)
    shape = situation.before(len(layers) if place is None else place)
    rank = len(shape or ())
    pools = situation.schema.kind is Kind.SEQUENCES or (bound >= 0 and place is None)
    kind = _POOLED.get(rank, "Flatten") if pools else "Flatten"
    if place is None:
        return Fix(f"Add a {kind} at the end.", (inserted("layers", len(layers), value={"layer": kind}),))
    text = f"Insert a {kind} before layer {place + 1} ({layers[place].kind})."
    return Fix(text, (inserted("layers", place, value={"layer": kind}),))


def _resized(situation: Situation) -> Fix:
    """Return the fix for the number of outputs: another loss, other units, or one more layer."""
    units, count = situation.units, situation.expected_units
    answer = situation.answer
    # Adding a layer after the output is a common mistake; moving the output is the smaller change.
    misplaced = _misplaced_output(situation)
    if misplaced:
        return _moved_to_the_end(situation, misplaced)
    if units == 1 and count == 2 and situation.classifies:
        return with_loss(situation, _crossentropy(situation, "BinaryCrossentropy"))
    place = _sized_layer(situation)
    if place is None or (answer is not None and answer.activation in _HIDDEN):
        layer = situation.dense(_activation_for(situation))
        text = f"Add a Dense with {counted(count, 'unit')} at the end."
        return Fix(text, (inserted("layers", len(situation.layers), value=layer),))
    edits: tuple[Edit, ...] = (put("layers", place, "units", value=count),)
    name = f"layer {place + 1} ({situation.layers[place].kind})"
    text = f"Set units of {name} to {count:,}."
    if situation.labels is Labels.BINARY and answer is not None and answer.activation == "softmax":
        edits += situation.activated("sigmoid")
        text = f"Set units of {name} to 1 and the output activation to sigmoid."
    return Fix(text, edits)


def _misplaced_output(situation: Situation) -> tuple[int, ...]:
    """Return the places of an output layer, and of its Activation, that other layers follow by mistake."""
    last = len(situation.layers) - 1
    for place in reversed(range(last)):
        layer = situation.layers[place]
        is_row = len(situation.before(place + 1) or ()) == 2
        if layer.kind != "Dense" or not is_row or layer.arguments()["units"] != situation.expected_units:
            continue
        following = situation.layers[place + 1]
        activated = following.kind == "Activation" and following.arguments()["activation"] in _ANSWERING
        if layer.arguments()["activation"] in _ANSWERING and place + activated < last:
            return (place, place + 1) if activated else (place,)
    return ()


def _moved_to_the_end(situation: Situation, places: tuple[int, ...]) -> Fix:
    end = len(situation.layers) - 1
    layers = [written(situation.layers[place]) for place in places]
    edits = [removed("layers", places[0]) for _ in places]
    edits += [inserted("layers", end + 1 - len(places) + number, value=layer) for number, layer in enumerate(layers)]
    units = counted(situation.expected_units, "unit")
    text = f"Move layer {places[0] + 1} (Dense, {units}) to the end, as it is the output."
    return Fix(text, tuple(edits))


def _sized_layer(situation: Situation) -> int | None:
    """Return the layer whose units determine the number of outputs, or None."""
    for index in reversed(range(len(situation.layers))):
        kind = situation.layers[index].kind
        if kind == "Dense" or kind in RECURRENT:
            return index if len(situation.before(index + 1) or ()) == 2 else None
        if kind not in _KEEP_UNITS:
            return None
    return None


def _activation_for(situation: Situation) -> str | None:
    if situation.from_logits is not False:
        return None
    return "sigmoid" if situation.labels is Labels.BINARY else "softmax"
