"""Match the words of a search in SQL, as `search.mentions` does."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import CTE, Boolean, Select, String, Table, func, literal, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from trainer.tracking.note import OWN_NOTES
from trainer.tracking.read.search import OTHERS_TAGS, VALUE_TAGS
from trainer.tracking.read.tables import params, runs, tags

__all__ = [
    "FOLD",
    "UNREADABLE",
    "Folded",
    "Scanned",
    "all_keys",
    "escaped",
    "in_file",
    "is_own_note_tag",
    "mentions_word",
]

FOLD = "fitboard_fold"
"""The name of `search.fold` in SQL; connections to SQLite must define it."""

UNREADABLE = "\ufffd"
"""What bytes that are not UTF-8 are read as."""

_ESCAPE = "/"
_ALL = true()
_NOT_ASCII = "*[^ -~]*"


def _keys(table: Table) -> CTE:
    """Return every key in a table of (key, run_uuid), each found by one step in its index instead of a scan."""
    first = select(func.min(table.c.key).label("key")).cte(f"keys_of_{table.name}", recursive=True)
    following = select(func.min(table.c.key)).where(table.c.key > first.c.key).scalar_subquery()
    keys: CTE = first.union_all(select(following).where(first.c.key.is_not(None)))
    return keys


def all_keys(table: Table) -> Select[Any]:
    """Select every key in a table of (key, run_uuid)."""
    keys = _keys(table)
    return select(keys.c.key).where(keys.c.key.is_not(None))


# One object each, since a query may name such an expression only once.
_PARAM_KEYS, _TAG_KEYS = _keys(params), _keys(tags)


def mentions_word(word: str) -> ColumnElement[bool]:
    """Match the runs that mention one word, which is folded.

    Values are scanned in the order in which they are stored, which is several times faster than by the index of their
    keys; keys are compared once each, not once a run.
    """
    keys = select(_TAG_KEYS.c.key).where(_TAG_KEYS.c.key.is_not(None))
    told = keys.where(*(func.substr(_TAG_KEYS.c.key, 1, len(prefix)) != prefix for prefix in OTHERS_TAGS))
    searched = Scanned(tags.c.key).in_(told.union_all(*(select(literal(key)) for key in VALUE_TAGS)))
    return or_(
        _has(runs.c.name, word),
        runs.c.run_uuid.istartswith(word, autoescape=True),
        *_in_pairs(params, _PARAM_KEYS, word, select(_PARAM_KEYS.c.key).where(_PARAM_KEYS.c.key.is_not(None))),
        _in_values(params, word),
        *_in_pairs(tags, _TAG_KEYS, word, told),
        _in_values(tags, word, searched, ~is_own_note_tag()),
    )


def is_own_note_tag() -> ColumnElement[bool]:
    """Match the tags that hold Fitboard's own description of a run, which is not searched."""
    return tags.c.key.in_(VALUE_TAGS) & tags.c.value.like(OWN_NOTES)


def in_file(text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """Compare a text of an SQLite file with a folded pattern, ignoring case."""
    return (_FoldedLike if pattern.isascii() else _FoldedOther)(text, literal(pattern))


def _in_values(
    table: Table, word: str, searched: ColumnElement[bool] = _ALL, fits: ColumnElement[bool] = _ALL
) -> ColumnElement[bool]:
    # The order of the conditions is that in which SQLite tests them.
    return runs.c.run_uuid.in_(select(table.c.run_uuid).where(searched, _has(table.c.value, word), fits))


def _in_pairs(table: Table, keys: CTE, word: str, every: Select[Any]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions, one of which a run meets that has the word in a key, or in the end of one and its value."""
    rows = select(table.c.run_uuid)
    yield runs.c.run_uuid.in_(rows.where(table.c.key.in_(every.where(_has(keys.c.key, word)))))
    for place in (place for place, letter in enumerate(word) if letter == "="):
        ends = _folded_like(keys.c.key, "%" + escaped(word[:place]), word)
        begins = _folded_like(table.c.value, escaped(word[place + 1 :]) + "%", word)
        yield runs.c.run_uuid.in_(rows.where(table.c.key.in_(every.where(ends)), begins))


def _has(text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return _folded_like(text, f"%{escaped(word)}%", word)


def escaped(text: str) -> str:
    """Return a text as a part of a pattern of LIKE."""
    return "".join(_ESCAPE + letter if letter in f"%_{_ESCAPE}" else letter for letter in text)


def _folded_like(text: ColumnElement[str], pattern: str, word: str) -> ColumnElement[bool]:
    if UNREADABLE in word:
        return _FoldedUnreadable(text, literal(pattern))
    return (_FoldedLike if word.isascii() else _FoldedOther)(text, literal(pattern))


class Scanned(FunctionElement[str]):
    """A column whose index SQLite shall not use, since its rows are read in the order in which they are stored."""

    type = String()
    inherit_cache = True


@compiles(Scanned)
def _plain(element: Scanned, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(Scanned, "sqlite")
def _unindexed(element: Scanned, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


class _FoldedLike(FunctionElement[bool]):
    """Compare a text with a folded LIKE pattern, ignoring case."""

    type = Boolean()
    inherit_cache = True


class _FoldedOther(_FoldedLike):
    """The same for a word that is not ASCII, and therefore in no text that is."""

    inherit_cache = True


class _FoldedUnreadable(_FoldedLike):
    """The same where bytes that are not UTF-8 count, each of which SQLite takes for a letter."""

    inherit_cache = True


@compiles(_FoldedLike)
def _lowered_like(element: _FoldedLike, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"lower({text}) LIKE {pattern} ESCAPE '{_ESCAPE}'"


@compiles(_FoldedLike, "postgresql")
def _composed_like(element: _FoldedLike, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"{_casefold(text)} LIKE {pattern} ESCAPE '{_ESCAPE}'"


def _casefold(text: str) -> str:
    """Fold in PostgreSQL: lower() keeps ß and ς, which Python's casefold replaces."""
    return f"replace(replace(lower(normalize({text})), 'ß', 'ss'), 'ς', 'σ')"


@compiles(_FoldedLike, "sqlite")
def _ascii_like(element: _FoldedLike, compiler: SQLCompiler, **options: Any) -> str:
    """Fold only what is not ASCII, which has more bytes than letters: SQLite's LIKE ignores the case of ASCII."""
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    return _either(text, pattern, f"length({text}) < length(CAST({text} AS BLOB))")


@compiles(_FoldedOther, "sqlite")
def _other_like(element: _FoldedOther, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    # CASE, since SQLite may turn the order of AND round, and would fold every text.
    is_other = f"length({text}) < length(CAST({text} AS BLOB))"
    return f"CASE WHEN {is_other} THEN {FOLD}(CAST({text} AS BLOB)) LIKE {pattern} ESCAPE '{_ESCAPE}' ELSE 0 END"


@compiles(_FoldedUnreadable, "sqlite")
def _unreadable_like(element: _FoldedUnreadable, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = (compiler.process(each, **options) for each in element.clauses)
    return _either(text, pattern, f"{text} GLOB '{_NOT_ASCII}'")


def _either(text: str, pattern: str, is_other: str) -> str:
    like = f"LIKE {pattern} ESCAPE '{_ESCAPE}'"
    return f"CASE WHEN {is_other} THEN {FOLD}(CAST({text} AS BLOB)) {like} ELSE {text} {like} END"


class Folded(FunctionElement[str]):
    """Fold the case of a text."""

    type = String()
    inherit_cache = True


@compiles(Folded)
def _lowered(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    """Fold by the database's lower(), which covers all of Unicode if the locale does."""
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(Folded, "postgresql")
def _composed(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return _casefold(compiler.process(element.clauses, **options))


@compiles(Folded, "sqlite")
def _folded(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    """Fold by `search.fold`, since SQLite's lower() covers only ASCII; pure ASCII text is left to it."""
    text = compiler.process(element.clauses, **options)
    return f"CASE WHEN {text} GLOB '{_NOT_ASCII}' THEN {FOLD}(CAST({text} AS BLOB)) ELSE lower({text}) END"
