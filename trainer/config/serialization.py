"""Read configs from YAML, strictly, and write them as short YAML."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from trainer.config.config import Config
from trainer.config.validation_messages import sentence
from trainer.errors import ConfigError

__all__ = [
    "LARGEST_TEXT",
    "dump_config",
    "dump_fields",
    "load_config",
    "parse_config",
    "read_mapping",
    "read_value",
    "write_value",
]

LARGEST_TEXT = 1_000_000
"""Maximum size of a config's text in bytes."""

# A small text could otherwise exhaust Python's stack, or take minutes to parse.
_DEEPEST = 30
_MOST_NODES = 20_000
_MOST_DIGITS = 400


class _Loader(yaml.SafeLoader):
    """Loads plain data as in YAML 1.2: no tags, aliases or duplicate keys; 1e-3 is a number, yes is not a boolean."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise ConfigError("The config uses a YAML alias (*name); write the value out instead.")
        self._nodes += 1
        self._depth += 1
        if self._depth > _DEEPEST or self._nodes > _MOST_NODES:
            raise ConfigError(
                "The config is nested too deeply or has too many values; expected a short list of fields."
            )
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigError(f"The key on line {line} is a list or a mapping; expected the name of a field.")
            # PyYAML would silently keep the last of several values.
            if key.value in seen:
                raise ConfigError(f"Duplicate key {key.value!r} on line {line}; remove one of the two.")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """Return the text with surrogate pairs combined, as JSON escapes characters beyond U+FFFF by them."""
        text: str = super().construct_scalar(node)
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"The text on line {node.start_mark.line + 1} contains an unpaired UTF-16 surrogate; write the "
                "character itself."
            ) from error

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        # Since Python 3.11, int() raises ValueError beyond 4,300 digits, without the line.
        text = self.construct_scalar(node)
        if len(text) > _MOST_DIGITS:
            line = node.start_mark.line + 1
            raise ConfigError(f"The number on line {line} has {len(text):,} digits; expected at most {_MOST_DIGITS}.")
        return int(text, 0 if text[:2] in {"0x", "0o"} else 10)


def _plain_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return the patterns of unquoted numbers, booleans and null in YAML 1.2's core schema."""
    kinds = [
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("int", r"^(?:[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+)$", "-+0123456789"),
        ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
        ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    ]
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, pattern, firsts in kinds:
        for first in firsts:
            found.setdefault(first, []).append((f"tag:yaml.org,2002:{kind}", re.compile(pattern)))
    return found


# Both tables are replaced rather than extended: PyYAML's own read `yes` as true and 010 as 8, as YAML 1.1 does.
_Loader.yaml_implicit_resolvers = _plain_resolvers()
_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in {"bool", "float", "map", "null", "seq", "str"}
}
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def read_mapping(text: str | bytes) -> dict[str, Any]:
    """Parse YAML text into plain fields, not yet validated against the schema.

    Raises:
        ConfigError: If the text is too long, not UTF-8, not valid YAML, or not a mapping.
    """
    if len(text) > LARGEST_TEXT:
        raise ConfigError(f"The config is larger than {LARGEST_TEXT:,} bytes. Check that it is the right file.")
    loaded = _load(_decoded(text))
    if loaded is None:
        raise ConfigError("The config is empty; it needs at least dataset, layers and loss.")
    if not isinstance(loaded, dict):
        raise ConfigError(f"The config is a {_plain_type(loaded)}; expected fields such as `dataset:` and `layers:`.")
    return {str(key): value for key, value in loaded.items()}


def read_value(text: str) -> Any:
    """Parse one YAML value, such as `0.01`, `relu` or `[1, 2]`. Raises ConfigError if it is not valid YAML."""
    return _load(text, f"The value {text[:40]!r}")


def parse_config(fields: Mapping[str, Any]) -> Config:
    """Validate plain fields and return their config.

    Raises:
        ConfigError: If a key, name, type or range is wrong; the message says where and what is expected.
    """
    try:
        return Config.model_validate(dict(fields))
    except ValidationError as error:
        raise ConfigError(sentence(error)) from error


def load_config(text: str | bytes) -> Config:
    """Parse a config from YAML text. Raises ConfigError as `read_mapping` and `parse_config` do."""
    return parse_config(read_mapping(text))


# Characters that YAML 1.1 readers treat as line breaks and would change, and the byte order mark.
_ESCAPED = frozenset("\x85\u2028\u2029\ufeff")

_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class _Dumper(yaml.SafeDumper):
    """Quotes text that this loader or a YAML 1.1 loader would read as another type."""


_Dumper.yaml_implicit_resolvers = {
    first: [*yaml.SafeDumper.yaml_implicit_resolvers.get(first, []), *_Loader.yaml_implicit_resolvers.get(first, [])]
    for first in {**yaml.SafeDumper.yaml_implicit_resolvers, **_Loader.yaml_implicit_resolvers}
}


def dump_config(config: Config) -> str:
    """Write the config as short YAML, in the schema's order, one layer per line; `load_config` reads it back."""
    return dump_fields(config.short())


def write_value(value: Any) -> str:
    """Write one plain value as YAML on one line; `read_value` reads it back."""
    return _flow(value)


def dump_fields(fields: Mapping[str, Any], *, spread: str = "") -> str:
    """Write plain fields of a config as YAML, valid or not; `read_mapping` reads them back.

    `spread` is the name of a field whose own fields each get a line.
    """
    lines = []
    for name, value in fields.items():
        if name == spread and value:
            lines.append(f"{name}:")
            lines += [f"  {_path(key)}: {_flow(item)}" for key, item in value.items()]
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            lines.append(f"{name}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, str):
        plain = _ESCAPED.isdisjoint(value)
        # As an item of a list, since PyYAML ends a bare scalar with the document marker `...`.
        dumped = yaml.dump([value], Dumper=_Dumper, default_flow_style=True, allow_unicode=plain, width=10**9)
        return dumped.strip()[1:-1]
    if isinstance(value, float):
        # PyYAML would write 1.0e-05; JSON's 1e-05 is what people type.
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value)


def _key(name: str) -> str:
    """Return a key, quoted unless it is a word such as every field's name."""
    is_word = name.isascii() and name.isidentifier() and name.lower() not in {"null", "true", "false"}
    return name if is_word else _flow(name)


def _path(name: str) -> str:
    """Return a path such as `layers.2.units`, quoted unless all of its steps are words or numbers."""
    steps = name.split(".")
    is_plain = len(steps) > 1 and all(step.isdecimal() or _key(step) == step for step in steps) and steps[0].isalpha()
    return name if is_plain else _key(name)


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        # Editors on Windows begin files with a byte order mark.
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("The config is not UTF-8 text; expected a YAML file.") from error


def _escaped_json(text: str) -> str:
    """Escape the characters in JSON that YAML refuses or reads as line breaks; return any other text unchanged."""
    if not text.lstrip().startswith("{") or not _NOT_IN_YAML.search(text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _load(text: str, what: str = "The config") -> Any:
    try:
        return yaml.load(_escaped_json(text), Loader=_Loader)  # noqa: S506 - a restricted SafeLoader
    # A ConfigError is also a ValueError, which is caught below.
    except ConfigError:
        raise
    except yaml.constructor.ConstructorError as error:
        line = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(
            f"{what} has a YAML tag (!…){line}; only plain values are accepted, so remove the tag."
        ) from error
    except yaml.MarkedYAMLError as error:
        line = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(f"{what} is not valid YAML{line}: {said}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{what} is not valid YAML: {str(error).splitlines()[0].rstrip('.')}.") from error


def _plain_type(value: Any) -> str:
    return {
        "str": "single string",
        "list": "list",
        "int": "number",
        "float": "number",
        "bool": "single boolean",
    }.get(type(value).__name__, type(value).__name__)
