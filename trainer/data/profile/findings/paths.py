"""Columns that name pictures."""

from collections.abc import Iterator

from trainer.config.check import Edit
from trainer.data.profile.column import ColumnType
from trainer.data.profile.findings.base import Finding, FindingKind, View, quoted, warn
from trainer.data.sources.pictures.archive import IMAGE_SUFFIXES

__all__ = ["picture_paths"]

_SEEN, _LEAST = 300, 0.95


def picture_paths(view: View) -> Iterator[Finding]:
    """Yield the first column of a table nearly all of whose values end as the names of pictures do."""
    if view.dataset.get("name") not in ("csv", "parquet"):
        return
    for name in view.inputs:
        column = view.columns[name]
        seen = column.labels[:_SEEN] if column.type is ColumnType.TEXT else ()
        pictures = sum(label.lower().endswith(tuple(IMAGE_SUFFIXES)) for label in seen)
        if seen and pictures >= _LEAST * len(seen):
            edits = [
                Edit(action="set", path=("dataset", "name"), value="images"),
                Edit(action="set", path=("dataset", "column"), value=name),
            ]
            message = f"Column {quoted(name)} names pictures, such as {quoted(seen[0])}. As text, a path says nothing."
            yield warn(FindingKind.PICTURES, name, message, "Use the pictures instead of their paths.", edits)
            return
