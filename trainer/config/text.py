"""Configs as YAML: read with care, written short."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from trainer.config.complaints import sentence
from trainer.config.config import Config
from trainer.errors import ConfigError

__all__ = ["LARGEST_TEXT", "dump_config", "load_config", "parse_config", "read_mapping", "read_value"]

LARGEST_TEXT = 1_000_000
"""A config's text may have this many bytes."""

_DEEPEST = 30
_MOST_NODES = 50_000


class _Loader(yaml.SafeLoader):
    """Plain data alone: no Python objects, no aliases, no key twice, and 1e-3 is a number as in YAML 1.2."""

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
                "The config is nested too deeply or too long to be one; a config is a short list of fields."
            )
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise ConfigError(f"The key {twice!r} is given twice on line {node.start_mark.line + 1}; keep one of them.")
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in {"tag:yaml.org,2002:timestamp"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+0123456789."),
)


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
    return _load(text)


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


class _Dumper(yaml.SafeDumper):
    """Maps and lists of plain values on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump_config(config: Config) -> str:
    """The config as short YAML, in the schema's order, one layer a line; `load_config` gives it back."""
    lines = []
    for name, value in config.short().items():
        if name in {"layers", "metrics", "callbacks"} and any(isinstance(item, dict) for item in value):
            lines.append(f"{name}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, str):
        dumped = yaml.dump([value], Dumper=_Dumper, default_flow_style=True, allow_unicode=True, width=10**9)
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


def _load(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with less
    except yaml.constructor.ConstructorError as error:
        raise ConfigError(
            f"The config asks for something that is no plain value: {error.problem}; remove the tag."
        ) from error
    except yaml.MarkedYAMLError as error:
        line = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"The config is no valid YAML{line}: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"The config is no valid YAML: {str(error).splitlines()[0]}.") from error


def _plain_type(value: Any) -> str:
    return {
        "str": "single text",
        "list": "list",
        "int": "number",
        "float": "number",
        "bool": "single true or false",
    }.get(type(value).__name__, type(value).__name__)
