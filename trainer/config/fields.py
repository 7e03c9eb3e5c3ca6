"""A description of each field for forms and the reference: its kind, limits, default and help."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from trainer.config.component import Component, Registry
from trainer.config.registry import registry_of_names

__all__ = ["FieldKind", "FieldSpec", "describe"]


class FieldKind(StrEnum):
    """The kind of value that a field takes."""

    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    TEXT = "text"
    COMPONENT = "part"
    COMPONENTS = "parts"
    NUMBERS = "numbers"
    TEXTS = "texts"
    RATE = "rate"
    MAPPING = "mapping"
    CLASS_WEIGHTS = "class_weights"


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One field of a component or of the config.

    `default` is None if the field is `required`; `optional` fields also take None. The limits apply to a number, to a
    rate, and to each of several numbers; `minimum` and `maximum` are inclusive unless marked exclusive. `length` is
    the required number of items (0 for any) and `least` the smallest allowed; `whole` means that they are integers
    and `gaps` that items may be None. With `single`, a number may stand for the list. A mapping is from text to one of
    `choices`. The texts of a `column` field name columns of the dataset's file. `registry` holds the choices of a
    component, of several, or of a schedule.
    """

    name: str
    help: str
    kind: FieldKind
    default: Any
    required: bool
    optional: bool
    advanced: bool
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    choices: tuple[Any, ...] = ()
    registry: Registry | None = None
    column: bool = False
    length: int = 0
    least: int = 0
    whole: bool = False
    gaps: bool = False
    single: bool = False


@functools.cache
def describe(cls: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """Return the fields of a Component class or of Config in the order of a form, without the discriminator.

    A component's own fields come first, inherited advanced ones last.
    """
    schema = cls.model_json_schema()
    # A layer that contains layers is described by a reference to itself.
    properties = schema.get("properties") or schema["$defs"][cls.__name__]["properties"]
    names = cls.field_order() if issubclass(cls, Component) else tuple(cls.model_fields)
    return tuple(_spec(cls, name, properties[name]) for name in names)


def _spec(cls: type[BaseModel], name: str, schema: Mapping[str, Any]) -> FieldSpec:
    field = cls.model_fields[name]
    variants = [dict(variant) for variant in schema.get("anyOf", [schema])]
    given = [variant for variant in variants if variant.get("type") != "null"]
    return FieldSpec(
        name=name,
        help=field.description or "",
        default=None if field.is_required() else field.default,
        required=field.is_required(),
        optional=len(given) < len(variants),
        advanced=bool(schema.get("advanced")),
        column=bool(schema.get("column")),
        **_kind(given),
    )


def _kind(variants: list[dict[str, Any]]) -> dict[str, Any]:
    """Derive the kind of a field and its attributes from the variants of its JSON schema that are not null."""
    # In a union such as `"auto" | bool`, the last variant tells the kind.
    last = variants[-1]
    if len(variants) > 1 and last.get("type") == "boolean":
        return {"kind": FieldKind.CHOICE, "choices": (*_choices(variants[0]), True, False)}
    if "enum" in last or "const" in last:
        return {"kind": FieldKind.CHOICE, "choices": _choices(last)}
    if "discriminator" in last:
        return {"kind": FieldKind.COMPONENT, "registry": _registry(last)}
    # Only a learning rate has these: a number, or the union of all schedules.
    if "oneOf" in last:
        number, schedule = last["oneOf"]
        return {"kind": FieldKind.RATE, "registry": _registry(schedule), **_limits(number)}
    if last["type"] == "array":
        return {**_several(last), "single": len(variants) > 1}
    if last["type"] == "object":
        # Keys that have to match a pattern are described by it.
        values = last.get("additionalProperties") or next(iter(last["patternProperties"].values()))
        if values.get("type") == "number":
            return {"kind": FieldKind.CLASS_WEIGHTS, "choices": _choices(variants[0])}
        return {"kind": FieldKind.MAPPING, "choices": _choices(values) if "enum" in values else ()}
    kinds = {
        "integer": FieldKind.INTEGER,
        "number": FieldKind.NUMBER,
        "boolean": FieldKind.FLAG,
        "string": FieldKind.TEXT,
    }
    return {"kind": kinds[last["type"]], "whole": last["type"] == "integer", **_limits(last)}


def _several(schema: Mapping[str, Any]) -> dict[str, Any]:
    # Pydantic describes `tuple[X, X]` by prefixItems and `tuple[X, ...]` by items.
    items = dict(schema.get("items") or schema["prefixItems"][0])
    # Items that may be null, as in the noise shape of Dropout, are a union of their own.
    variants = [variant for variant in items.get("anyOf", [items]) if variant.get("type") != "null"]
    item = variants[0]
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    length = least if least == most else 0
    # Margins are pairs of numbers, which a form takes as one list.
    if item.get("type") == "array":
        inner = _several(item)
        return {**inner, "length": length * inner["length"]}
    if "discriminator" in item:
        return {"kind": FieldKind.COMPONENTS, "registry": _registry(item), "least": least}
    if item["type"] == "string":
        return {"kind": FieldKind.TEXTS, "least": least, "length": length}
    return {
        "kind": FieldKind.NUMBERS,
        "length": length,
        "least": least,
        "whole": item["type"] == "integer",
        "gaps": "anyOf" in items,
        **_limits(item),
    }


def _limits(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "minimum": schema.get("minimum", schema.get("exclusiveMinimum")),
        "maximum": schema.get("maximum", schema.get("exclusiveMaximum")),
        "exclusive_minimum": "exclusiveMinimum" in schema,
        "exclusive_maximum": "exclusiveMaximum" in schema,
    }


def _choices(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(schema["enum"]) if "enum" in schema else (schema["const"],)


def _registry(schema: Mapping[str, Any]) -> Registry:
    # The JSON schema knows only the names of the members, so the registry is found by them.
    registry = registry_of_names(schema["discriminator"]["mapping"])
    if registry is None:
        raise LookupError(f"No registry has these members: {schema['discriminator']['mapping']}")
    return registry
