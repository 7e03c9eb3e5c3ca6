"""Numbers that params and tags hold as text, in SQL."""

import re
from typing import Any

from sqlalchemy import Boolean, Float, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["IsInteger", "number_in", "number_of"]

_INTEGER = "^[0-9]{1,18}$"
_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
# Surely within a double's range.
_USUAL = "^[-+0-9.]{1,200}([eE][-+]?[0-9]{1,2})?$"
# Exponents beyond PostgreSQL's numeric type too.
_HUGE, _TINY = r"[eE]\+?0*[1-9][0-9]{4,}$", "[eE]-0*[1-9][0-9]{4,}$"
# What rounds to infinity, and half of the least double.
_LARGEST, _LEAST = "1.7976931348623158e308", "2.4703282292062328e-324"


def number_of(text: ColumnElement[str]) -> ColumnElement[float]:
    """Return the number that a text holds, infinite if it is too large for a double; NULL for other texts."""
    # CASE, because PostgreSQL would refuse to cast text that is not a number.
    return case((_IsNumber(text), _Number(text)))


def number_in(text: str) -> float | None:
    """Return the number that a text holds, as `number_of` does in SQL."""
    return float(text) if re.fullmatch(_NUMBER.strip("^$"), text, re.ASCII) else None


class IsInteger(FunctionElement[bool]):
    """Whether a text is an integer that fits 64 bits."""

    type = Boolean()
    inherit_cache = True


class _IsNumber(FunctionElement[bool]):
    """Whether a text is a number."""

    type = Boolean()
    inherit_cache = True


class _Number(FunctionElement[float]):
    """The number in a text that holds one."""

    type = Float(53)
    inherit_cache = True


def _matches(element: FunctionElement[Any], pattern: str, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    (text,) = element.clauses
    return compiler.process(text.regexp_match(pattern), **options)


@compiles(IsInteger)
def _integer(element: IsInteger, compiler: SQLCompiler, **options: Any) -> str:
    return _matches(element, _INTEGER, compiler, options)


@compiles(_IsNumber)
def _is_number(element: _IsNumber, compiler: SQLCompiler, **options: Any) -> str:
    return _matches(element, _NUMBER, compiler, options)


@compiles(_Number)
def _number(element: _Number, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS {compiler.process(element.type, **options)})"


@compiles(IsInteger, "sqlite")
def _integer_there(element: IsInteger, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"({text} NOT GLOB '*[^0-9]*' AND length({text}) BETWEEN 1 AND 18)"


@compiles(_IsNumber, "sqlite")
def _is_number_there(element: _IsNumber, compiler: SQLCompiler, **options: Any) -> str:
    """Decide the usual forms by GLOB: regular expressions, which SQLite leaves to Python, take ten times as long."""
    text = compiler.process(element.clauses, **options)
    return (
        f"CASE WHEN {text} GLOB '[0-9]*' AND {text} NOT GLOB '*[^0-9.]*' THEN {text} NOT GLOB '*.*.*' "
        f"WHEN {text} GLOB '*[^-+0-9.eE]*' THEN 0 ELSE {_matches(element, _NUMBER, compiler, options)} END"
    )


@compiles(_Number, "sqlite")
def _number_in_sqlite(element: _Number, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS REAL)"


@compiles(_Number, "postgresql")
def _number_there(element: _Number, compiler: SQLCompiler, **options: Any) -> str:
    """Round what is too large or too small, as other databases do: PostgreSQL ends the query with an error."""
    text = compiler.process(element.clauses, **options)
    usual, huge, tiny = (_matches(element, pattern, compiler, options) for pattern in (_USUAL, _HUGE, _TINY))
    double, exact = f"CAST({text} AS double precision)", f"CAST({text} AS numeric)"
    infinite = f"CASE WHEN {text} LIKE '-%%' THEN '-Infinity'::float8 ELSE 'Infinity'::float8 END"
    return (
        f"CASE WHEN {usual} THEN {double} WHEN {huge} THEN {infinite} WHEN {tiny} THEN 0 "
        f"WHEN abs({exact}) >= {_LARGEST} THEN {infinite} WHEN abs({exact}) <= {_LEAST} THEN 0 ELSE {double} END"
    )
