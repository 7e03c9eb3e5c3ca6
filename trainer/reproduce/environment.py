"""What differs between the environments of two runs, as far as it can change numbers. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trainer.tracking.types import as_mapping

__all__ = ["Differing", "differing"]

_LONGEST = 120
_NO_SUCH = "none"


class Differing(NamedTuple):
    """One thing that differs, and how it is in either run."""

    what: str
    a: str
    b: str


def differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Differing, ...]:
    """What differs between two `environment.json`; nothing where either is missing, since nothing is known then."""
    if not a or not b:
        return ()
    return tuple(Differing(what, _text(one), _text(other)) for what, one, other in _pairs(a, b) if one != other)


def _pairs(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    yield "python", a.get("python"), b.get("python")
    yield from _by_name(a, b, "packages", "")
    one, other = as_mapping(a.get("processor")), as_mapping(b.get("processor"))
    yield "processor", one.get("model") or one.get("machine"), other.get("model") or other.get("machine")
    flags, other_flags = _words(one.get("flags")), _words(other.get("flags"))
    yield "instruction set", _joined(flags - other_flags), _joined(other_flags - flags)
    yield from _by_name(a, b, "variables", "variable ")
    one, other = as_mapping(a.get("training")), as_mapping(b.get("training"))
    yield "threads", _threads(one.get("threads")), _threads(other.get("threads"))
    yield "data digest", one.get("data_digest"), other.get("data_digest")
    yield "git commit", a.get("commit"), b.get("commit")


def _by_name(a: Mapping[str, Any], b: Mapping[str, Any], key: str, prefix: str) -> Iterator[tuple[str, Any, Any]]:
    one, other = as_mapping(a.get(key)), as_mapping(b.get(key))
    for name in sorted({*map(str, one), *map(str, other)}):
        yield f"{prefix}{name}"[:_LONGEST], one.get(name), other.get(name)


def _words(flags: Any) -> frozenset[str]:
    return frozenset(map(str, flags)) if isinstance(flags, list) else frozenset()


def _joined(flags: frozenset[str]) -> str:
    """Only what either has and the other has not: whole sets are long."""
    return " ".join(sorted(flags))


def _threads(threads: Any) -> str | None:
    fields = as_mapping(threads)
    return f"{fields.get('intra')} within and {fields.get('inter')} between operations" if fields else None


def _text(value: Any) -> str:
    text = _NO_SUCH if value is None or value == "" else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
