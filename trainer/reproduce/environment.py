"""Find the differences between the environments of two runs that can change numbers. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trainer.format import cut
from trainer.tracking.read.stored import as_mapping

__all__ = ["Differing", "differing"]

_LONGEST = 120
_NO_SUCH = "none"
# Packages that do not affect the numbers of a training.
_HARMLESS_PACKAGES = {"h5py", "mlflow", "pandas", "protobuf", "ray"}

# Variables that affect output and storage, but no numbers.
_HARMLESS_VARIABLES = re.compile(
    r"TF_CPP_\w*LOG\w*|TF_CPP_VMODULE|TF_FORCE_GPU_ALLOW_GROWTH|KERAS_HOME|\w+_VERBOSE|\w+_VERBOSE_TIMESTAMP"
    r"|(ONEDNN|DNNL)_JIT_(DUMP|PROFILE)|(OMP|KMP)_(DISPLAY_ENV|DISPLAY_AFFINITY|WARNINGS|SETTINGS|VERSION)"
    r"|CUDA_CACHE_\w+|NCCL_DEBUG\w*|NVIDIA_(REQUIRE_\w+|DRIVER_CAPABILITIES)"
)


class Differing(NamedTuple):
    """One difference: what it is, its values in both runs, and whether it is likely to change numbers."""

    what: str
    a: str
    b: str
    likely: bool = True


def differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Differing, ...]:
    """Return the differences between two `environment.json`; those that can change numbers come first.

    Returns no differences if either is missing, since nothing is known then.
    """
    if not a or not b:
        return ()
    found = [
        Differing(what, _text(one), _text(other), likely) for what, one, other, likely in _pairs(a, b) if one != other
    ]
    return tuple(sorted(found, key=lambda each: not each.likely))


def _pairs(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, bool]]:
    yield "python", a.get("python"), b.get("python"), True
    for name, one, other in _by_name(a, b, "packages"):
        yield name, one, other, name not in _HARMLESS_PACKAGES
    yield from _processors(as_mapping(a.get("processor")), as_mapping(b.get("processor")))
    # Earlier versions did not record it.
    if a.get("c_library") and b.get("c_library"):
        yield "C library", a["c_library"], b["c_library"], True
    for name, one, other in _by_name(a, b, "variables"):
        yield f"variable {name}"[:_LONGEST], one, other, not _HARMLESS_VARIABLES.fullmatch(name)
    one, other = as_mapping(a.get("training")), as_mapping(b.get("training"))
    yield "threads", _threads(one.get("threads")), _threads(other.get("threads")), True
    yield "graph optimizer", _grappler(one.get("threads")), _grappler(other.get("threads")), True
    yield "data digest", one.get("data_digest"), other.get("data_digest"), True
    # Only data in a file have a fitted preparation.
    yield "preparation digest", one.get("preparation_digest"), other.get("preparation_digest"), True
    yield "weights at the start", one.get("start_weights"), other.get("start_weights"), True
    yield "git commit", a.get("commit"), b.get("commit"), True


def _processors(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, bool]]:
    yield "processor", a.get("model") or a.get("machine"), b.get("model") or b.get("machine"), True
    flags, other_flags = _words(a.get("flags")), _words(b.get("flags"))
    yield "instruction set", _joined(flags - other_flags), _joined(other_flags - flags), True
    used, other_used = a.get("instruction_set_in_use"), b.get("instruction_set_in_use")
    if used and other_used:  # earlier versions did not record it
        yield "instruction set in use", used, other_used, True


def _by_name(a: Mapping[str, Any], b: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any, Any]]:
    one, other = as_mapping(a.get(key)), as_mapping(b.get(key))
    for name in sorted({*map(str, one), *map(str, other)}):
        yield name[:_LONGEST], one.get(name), other.get(name)


def _words(flags: Any) -> frozenset[str]:
    return frozenset(map(str, flags)) if isinstance(flags, list) else frozenset()


def _joined(flags: frozenset[str]) -> str:
    """Format the flags that only one of two processors has; the complete sets are long."""
    return " ".join(sorted(flags))


def _threads(threads: Any) -> str | None:
    fields = as_mapping(threads)
    return f"{fields.get('intra')} intra-op and {fields.get('inter')} inter-op" if fields else None


def _grappler(threads: Any) -> str | None:
    """Return `on` or `off`; records of earlier versions do not contain it, since it was always on."""
    fields = as_mapping(threads)
    return ("off" if fields.get("grappler") is False else "on") if fields else None


def _text(value: Any) -> str:
    text = _NO_SUCH if value is None or value == "" else str(value)
    return cut(text, _LONGEST)
