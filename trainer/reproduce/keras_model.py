"""Read the architecture of a Keras model, a `.keras` file or the text of `to_json()`, as fields of a config.

The file is untrusted: only its JSON is read, nothing in it is built, executed or extracted.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from trainer.config import Component, Registry
from trainer.config.losses import LOSSES
from trainer.config.optimizers import OPTIMIZERS
from trainer.config.short import shortened_component
from trainer.errors import ConfigError
from trainer.format import readable_bytes
from trainer.reproduce.keras_blocks import Made, layers_of
from trainer.reproduce.keras_graph import calls_of, chain_of, layer_name
from trainer.reproduce.keras_layers import component_of

__all__ = ["KERAS_ENDINGS", "ImportedModel", "has_model_within", "read_keras_model"]

KERAS_ENDINGS = (".keras", ".json")
"""The endings of the names of files with a model."""

_CONFIG = "config.json"
_LARGEST = 20_000_000
_CHAINS = frozenset({"Sequential", "Functional", "Model"})
# The layers by which a model that Fitboard has logged prepares raw samples; a dataset of a config does it itself.
_SCALING = frozenset({"channels_last", "scaling", "rounding"})
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, KeyError)


@dataclass(frozen=True, kw_only=True)
class ImportedModel:
    """A model as plain fields of a config: its `layers`, and its loss and optimizer if they were saved.

    `input_shape` is the shape of one sample, None if it is unknown. `has_weights` is whether the file holds weights.
    """

    fields: Mapping[str, Any]
    input_shape: tuple[int | None, ...] | None
    has_weights: bool


def read_keras_model(file: BinaryIO, name: str) -> ImportedModel:
    """Read an open `.keras` file or the text of `to_json()`; `name` is the file's name in messages.

    Raises:
        ConfigError: it is neither, or it has a layer that a config cannot hold. The message names the layer.
    """
    is_archive = file.read(2) == b"PK"
    file.seek(0)
    document = _document(_member(file, name) if is_archive else file.read(_LARGEST + 1), name)
    kind = document.get("class_name")
    if kind not in _CHAINS or not isinstance(document.get("config"), Mapping):
        raise ConfigError(f"{name} has no Sequential or Functional model; save one with `model.save`.")
    entry, made = _model(document, name)
    if not made:
        raise ConfigError(f"The model in {name} has no layers.")
    fields = {
        "layers": [shortened_component(each.layer) for each in made],
        **_compiled(document),
        **_precision(made, name),
    }
    return ImportedModel(fields=fields, input_shape=_shape(entry), has_weights=is_archive)


def has_model_within(path: Path) -> bool:
    """Return whether a `.keras` file has a model among its layers; False for any other file."""
    try:
        with path.open("rb") as file:
            layers = _config(_document(_member(file, path.name), path.name)).get("layers")
    except (OSError, ConfigError):
        return False
    kinds = (
        [layer.get("class_name") for layer in layers if isinstance(layer, Mapping)] if isinstance(layers, list) else []
    )
    return not _CHAINS.isdisjoint(kinds)


def _member(file: BinaryIO, name: str) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive, archive.open(_CONFIG) as stream:
            # The size that an archive states may be false, so that one byte more than allowed is read.
            found = stream.read(_LARGEST + 1)
    except _BROKEN as error:
        raise ConfigError(f"{name} is damaged or not a .keras file; save the model with `model.save`.") from error
    return found


def _document(content: bytes, name: str) -> Mapping[str, Any]:
    if len(content) > _LARGEST:
        raise ConfigError(f"{name} has a model of more than {readable_bytes(_LARGEST)} of JSON; use a smaller one.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name} is not a model; expected a .keras file or the text of `model.to_json()`.") from error
    if not isinstance(found, Mapping):
        raise ConfigError(f"{name} is not a model; expected a .keras file or the text of `model.to_json()`.")
    return found


def _model(document: Mapping[str, Any], name: str, *, place: str = "Layer ") -> tuple[Mapping[str, Any], list[Made]]:
    """Return the input and the layers of a model, in which other models may be.

    Raises:
        ConfigError: the layers are no chain, even with blocks.
    """
    config, is_sequential = _config(document), document.get("class_name") == "Sequential"
    layers = config.get("layers")
    if not isinstance(layers, list) or not all(isinstance(layer, Mapping) for layer in layers):
        raise ConfigError(f"The model in {name} has no list of layers; save it again with `model.save`.")
    entries = [layer for layer in layers if layer.get("class_name") == "InputLayer"]
    others = [layer for layer in layers if layer.get("class_name") != "InputLayer"]
    source, others = _without_preparation(others, layer_name(entries[0]) if entries else "")
    if len(entries) > 1 and source == layer_name(entries[0]):
        raise ConfigError(f"The model in {name} has {len(entries)} inputs; a config has one.")
    outputs = config.get("output_layers")
    if isinstance(outputs, list) and len(outputs) > 1 and all(isinstance(each, list) for each in outputs):
        raise ConfigError(f"The model in {name} has {len(outputs)} outputs; a config has one.")
    calls = calls_of(others, place, source=source, is_sequential=is_sequential)
    made = layers_of(chain_of(calls, source), lambda call: _model(call.document, name, place=f"{call.where}.")[1])
    return (entries[0] if len(entries) == 1 else {}), made


def _without_preparation(layers: list[Mapping[str, Any]], source: str) -> tuple[str, list[Mapping[str, Any]]]:
    """Return the name of the tensor that training takes, and the layers after those that prepare raw samples."""
    prepared = [place for place, layer in enumerate(layers) if _is_prepared(layer)]
    count = prepared[0] + 1 if prepared else 0
    # Keras has the numbers of words in int64, and training in int32.
    ends = {"Cast"} if prepared else set()
    while count < len(layers) and (layer_name(layers[count]) in _SCALING or layers[count].get("class_name") in ends):
        count += 1
    return layer_name(layers[count - 1]) if count else source, layers[count:]


def _is_prepared(layer: Mapping[str, Any]) -> bool:
    return layer_name(layer) == "prepared" and layer.get("class_name") in {"Concatenate", "TextVectorization"}


def _config(document: Mapping[str, Any]) -> Mapping[str, Any]:
    config = document.get("config")
    return config if isinstance(config, Mapping) else {}


def _shape(entry: Mapping[str, Any]) -> tuple[int | None, ...] | None:
    config = entry.get("config")
    shape = config.get("batch_shape") if isinstance(config, Mapping) else None
    return tuple(shape[1:]) if isinstance(shape, list) else None


def _precision(made: Sequence[Made], name: str) -> dict[str, str]:
    """Return the dtype policy of all layers but the last if it is a mixed one.

    Raises:
        ConfigError: the layers have other policies, which configs cannot say.
    """
    policies = {policy for layer in made for policy in layer.policies}
    mixed = policies - {"float32"}
    if not mixed:
        return {}
    before = {policy for layer in made[:-1] for policy in layer.policies}
    is_one = len(mixed) == 1 and len(before) <= 1 and len(made[-1].policies) == 1
    if not is_one or not mixed <= {"mixed_float16", "mixed_bfloat16"}:
        raise ConfigError(
            f"The layers in {name} have the dtypes {', '.join(sorted(policies))}; expected float32 or one mixed "
            "dtype policy in all layers but the last."
        )
    return {"precision": mixed.pop()}


def _compiled(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the loss and the optimizer of a compiled model, as far as a config can hold them."""
    compiled = document.get("compile_config")
    if not isinstance(compiled, Mapping):
        return {}
    parts = {"loss": LOSSES, "optimizer": OPTIMIZERS}
    found = {name: _part(compiled.get(name), registry) for name, registry in parts.items()}
    return {name: shortened_component(part, whole=True) for name, part in found.items() if part is not None}


def _part(value: Any, registry: Registry) -> Component | None:
    document = {"class_name": value, "config": {}} if isinstance(value, str) else value
    try:
        return component_of(_shortest(document), registry, registry.noun)
    except ConfigError:
        # The layers are what was asked for; the form or the text says what is missing.
        return None


def _shortest(value: Any) -> Any:
    """Return numbers as they were typed: Keras writes a learning rate of 0.001 as 0.0010000000474974513."""
    if isinstance(value, Mapping):
        return {key: _shortest(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortest(item) for item in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value
