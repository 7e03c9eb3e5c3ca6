"""MLflow's own syntax to filter runs: `metrics.val_accuracy > 0.95 and params.optimizer = 'Adam'`.

Parsed here rather than by MLflow, whose import takes seconds and whose errors do not say where they are. A test
holds the two parsers against each other.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from trainer.errors import ConfigError

__all__ = [
    "FILTER_ATTRIBUTES",
    "Clause",
    "FilterError",
    "Filters",
    "filter_key",
    "is_filter",
    "parse_filter",
    "unknown_keys",
]


class FilterError(ConfigError):
    """A filter that cannot be parsed; `at` is the place of the problem in its text, from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Clause(NamedTuple):
    """One comparison.

    `kind` is metric, param, tag, attribute or dataset. `operator` is one of `= != < <= > >=`, `LIKE`, `ILIKE`, `IN`,
    `NOT IN`, `IS NULL` and `IS NOT NULL`. `value` is a number for metrics and times, texts for the last but one, None
    for the last two, and a text otherwise.
    """

    kind: str
    key: str
    operator: str
    value: float | str | tuple[str, ...] | None


Filters = tuple[Clause, ...]
"""Clauses, all of which must hold: MLflow's syntax has no OR."""

_KINDS: Mapping[str, str] = {
    "metric": "metric", "metrics": "metric",
    "parameter": "param", "parameters": "param", "param": "param", "params": "param",
    "tag": "tag", "tags": "tag",
    "attribute": "attribute", "attributes": "attribute", "attr": "attribute", "run": "attribute",
    "dataset": "dataset", "datasets": "dataset",
}  # fmt: skip
_TIMES = ("start_time", "end_time")
_TEXTS = ("run_name", "status", "artifact_uri", "user_id", "run_id")
FILTER_ATTRIBUTES = (*_TEXTS, *_TIMES)
"""The attributes of runs that a filter compares."""
_ALIASES: Mapping[str, str] = {
    "created": "start_time", "Created": "start_time",
    "run name": "run_name", "Run name": "run_name", "Run Name": "run_name",
}  # fmt: skip
_DATASET_KEYS = ("name", "digest", "context")

_NUMERIC = ("=", "!=", "<", "<=", ">", ">=")
_TEXTUAL = ("=", "!=", "LIKE", "ILIKE")
_OPERATORS: Mapping[str, tuple[str, ...]] = {
    "metric": _NUMERIC,
    "param": (*_TEXTUAL, "IS NULL", "IS NOT NULL"),
    "tag": (*_TEXTUAL, "IS NULL", "IS NOT NULL"),
    "attribute": (*_TEXTUAL, "IN", "NOT IN"),
    "dataset": (*_TEXTUAL, "IN", "NOT IN"),
}

_QUOTED = r"""'[^']*'|"[^"]*"|`[^`]*`"""
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<key>(?P<prefix>[A-Za-z]+)\.(?P<name>{_QUOTED}|[^\s=!<>,()'"`]+))
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![^\s,()=!<>])
      | (?P<text>{_QUOTED})
      | (?P<operator><=|>=|!=|<>|=|<|>)
      | (?P<mark>[(),;])
      | (?P<word>[^\s=!<>,()'"`;]+)
    )""",
    re.VERBOSE,
)
# Beginnings that no search for words has: a kind and a key before an operator, or an operator that stands alone.
_LOOKS_LIKE_FILTER = re.compile(
    rf"""^\s*(?:(?:{"|".join(_KINDS)})\.(?:{_QUOTED}|[^\s=!<>]+)\s*(?:=|!=|<|>|not\s|i?like\s|in\s|is\s)"""
    rf"""|(?:\S+|{_QUOTED})\s+(?:=|!=|<>|<=|>=|<|>|i?like|(?:not\s+)?in\s*\()\s*\S)""",
    re.VERBOSE | re.IGNORECASE,
)


def is_filter(text: str) -> bool:
    """Return whether a text is meant as a filter, with or without errors, as opposed to words to search for.

    >>> is_filter("metrics.loss < 0.1"), is_filter("adam seed=1")
    (True, False)
    """
    return _LOOKS_LIKE_FILTER.match(text) is not None


class _Token(NamedTuple):
    kind: str
    text: str
    at: int
    prefix: str = ""
    name: str = ""


def parse_filter(text: str) -> Filters:
    """Parse a filter; an empty text has no clauses.

    Raises:
        FilterError: it is not valid; the message says what was expected, and where.
    """
    tokens = list(_tokens(text))
    clauses = []
    place = 0
    while place < len(tokens):
        clause, place = _clause(tokens, place, text)
        clauses.append(clause)
        if place < len(tokens):
            joint = tokens[place]
            if joint.text.upper() == "OR":
                raise _error("MLflow's filters have no `or`; use `and`, or one filter at a time", joint)
            if joint.text.upper() != "AND":
                raise _error(f"expected `and` between comparisons, got {joint.text!r}", joint)
            place += 1
            if place == len(tokens):
                raise FilterError("The filter ends after `and`; expected another comparison.", len(text))
    return tuple(clauses)


def filter_key(kind: str, name: str) -> str | None:
    """Return a metric, param or tag as a filter writes it, quoted where it has to be; None if it cannot be quoted.

    >>> filter_key("metric", "val_loss"), filter_key("param", "batch size")
    ('metrics.val_loss', 'params.`batch size`')
    """
    if re.fullmatch(r"\w+", name, re.ASCII):
        return f"{kind}s.{name}"
    quote = next((mark for mark in '`"' if mark not in name), None)
    return None if quote is None else f"{kind}s.{quote}{name}{quote}"


def unknown_keys(filters: Filters, known: Collection[tuple[str, str]]) -> list[str]:
    """Say in a sentence each which metrics, params and tags of a filter no run has, with the nearest known key.

    Args:
        filters: the parsed filter.
        known: every (kind, name) in the store, as `RunReader.columns` returns them; tags of programs are not in it.
    """
    said = []
    for kind, key in dict.fromkeys((clause.kind, clause.key) for clause in filters):
        names = sorted(name for one, name in known if one == kind)
        if kind not in {"metric", "param", "tag"} or key in names or (kind == "tag" and "." in key):
            continue
        near = get_close_matches(key, names, n=1)
        hint = f"; did you mean `{kind}s.{near[0]}`?" if near else "."
        if kind == "metric" and key.partition("@")[0] in names:
            hint = "; runs can be sorted and grouped by such values, but not filtered."
        said.append(f"No run has a {kind} `{key}`{hint}")
    return said


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            begin = at + len(text[at:]) - len(text[at:].lstrip())
            rest = text[begin : begin + 1]
            closing = f"; a {rest} is not closed" if rest in "'\"`" else ""
            raise FilterError(f"The filter cannot be read from character {begin + 1} on{closing}.", begin)
        kind = found.lastgroup if found.lastgroup not in {"prefix", "name"} else "key"
        kind = "key" if found["key"] else kind or ""
        yield _Token(kind, found[kind], found.start(kind), found["prefix"] or "", _bare(found["name"] or ""))
        at = found.end()


def _clause(tokens: list[_Token], place: int, text: str) -> tuple[Clause, int]:
    kind, key = _identifier(tokens[place])
    operator, after = _operator(tokens, place + 1, text)
    allowed = _NUMERIC if kind == "attribute" and key in _TIMES else _OPERATORS[kind]
    if operator not in allowed:
        raise _error(f"`{operator}` does not apply to {kind}s; expected one of {', '.join(allowed)}", tokens[place + 1])
    if operator.startswith("IS "):
        return Clause(kind, key, operator, None), after
    if after >= len(tokens):
        raise FilterError(f"The filter ends after `{operator}`; expected a value.", len(text))
    if operator in {"IN", "NOT IN"}:
        values, after = _list(tokens, after, text)
        return Clause(kind, key, operator, values), after
    return Clause(kind, key, operator, _value(tokens[after], kind, key, numeric=allowed is _NUMERIC)), after + 1


def _identifier(token: _Token) -> tuple[str, str]:
    if token.kind == "key":
        if token.prefix not in _KINDS:
            near = get_close_matches(token.prefix, ("metrics", "params", "tags", "attributes", "datasets"), n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise _error(
                f"expected metrics, params, tags, attributes or datasets before the dot, got {token.prefix!r}{hint}",
                token,
            )
        kind, name = _KINDS[token.prefix], token.name
    elif token.kind in {"word", "text"}:
        kind, name = "attribute", _bare(token.text)
    else:
        raise _error(f"expected a key such as `metrics.val_loss`, got {token.text!r}", token)
    name = _ALIASES.get(name, name) if kind == "attribute" else name
    if kind == "attribute" and name not in {*_TIMES, *_TEXTS}:
        raise _error(
            f"{name!r} is not an attribute of runs; expected one of {', '.join((*_TIMES, *_TEXTS))}, "
            f"or a prefix, as in `params.{name}`", token,
        )  # fmt: skip
    if kind == "dataset" and name not in _DATASET_KEYS:
        raise _error(f"{name!r} is not a field of datasets; expected one of {', '.join(_DATASET_KEYS)}", token)
    return kind, name


def _operator(tokens: list[_Token], place: int, text: str) -> tuple[str, int]:
    """Return the operator at a place, and the place after it."""
    words = [token.text.upper() for token in tokens[place : place + 3]]
    if not words:
        raise FilterError("The filter ends after a key; expected an operator such as `=`.", len(text))
    for operator in ("IS NOT NULL", "IS NULL", "NOT IN", "IN", "LIKE", "ILIKE"):
        parts = operator.split()
        if words[: len(parts)] == parts:
            return operator, place + len(parts)
    if tokens[place].kind != "operator":
        raise _error(f"expected an operator such as `=`, got {tokens[place].text!r}", tokens[place])
    return "!=" if words[0] == "<>" else words[0], place + 1


def _value(token: _Token, kind: str, key: str, *, numeric: bool) -> float | str:
    if numeric:
        if token.kind != "number":
            raise _error(f"the {kind} `{key}` must be compared with a number, got {token.text}", token)
        return float(token.text)
    if token.kind != "text" or token.text.startswith("`"):
        raise _error(
            f"the {kind} `{key}` must be compared with a quoted string, such as 'Adam', got {token.text}", token
        )
    return _bare(token.text)


def _list(tokens: list[_Token], place: int, text: str) -> tuple[tuple[str, ...], int]:
    """Return the texts in parentheses, and the place after them."""
    values: list[str] = []
    for index, token in enumerate(tokens[place:]):
        is_last = token.text == ")" and index % 2 == 0 and index > 0
        if is_last:
            return tuple(values), place + index + 1
        expected = "(" if index == 0 else "a quoted string" if index % 2 else ","
        fits = token.kind == "text" if index % 2 else token.text == expected
        if not fits:
            raise _error(f"expected {expected} in a list such as ('a', 'b'), got {token.text}", token)
        if index % 2:
            values.append(_bare(token.text))
    raise FilterError("The filter ends within a list; expected ')'.", len(text))


def _bare(text: str) -> str:
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"`" else text


def _error(words: str, token: _Token) -> FilterError:
    end = "" if words.endswith("?") else "."
    return FilterError(f"In the filter, at character {token.at + 1}: {words}{end}", token.at)
