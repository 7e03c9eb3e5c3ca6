"""Columns as the fields of a dataset in a config take them."""

from collections.abc import Iterable, Mapping
from typing import Any

from trainer.data.profile.column import Column

__all__ = ["configured", "listed"]


def configured(columns: Iterable[Column], fields: Mapping[str, Any]) -> dict[str, Column]:
    """Return the columns by name, with the missing values, the labels and the dates that the config names.

    Args:
        columns: the columns, of all rows or of some.
        fields: the fields of the dataset, with the target.
    """
    absent = listed(fields.get("missing"))
    found = {column.name: column.without(absent) if absent else column for column in columns}
    for name in listed(fields.get("target")):
        if isinstance(name, str) and name in found:
            found[name] = found[name].renamed(fields.get("labels") or {})
    for name, form in (fields.get("date_formats") or {}).items():
        if name in found:
            found[name] = found[name].dated(str(form))
    return found


def listed(value: Any) -> tuple[str | float, ...]:
    """Return a value, or several, as a tuple."""
    return () if value is None else tuple(value) if isinstance(value, list | tuple) else (value,)
