"""Rules about the inputs: ignored arrays, scaling, the channels axis, and tokens stored as numbers."""

from collections.abc import Iterator

from trainer.config.check import Problem, Severity
from trainer.data.npz_layout import KNOWN_ARRAYS
from trainer.data.schema import Kind
from trainer.engine.rules.situation import Fix, Situation, put, removed

__all__ = ["input_problems", "token_fix", "token_remedy"]

_SCALING = frozenset({"Rescaling", "BatchNormalization", "LayerNormalization", "Normalization"})
_MOVES_NUMBERS = frozenset({"Flatten", "Reshape"})
_CHANNELS = frozenset({1, 3, 4})
_SMALLEST_IMAGE = 8

# Largest input without a warning; Keras's initializers assume inputs of about 1.
_LARGEST_SEEN = 30.0

# Largest scale of a Rescaling meant for pixels from 0 to 255: 1/255, 1/128 or 1/127.5.
_DIVIDES = 2.1 / 255

# Largest value of images that were divided by 255 twice.
_SMALLEST_SEEN = 1.01 / 255


def input_problems(situation: Situation) -> Iterator[Problem]:
    """Find properties of the inputs, or of their fields in the config, that prevent learning."""
    yield from _file(situation)
    yield from _channels(situation)
    yield from _divided_again(situation)
    if situation.schema.vocabulary is not None:
        yield from _scaled_tokens(situation)
    elif situation.schema.value_range is None:
        yield from _raw_pixels(situation)
    else:
        yield from _range(situation)


def _warning(where: str, message: str, fix: Fix) -> Problem:
    return Problem(severity=Severity.WARNING, where=where, message=message, fix=fix.text, edits=fix.edits)


def _file(situation: Situation) -> Iterator[Problem]:
    """Find unused arrays, and a validation fraction that the file makes unnecessary."""
    schema, dataset = situation.schema, situation.config.dataset
    if schema.ignored:
        message = f"{schema.title} also contains {schema.ignored}, which Fitboard ignores; expected {KNOWN_ARRAYS}."
        yield Problem(severity=Severity.WARNING, where="dataset", message=message)
    # Only a fraction that was set deliberately deserves a warning; the default is always there.
    usual = type(dataset).model_fields["validation_fraction"].default
    if schema.has_own_validation and dataset.validation_fraction != usual:
        message = "validation_fraction has no effect, because the file has its own validation data (x_val and y_val)."
        fix = Fix(f"Reset it to {usual:g}.", (put("dataset", "validation_fraction", value=usual),))
        yield _warning("dataset.validation_fraction", message, fix)


def _channels(situation: Situation) -> Iterator[Problem]:
    """Find images whose channels axis is apparently not where the config says."""
    shape, channels = situation.schema.input_shape, situation.config.dataset.arguments().get("channels")
    if channels is None or len(shape) != 3 or shape[-1] in _CHANNELS:
        return
    raw = (shape[-1], *shape[:-1]) if channels == "first" else shape
    sizes = " × ".join(str(size) for size in raw)
    if channels == "last" and raw[0] in _CHANNELS and min(raw[1:]) >= _SMALLEST_IMAGE:
        message = f"Samples of {sizes} look like channels-first images, but layers expect the channels last."
        fix = Fix(
            "Set channels to first, which moves the axis to the end.", (put("dataset", "channels", value="first"),)
        )
        yield _warning("dataset.channels", message, fix)
    elif channels == "first" and raw[-1] in _CHANNELS:
        message = f"Samples of {sizes} look like channels-last images, but channels is set to first."
        fix = Fix("Set channels to last.", (put("dataset", "channels", value="last"),))
        yield _warning("dataset.channels", message, fix)


def _is_scaled(situation: Situation) -> bool:
    """Return whether the network itself starts with a scaling layer."""
    layers = situation.layers
    first = next((layer.kind for layer in layers if layer.kind not in _MOVES_NUMBERS), "")
    return first in _SCALING or any(layer.kind == "Rescaling" for layer in layers[:3])


def _divided_again(situation: Situation) -> Iterator[Problem]:
    """Find a Rescaling of inputs that the dataset's scale, or the file, has already scaled."""
    schema, layers = situation.schema, situation.layers
    index = next((index for index, layer in enumerate(layers) if layer.kind not in _MOVES_NUMBERS), 0)
    layer = layers[index]
    if layer.kind != "Rescaling" or index + 1 == len(layers) or schema.vocabulary is not None:
        return
    scale, offset = layer.arguments()["scale"], layer.arguments()["offset"]
    values = schema.value_range
    in_file = values is not None and schema.scale == "none" and 0 < max(abs(value) for value in values) <= 1
    if not (schema.scale != "none" or in_file) or not 0 < abs(scale) <= _DIVIDES or schema.kind is Kind.TABLE:
        return
    how = f"by the dataset (scale: {schema.scale})" if schema.scale != "none" else "in the file"
    message = (
        f"Rescaling multiplies inputs by {scale:.3g}, but they are already scaled {how}, so they become too small."
    )
    fix = Fix("Remove the Rescaling.", (removed("layers", index),))
    if offset:
        fix = Fix("Set its scale to 2.", (put("layers", index, "scale", value=2.0),)) if offset == -1 else fix
    yield _warning(f"layers.{index + 1}", message, fix)


def _set_scale(situation: Situation, scale: str) -> Fix:
    texts = {
        "unit": "Set scale to unit, so that inputs lie between 0 and 1.",
        "standardize": "Set scale to standardize, so that inputs have mean 0 and standard deviation 1.",
        "none": "Set scale to none, which leaves inputs unchanged.",
    }
    return Fix(texts[scale], (put("dataset", "scale", value=scale),))


def _raw_pixels(situation: Situation) -> Iterator[Problem]:
    scale = situation.config.dataset.arguments().get("scale")
    if situation.schema.kind is Kind.IMAGES and scale == "none" and not _is_scaled(situation):
        message = "Pixels are not scaled and reach 255; networks learn poorly from inputs this large."
        yield _warning("dataset.scale", message, _set_scale(situation, "unit"))


def _range(situation: Situation) -> Iterator[Problem]:
    """Find inputs that are far larger or far smaller than 1."""
    schema = situation.schema
    if schema.value_range is None or schema.scale == "standardize" or _is_scaled(situation):
        return
    largest = max(abs(value) for value in schema.value_range)
    divides = schema.scale == "unit"
    seen = largest if not divides else largest / schema.largest if schema.largest else 1.0
    is_table = schema.kind in {Kind.TABLE, Kind.POINTS}
    if seen > _LARGEST_SEEN:
        message = f"Values in x reach {largest:,.6g} and are not scaled; networks learn poorly from inputs this large."
        yield _warning("dataset.scale", message, _set_scale(situation, "standardize" if is_table else "unit"))
    elif 0 < seen <= _SMALLEST_SEEN and not is_table:
        if divides:
            message = f"Values in x are at most {largest:g}, but scale: unit divides them by {schema.largest:g}."
        else:
            why = "they may have been divided by 255 twice. Networks learn poorly from inputs this small."
            message = f"Values in x are at most {largest:.3g}; {why}"
        yield _warning("dataset.scale", message, _set_scale(situation, "none" if divides else "unit"))


def _scaled_tokens(situation: Situation) -> Iterator[Problem]:
    fields = situation.config.dataset.arguments()
    if fields.get("inputs") == "tokens" and fields.get("scale") not in {None, "none"}:
        fix = Fix("Remove scale.", (put("dataset", "scale", value=None),))
        yield _warning("dataset.scale", "scale has no effect, because tokens are never scaled.", fix)


def token_fix(situation: Situation, index: int) -> Fix | None:
    """Return the fix that reads a file's integers as tokens, if the Embedding at `index` can look them up."""
    schema, fields = situation.schema, situation.config.dataset.arguments()
    if "inputs" not in fields or not schema.holds_integers or len(schema.input_shape) != 1:
        return None
    if schema.value_range is None or schema.value_range[0] < 0:
        return None
    edits = [put("dataset", "inputs", value="tokens")]
    if fields["scale"] is not None:
        edits.append(put("dataset", "scale", value=None))
    needed = int(schema.value_range[1]) + 1
    text = "Set inputs of the dataset to tokens"
    if situation.layers[index].arguments()["input_dim"] < needed:
        edits.append(put("layers", index, "input_dim", value=needed))
        text += f", and input_dim to {needed:,}"
    return Fix(f"{text}.", tuple(edits))


def token_remedy(situation: Situation) -> str | None:
    """Return how to change a file whose numbers may be tokens but cannot be looked up as they are, or None."""
    schema, fields = situation.schema, situation.config.dataset.arguments()
    if "inputs" not in fields or len(schema.input_shape) != 1 or schema.value_range is None:
        return None
    low, high = schema.value_range
    if schema.holds_integers and low < 0:
        return f"integers from {low:.0f}; tokens start at 0, so add {-low:.0f} to all of them in the file."
    if not schema.holds_integers and 0 <= low < high and low.is_integer() and high.is_integer() and high > 1:
        return "floats; if these are word ids, save them as integers and set inputs to tokens."
    return None
