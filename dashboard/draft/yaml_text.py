"""A config as edited YAML: parsed, or each error with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from dashboard.draft.draft import Validation, judge
from trainer.config import Config, dump_config, dump_fields, read_mapping
from trainer.errors import ConfigError

__all__ = ["TextMistake", "read_text", "text_of"]

_LINE = re.compile(r" on line (\d+)")


@dataclass(frozen=True, kw_only=True)
class TextMistake:
    """An error in a YAML text.

    `line` counts from 1 and is None if the error has no line, as for a missing field. `where` is the path of the field
    (`layers.2.units`, counted from 1), empty if the text as a whole cannot be parsed.
    """

    line: int | None
    where: str
    what: str


def text_of(validation: Validation, fields: dict[str, object]) -> str:
    """Return the YAML of a draft: short if it is valid, else its fields as they are, so that they can be fixed."""
    return dump_config(validation.config) if validation.config else dump_fields(fields)


def read_text(text: str) -> Config | tuple[TextMistake, ...]:
    """Return the config of a YAML text, or its errors in the order of the lines."""
    try:
        fields = read_mapping(text)
    except ConfigError as error:
        found = _LINE.search(str(error))
        return (TextMistake(line=int(found[1]) if found else None, where="", what=str(error)),)
    validation = judge(fields)
    if validation.config is not None:
        return validation.config
    root = _composed(text)
    mistakes = [
        TextMistake(line=_line_of(root, where), where=where, what=what)
        for where, what in validation.validation_messages
    ]
    return tuple(sorted(mistakes, key=lambda mistake: mistake.line or 0))


def _composed(text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):  # the config's own reader takes some JSON that this one refuses
        return None
    return root


def _line_of(root: yaml.Node | None, where: str) -> int | None:
    """Return the line of the deepest step of a path that the text has; None if it does not even have the first."""
    line = None
    for mark, node in _way(root, where.split(".")):
        line, root = mark.line + 1, node
    return line


def _way(node: yaml.Node | None, steps: list[str]) -> Iterator[tuple[yaml.Mark, yaml.Node]]:
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = next(((key.start_mark, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and step.isdigit() and 0 < int(step) <= len(node.value):
            item = node.value[int(step) - 1]
            found = (item.start_mark, item)
        else:
            found = None
        if found is None:
            return
        yield found
        node = found[1]
