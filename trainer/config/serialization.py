"""Configs as YAML: read with care, written short."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from trainer.config.config import Config
from trainer.config.validation_messages import sentence
from trainer.errors import ConfigError

__all__ = ["LARGEST_TEXT", "dump_config", "dump_fields", "load_config", "parse_config", "read_mapping", "read_value"]

LARGEST_TEXT = 1_000_000
"""A config's text may have this many bytes."""

_DEEPEST = 30
_MOST_NODES = 20_000
_MOST_DIGITS = 400


class _Loader(yaml.SafeLoader):
    """Plain data alone, as in YAML 1.2: no tags, no aliases, no key twice; 1e-3 is a number, yes and 010 are none."""

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
            raise ConfigError("The config is nested too deeply or is too long; a config is a short list of fields.")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigError(f"A key on line {line} is a list or a mapping; expected a field's name.")
            if key.value in seen:
                raise ConfigError(f"The key {key.value!r} is given twice, again on line {line}; keep one of them.")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """The text, with the pairs of surrogates put together by which JSON escapes what lies beyond U+FFFF."""
        text: str = super().construct_scalar(node)
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"The text on line {node.start_mark.line + 1} has a lone surrogate, which is half a character; "
                "write the character itself."
            ) from error

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        text = self.construct_scalar(node)
        if len(text) > _MOST_DIGITS:
            raise ConfigError(f"The number on line {node.start_mark.line + 1} has {len(text):,} digits; is it one?")
        return int(text, 0 if text[:2] in {"0x", "0o"} else 10)


def _plain_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """What unquoted text becomes a number, true, false or nothing: YAML 1.2's core schema."""
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


_Loader.yaml_implicit_resolvers = _plain_resolvers()
_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in {"bool", "float", "map", "null", "seq", "str"}
}
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def read_mapping(text: str | bytes) -> dict[str, Any]:
    """The YAML text as plain fields, not yet checked against the schema.

    Raises:
        ConfigError: the text is too long, no text, no YAML, or no mapping.
    """
    if len(text) > LARGEST_TEXT:
        raise ConfigError(
            f"The config has {len(text):,} bytes; at most {LARGEST_TEXT:,} are read. Is it the right file?"
        )
    loaded = _load(_decoded(text))
    if loaded is None:
        raise ConfigError("The config is empty; it needs at least dataset, layers and loss.")
    if not isinstance(loaded, dict):
        raise ConfigError(f"The config is a {_plain_type(loaded)}; expected fields such as `dataset:` and `layers:`.")
    return {str(key): value for key, value in loaded.items()}


def read_value(text: str) -> Any:
    """One value as it would stand behind a key: `0.01`, `relu`, `[1, 2]`. Raises ConfigError where it is no YAML."""
    return _load(text, f"The value {text[:40]!r}")


def parse_config(fields: Mapping[str, Any]) -> Config:
    """The checked config of plain fields.

    Raises:
        ConfigError: a key, a name, a type or a range is wrong; the message says where and what to write.
    """
    try:
        return Config.model_validate(dict(fields))
    except ValidationError as error:
        raise ConfigError(sentence(error)) from error


def load_config(text: str | bytes) -> Config:
    """The config of a YAML text. Raises ConfigError as `read_mapping` and `parse_config` do."""
    return parse_config(read_mapping(text))


_ESCAPED = frozenset("\x85\u2028\u2029\ufeff")
"""Line breaks to a YAML 1.1 reader, which would come back as another character, and the byte order mark."""

_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class _Dumper(yaml.SafeDumper):
    """Quotes text that either this loader or one of YAML 1.1 would take for something else."""


_Dumper.yaml_implicit_resolvers = {
    first: [*yaml.SafeDumper.yaml_implicit_resolvers.get(first, []), *_Loader.yaml_implicit_resolvers.get(first, [])]
    for first in {**yaml.SafeDumper.yaml_implicit_resolvers, **_Loader.yaml_implicit_resolvers}
}


def dump_config(config: Config) -> str:
    """The config as short YAML, in the schema's order, one layer a line; `load_config` gives it back."""
    return dump_fields(config.short())


def dump_fields(fields: Mapping[str, Any]) -> str:
    """Plain fields of a config as YAML, whether they are valid or not; `read_mapping` gives them back."""
    lines = []
    for name, value in fields.items():
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            lines.append(f"{name}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, str):
        plain = _ESCAPED.isdisjoint(value)
        dumped = yaml.dump([value], Dumper=_Dumper, default_flow_style=True, allow_unicode=plain, width=10**9)
        return dumped.strip()[1:-1]
    if isinstance(value, float):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value)


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("The config is no text (it is not UTF-8); expected a YAML file.") from error


def _escaped_json(text: str) -> str:
    """JSON with those characters escaped that YAML refuses, or takes for line breaks; any other text as it is."""
    if not text.lstrip().startswith("{") or not _NOT_IN_YAML.search(text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _load(text: str, what: str = "The config") -> Any:
    try:
        return yaml.load(_escaped_json(text), Loader=_Loader)  # noqa: S506 - a SafeLoader with less
    except ConfigError:
        raise
    except yaml.constructor.ConstructorError as error:
        line = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{what} has a YAML tag (!…){line}; only plain values are read, so remove it.") from error
    except yaml.MarkedYAMLError as error:
        line = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(f"{what} is no valid YAML{line}: {said}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{what} is no valid YAML: {str(error).splitlines()[0].rstrip('.')}.") from error


def _plain_type(value: Any) -> str:
    return {
        "str": "single text",
        "list": "list",
        "int": "number",
        "float": "number",
        "bool": "single true or false",
    }.get(type(value).__name__, type(value).__name__)
