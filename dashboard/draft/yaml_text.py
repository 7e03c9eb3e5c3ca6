"""A config as edited YAML: parsed, or each error with its line."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from dashboard.draft.draft import Draft
from dashboard.draft.search import judge_search
from dashboard.draft.validation import Validation, judge
from trainer.config import Config, dump_config, dump_fields, read_mapping
from trainer.config.search import dump_search
from trainer.errors import ConfigError

__all__ = ["SweepText", "TextMistake", "read_text", "text_of"]

_SEARCH, _SWEEP = "search", "sweep"

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


@dataclass(frozen=True, kw_only=True)
class SweepText:
    """A text with a search: the config, what varies in it, and the settings, as they are written."""

    config: Config
    domains: Mapping[str, Any]
    settings: Mapping[str, Any]


def text_of(validation: Validation, draft: Draft) -> str:
    """Return the YAML of a draft: short if it is valid, else its fields as they are, so that they can be fixed."""
    text = dump_config(validation.config) if validation.config else dump_fields(draft.plain())
    if not draft.search.on:
        return text
    return text + dump_search(draft.searched(), draft.search.settings)


def read_text(text: str) -> Config | SweepText | tuple[TextMistake, ...]:
    """Return the config of a YAML text, with its search if it has one, or its errors in the order of the lines."""
    try:
        fields = read_mapping(text)
    except ConfigError as error:
        found = _LINE.search(str(error))
        return (TextMistake(line=int(found[1]) if found else None, where="", what=str(error)),)
    validation = judge({name: value for name, value in fields.items() if name not in {_SEARCH, _SWEEP}})
    if validation.config is None:
        return _mistakes(text, [(where, where.split("."), what) for where, what in validation.validation_messages])
    if _SEARCH not in fields and _SWEEP not in fields:
        return validation.config
    return _read_search(text, validation.config, fields)


def _read_search(text: str, config: Config, fields: Mapping[str, Any]) -> SweepText | tuple[TextMistake, ...]:
    """Return the search of a text; an empty one is allowed, since a draft begins with it."""
    domains, settings = fields.get(_SEARCH), fields.get(_SWEEP)
    found = SweepText(config=config, domains=domains or {}, settings=settings or {})
    if _SEARCH not in fields:
        return _mistakes(text, [(_SWEEP, [_SWEEP], "settings without a search; add `search` with paths and values.")])
    if domains in (None, {}) and isinstance(found.settings, Mapping):
        return found
    for name, value in ((_SEARCH, found.domains), (_SWEEP, found.settings)):
        if not isinstance(value, Mapping):
            return _mistakes(text, [(name, [name], "expected names with values below it.")])
    named = {str(path): domain for path, domain in found.domains.items()}
    validation = judge_search(config, named, found.settings)
    if validation.sweep is not None:
        return replace(found, domains=named)
    return _mistakes(
        text,
        [
            (where, where.split(".") if where.partition(".")[0] == _SWEEP else [_SEARCH, where], what)
            for where, what in validation.messages
        ],
    )


def _mistakes(text: str, found: Iterable[tuple[str, list[str], str]]) -> tuple[TextMistake, ...]:
    """Return errors, given as places, the keys on the way there, and words, in the order of their lines."""
    root = _composed(text)
    mistakes = [TextMistake(line=_line_of(root, way), where=where, what=what) for where, way, what in found]
    return tuple(sorted(mistakes, key=lambda mistake: mistake.line or 0))


def _composed(text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):  # the config's own reader takes some JSON that this one refuses
        return None
    return root


def _line_of(root: yaml.Node | None, steps: list[str]) -> int | None:
    """Return the line of the deepest step of a path that the text has; None if it does not even have the first."""
    line = None
    for mark, node in _way(root, steps):
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
