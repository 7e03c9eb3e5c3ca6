"""JSON documents that every parser can read."""

import json
from typing import Any

__all__ = ["json_text"]


def json_text(document: Any, *, indent: int | None = None) -> str:
    """Return a document as JSON; NaN and infinities become null.

    Args:
        document: mappings, sequences, texts, numbers, booleans and None.
        indent: the number of spaces of a level; None for one line.
    """
    return json.dumps(_finite(document), indent=indent, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    # JSON has neither NaN nor infinity, and parsers of other languages refuse Python's spelling of them.
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):
        return None
    return value
