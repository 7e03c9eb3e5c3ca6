"""A column in a few words: its range or its most frequent values, and the role that it has by default."""

from trainer.data.profile.column import ColumnType
from trainer.data.profile.summary import ColumnSummary, Share
from trainer.data.sources.roles import text_role
from trainer.format import cut, number, percent

__all__ = ["inferred_role", "told_values"]

_LONGEST = 24
_MOST_LABELS = 4
# Less would be 0.0 %.
_LEAST_SHARE = 0.0005


def told_values(column: ColumnSummary) -> str:
    """Return the range and the mean of numbers, the range of dates, or the most frequent values with their shares."""
    if column.quantiles is not None:
        low, high = column.shown(column.quantiles.minimum), column.shown(column.quantiles.maximum)
        if column.type is ColumnType.DATE:
            return f"{low} to {high}"
        return f"{low} to {high}, mean {number(column.quantiles.mean)}"
    if not column.common:
        return ""
    shown = [_told(share, column.rows) for share in column.common]
    return ", ".join(shown[:_MOST_LABELS]) + (", …" if column.distinct > _MOST_LABELS else "")


def _told(share: Share, rows: int) -> str:
    """Return a value and its share of the rows, unless that is about none."""
    part, label = share.rows / max(1, rows), cut(share.value, _LONGEST)
    return label if part < _LEAST_SHARE else f"{label} {percent(part)}"


def inferred_role(column: ColumnSummary) -> str:
    """Return the role of a column of a table for which the config gives none."""
    if column.type in (ColumnType.INTEGER, ColumnType.FLOAT):
        return "numeric"
    if column.type is ColumnType.DATE:
        return "date"
    is_text = column.type in (ColumnType.TEXT, ColumnType.BOOLEAN)
    return text_role(column.distinct, column.rows) if is_text else "ignore"
