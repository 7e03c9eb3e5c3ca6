"""Turn pydantic's validation errors into one sentence each: what was expected, what was given, what to do."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trainer.config.component import Component, Registry, nearest
from trainer.config.config import Config
from trainer.config.registry import REGISTRIES, registry_of_field, registry_of_names
from trainer.config.suggestions import advice, likely
from trainer.config.values import NO_NUL, ONE_LINE, RUN_ID
from trainer.format import counted, cut

__all__ = ["sentence", "validation_messages"]

_LONGEST = 60
_MOST_NAMED = 40
_PATTERNS = {
    ONE_LINE: "expected a string without line breaks",
    NO_NUL: "expected a string without NUL characters",
    RUN_ID: "expected the id of a run, 32 hexadecimal digits",
}


def sentence(error: ValidationError) -> str:
    """Return all validation messages as one text, at most three in full."""
    found = validation_messages(error)
    shown = [f"{where}: {what}" if where else what for where, what in found[:3]]
    rest = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
    return " ".join(shown) + rest


def validation_messages(error: ValidationError) -> list[tuple[str, str]]:
    """Return the place (`layers.2.units`, counted from 1) and the message of each error."""
    by_path: dict[tuple[int | str, ...], str] = {}
    misspelled = set()
    # Missing fields last: one that is only misspelled is reported as unknown, and must not be reported twice.
    for details in sorted(error.errors(), key=lambda details: details["type"] == "missing"):
        path = tuple(_without_tags(details["loc"]))
        if details["type"] == "extra_forbidden":
            path = (*_without_tags(details["loc"][:-1]), details["loc"][-1])
            misspelled.add((*path[:-1], likely(str(path[-1]), _known_keys(details["loc"]))))
        if details["type"] != "missing" or path not in misspelled:
            by_path.setdefault(path, _what(details, list(path)))
    # Pydantic reports a bad item of a union at the item and at its parent; only the innermost place helps.
    deeper = {path[:length] for path in by_path for length in range(len(path))}
    return [(_where(list(path)), what) for path, what in by_path.items() if path not in deeper]


def _without_tags(loc: Iterable[int | str]) -> list[int | str]:
    """Return the path without the names of union members that pydantic inserts."""
    # Pydantic puts union tags between the fields, as in ("layers", 1, "Dense", "units").
    names = {name for registry in REGISTRIES.values() for name in registry.members}
    path: list[int | str] = []
    after_name = False
    for step in loc:
        # A field may have the name of a component, such as the column of a split by column, but never follows itself.
        is_name = isinstance(step, str) and step in names and bool(path) and not after_name
        is_tag = isinstance(step, str) and (step in {"number", "schedule"} or "[" in step) and bool(path)
        in_union = isinstance(step, str) and step in {"int", "tuple", "constrained-int", "bool"}
        if not (is_name or is_tag or in_union):
            path.append(step)
        after_name = is_name
    return path


def _where(path: list[int | str]) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else _word(step) for step in path)


def _word(text: str) -> str:
    """Return a key from the input on one line, with unprintable characters escaped."""
    plain = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return cut(plain, _LONGEST)


def _what(details: ErrorDetails, path: list[int | str]) -> str:
    kind, given, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), details)
    if kind == "union_tag_invalid":
        names = re.findall(r"'([^']+)'", context["expected_tags"])
        return _unknown_name(str(context["tag"]), registry_of_names(names) or _registry(path))
    if kind == "union_tag_not_found":
        registry = _registry(path)
        key = registry.key if registry else "name"
        return f"missing `{key}`; add it to name the {registry.noun if registry else 'component'}."
    if kind in {"literal_error", "enum"}:
        return _unknown_choice(given, str(context["expected"]))
    if kind == "missing":
        return "this field is required."
    expected = _expected(kind, context, details["msg"])
    schedule = " or a schedule with its `name`" if path[-1:] == ["learning_rate"] and kind == "float_type" else ""
    return f"{expected}{schedule}, got {_shown(given)}."


def _registry(path: list[int | str]) -> Registry | None:
    # The innermost field decides: in `layers.2.kernel_initializer` an initializer is expected, not a layer.
    found = (registry_of_field(step) for step in reversed(path) if isinstance(step, str))
    return next((registry for registry in found if registry), None)


def _known_keys(loc: Iterable[int | str]) -> list[str]:
    """Return the fields of the component named last in pydantic's path, or of the config itself."""
    members: dict[str, type[Component]] = {}
    owner: list[str] = list(Config.model_fields)
    registry: Registry | None = None
    for step in list(loc)[:-1]:
        registry = _registry([step]) or registry
        members = dict(registry.members) if registry else members
        if isinstance(step, str) and step in members:
            owner = list(members[step].model_fields)
    return owner


def _unknown_key(key: str, details: ErrorDetails) -> str:
    if details["loc"] in {("search",), ("sweep",)}:
        return "only a sweep has this field; start the file with `fitboard sweep`."
    if key == "label_smoothing" and details["loc"][:2] == ("loss", "SparseCategoricalCrossentropy"):
        return (
            "SparseCategoricalCrossentropy has no label smoothing in Keras; use CategoricalCrossentropy, for which "
            "Fitboard makes one-hot labels of the integers."
        )
    return f"unknown field; {advice(key, _known_keys(details['loc']))}"


def _unknown_name(word: str, registry: Registry | None) -> str:
    if registry is None:
        return f"unknown name {word!r}."
    near = nearest(word, [*registry.members, *registry.aliases])
    names = list(registry.members)
    more = f" or {len(names) - _MOST_NAMED} others" if len(names) > _MOST_NAMED else ""
    expected = f"expected one of {', '.join(names if not more else names[:_MOST_NAMED])}{more}."
    hint = f"did you mean {registry.full_name(near)!r}?" if near else expected
    return f"unknown {registry.noun} {_shown(word)}; {hint}"


def _unknown_choice(given: Any, expected: str) -> str:
    choices = re.findall(r"'([^']+)'", expected)
    # Of the union `"auto" | bool`, pydantic names the string alone.
    choices += ["true", "false"] if choices == ["auto"] else []
    near = nearest(given, choices) if isinstance(given, str) else None
    if near:
        return f"unknown value {_shown(given)}; did you mean {near!r}?"
    # Punctuation cannot be told from that of the sentence.
    named = (choice if any(map(str.isalnum, choice)) else repr(choice) for choice in choices)
    return f"expected one of {', '.join(named)}, got {_shown(given)}."


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = repr(value)
    # Since Python 3.11, integers beyond 4,300 digits cannot be converted to text.
    except ValueError:
        return "a number with thousands of digits"
    return cut(text, _LONGEST)


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in {"too_short", "too_long"}:
        least = kind == "too_short"
        limit = counted(context["min_length" if least else "max_length"], "item")
        return f"expected a list of at {'least' if least else 'most'} {limit}"
    if kind == "value_error":
        # Pydantic writes "Value error, " before the message of a validator.
        return message.partition(", ")[2]
    limits = {
        "greater_than_equal": ("ge", "expected a value of at least"),
        "greater_than": ("gt", "expected a value greater than"),
        "less_than_equal": ("le", "expected a value of at most"),
        "less_than": ("lt", "expected a value less than"),
    }
    if kind in limits:
        key, text = limits[kind]
        limit = context[key]
        return f"{text} {limit:,}" if isinstance(limit, int) else f"{text} {limit:g}"
    plain = {
        "int_type": "expected an integer",
        "float_type": "expected a number",
        "bool_type": "expected a boolean (true or false)",
        "string_type": "expected a string",
        "string_too_short": "expected a non-empty string",
        "string_too_long": f"expected a string of at most {context.get('max_length')} characters",
        "string_pattern_mismatch": _PATTERNS.get(context.get("pattern", ""), "expected a different string"),
        "string_unicode": "expected a string without unpaired UTF-16 surrogates",
        "tuple_type": "expected a list",
        "dict_type": "expected a mapping of fields",
        "model_type": "expected a name or a mapping of fields",
        "finite_number": "expected a finite number",
        "model_attributes_type": "expected a name or a mapping of fields",
    }
    return plain.get(kind, message[0].lower() + message[1:])
