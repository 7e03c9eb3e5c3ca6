"""Read layers of a serialized Keras model as layers of a config. Nothing is built or executed."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from trainer.config import LAYERS, Component, Layer, Registry, describe
from trainer.config.layers.composite import SelfAttention
from trainer.config.validation_messages import sentence
from trainer.errors import ConfigError
from trainer.format import cut, one_line

__all__ = ["attention_of", "component_of", "layer_of"]

# The schema's names of what Keras calls otherwise.
_OTHER_NAMES = {"wrapped": "layer"}
# Keys that say nothing about what a layer computes.
_IDLE = frozenset({"name", "dtype", "build_config", "trainable", "vocabulary_size"})
# Values that stand for a feature that is not used, such as `quantization_config`.
_NEUTRAL: tuple[Any, ...] = (None, False, "auto", "channels_last", 1, [1], [1, 1], [1, 1, 1])
# Settings that configs do not have, at the only values that they stand for.
_FIXED: Mapping[str, Mapping[str, Any]] = {
    "BatchNormalization": {"renorm_clipping": {}, "renorm_momentum": 0.99},
    "Discretization": {"epsilon": 0.01},
    "IntegerLookup": {"oov_method": "floormod", "vocabulary_dtype": "int64"},
    "Resizing": {"fill_mode": "constant", "fill_value": 0.0},
}
_LONGEST = 60


def layer_of(document: Any, where: str) -> Layer:
    """Return the layer that a serialized Keras layer describes.

    Args:
        document: the layer as Keras writes it, with `class_name` and `config`.
        where: the layer in words, such as `Layer 3`.

    Raises:
        ConfigError: no layer of a config is like it; the message names the layer and why.
    """
    kind = _kind(document)
    named = f"{where} ({cut(one_line(kind), _LONGEST)})"
    if not _is_keras(document) or kind not in LAYERS.members:
        what = "is not a layer of Keras" if not _is_keras(document) else "is not among the layers of a config"
        raise ConfigError(
            f"{named} {what}; a model can be imported if it is made of the layers and blocks in the config reference."
        )
    return cast(Layer, component_of(document, LAYERS, named))


def attention_of(document: Any, where: str, settings: Mapping[str, Any]) -> Layer:
    """Return the SelfAttention that a serialized MultiHeadAttention on one input describes.

    Args:
        document: the layer as Keras writes it.
        where: the layer in words, such as `Layer 3`.
        settings: the arguments of its call other than the input.

    Raises:
        ConfigError: a config cannot hold it; the message says why.
    """
    kind = SelfAttention.kind_of()
    named = f"{where} (MultiHeadAttention)"
    other = [name for name in settings if name not in SelfAttention.call_arguments]
    if other:
        value = cut(one_line(repr(settings[other[0]])), _LONGEST)
        raise ConfigError(f"{named} is called with {cut(other[0], _LONGEST)}={value}, which configs cannot say.")
    config = {**_config(document), **settings}
    if config.get("value_dim") == config.get("key_dim"):
        # Keras writes the default so.
        config["value_dim"] = None
    return cast(Layer, component_of({**document, "class_name": kind, "config": config}, LAYERS, named))


def component_of(document: Any, registry: Registry, named: str) -> Component:
    """Return the component of a registry that a serialized Keras object describes.

    Raises:
        ConfigError: it is unknown, or has a setting that configs do not have; `named` says where.
    """
    kind = registry.full_name(_kind(document))
    cls, given = registry.members.get(kind), _config(document)
    if cls is None or not _is_keras(document):
        raise ConfigError(
            f"{named} uses the {registry.noun} {cut(one_line(kind), _LONGEST)!r}, which configs do not have."
        )
    specs = {_OTHER_NAMES.get(spec.name, spec.name): spec for spec in describe(cls)}
    fields: dict[str, Any] = {cls.key: kind}
    for key, value in given.items():
        spec = specs.get(key)
        if spec is not None:
            fields[spec.name] = _value(value, spec.registry, named)
        elif not _is_idle(kind, key, value, given):
            raise ConfigError(
                f"{named} has `{cut(one_line(key), _LONGEST)}` set to {cut(one_line(repr(value)), _LONGEST)}, which "
                "configs cannot say."
            )
    if given.get("trainable") is False and "freeze" in cls.model_fields:
        fields["freeze"] = True
        if isinstance(fields.get("wrapped"), Component):
            # Keras freezes what a frozen wrapper contains.
            fields["wrapped"] = fields["wrapped"].model_copy(update={"freeze": False})
    return _checked(cls, fields, named)


def _is_idle(kind: str, key: str, value: Any, given: Mapping[str, Any]) -> bool:
    """Return whether a setting that configs do not have changes nothing."""
    if kind == "Bidirectional" and key == "backward_layer":
        # Keras writes both layers, which differ only in their direction unless two were given.
        own = ("name", "go_backwards")
        one, other = (
            {name: setting for name, setting in _config(layer).items() if name not in own}
            for layer in (given.get("layer"), value)
        )
        return one == other
    return key in _IDLE or value in _NEUTRAL or _FIXED.get(kind, {}).get(key, _NEUTRAL) == value


def _checked(cls: type[Component], fields: dict[str, Any], named: str) -> Component:
    if fields.get("activation") == "linear" and cls.model_fields["activation"].default is None:
        # Keras writes the absence of an activation so.
        del fields["activation"]
    try:
        return cls.model_validate(fields)
    except ValidationError as error:
        wrong = {problem["loc"][0] for problem in error.errors()}
        single = {name: _single(value) if name in wrong else value for name, value in fields.items()}
        if single != fields:
            return _checked(cls, single, named)
        raise ConfigError(f"{named} does not fit a config: {sentence(error)}") from error


def _single(value: Any) -> Any:
    """Return the number that Keras writes as two, such as 0.2 for the range from -0.2 to 0.2; else the value itself."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(end, int | float) for end in value):
        return value
    low, high = value
    return high if low in {-high, high, 0, 1} else value


def _value(value: Any, registry: Registry | None, named: str) -> Any:
    """Return a value as plain data; a serialized object becomes a component of the field's registry."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(item, registry, named) for item in value]
    if not isinstance(value, Mapping):
        return value
    kind = _kind(value)
    if kind == "__tuple__":
        return [_value(item, registry, named) for item in value.get("items", ())]
    if kind in {"__numpy__", "__tensor__"}:
        return _config(value).get("value")
    if registry is None:
        raise ConfigError(
            f"{named} has a function or object ({cut(one_line(kind), _LONGEST)}) that configs cannot say."
        )
    return component_of(value, registry, named)


def _kind(document: Any) -> str:
    return str(document.get("class_name", "?")) if isinstance(document, Mapping) else "?"


def _config(document: Any) -> Mapping[str, Any]:
    config = document.get("config") if isinstance(document, Mapping) else None
    return config if isinstance(config, Mapping) else {}


def _is_keras(document: Any) -> bool:
    """Return whether an object is of Keras itself; files of Keras 2 name no module."""
    if not isinstance(document, Mapping):
        return False
    module = document.get("module")
    return module is None or str(module).split(".")[0] == "keras"
