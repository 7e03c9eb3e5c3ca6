"""What each column of a table is used as: as the config says, or inferred from its values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.config import nearest
from trainer.config.file_datasets import Images, RowFile, TableFile, Texts
from trainer.config.splits import ColumnSplit, GroupSplit, RandomSplit
from trainer.data.sources.cells import AnyCells
from trainer.errors import DataError
from trainer.format import shortened_line

if TYPE_CHECKING:
    from trainer.data.sources.readers import Grid

__all__ = ["Roles", "check_column", "choose_roles", "inferred_role", "split_column", "text_role"]

# Texts with more distinct values than this are hashed rather than one-hot.
_MOST_CATEGORIES = 100
_LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The role of every input column of a file: `used` without those that are ignored, and `inferred` all inferred."""

    used: Mapping[str, str]
    inferred: Mapping[str, str]
    given: Mapping[str, str]

    @property
    def remark(self) -> str | None:
        """A sentence with the inferred roles, None if all were given."""
        if not self.inferred:
            return None
        by_role: dict[str, list[str]] = {}
        for name, role in self.inferred.items():
            by_role.setdefault(role, []).append(name)
        told = (f"{role}: {shortened_line(', '.join(names), 200)}" for role, names in by_role.items())
        return f"Inferred roles: {'; '.join(told)}."


def choose_roles(dataset: RowFile, cells: Mapping[str, AnyCells], grid: "Grid", path: Path) -> Roles:
    """Return the roles of all columns that are neither target nor weight.

    Raises:
        DataError: If the config names a column that the file does not have, or leaves no column to use.
    """
    _check_names(dataset, grid, path)
    if isinstance(dataset, Texts | Images):
        return Roles(used={dataset.column: "text"}, inferred={}, given={dataset.column: "text"})
    taken = {*dataset.target, *([dataset.weight] if dataset.weight else [])}
    given = dict(_columns(dataset))
    # A group or a part that is an input would give the network the split itself to learn.
    if isinstance(dataset.split, GroupSplit | ColumnSplit):
        given.setdefault(dataset.split.column, "ignore")
    names = [name for name in grid.columns if name not in taken]
    inferred = {name: inferred_role(cells[name], len(grid)) for name in names if name not in given}
    roles = {name: given.get(name) or inferred[name] for name in names}
    used = {name: role for name, role in roles.items() if role != "ignore"}
    if not used:
        raise DataError(f"No column of {path.name} is left as an input; give a column the role numeric or category.")
    return Roles(used=used, inferred=inferred, given={name: given[name] for name in names if name in given})


def _columns(dataset: RowFile) -> Mapping[str, str]:
    if isinstance(dataset, Texts | Images):
        return {dataset.column: "text"}
    return dataset.columns if isinstance(dataset, TableFile) else {}


def split_column(dataset: RowFile) -> str | None:
    """Return the column that the split reads, or None."""
    return None if isinstance(dataset.split, RandomSplit) else str(dataset.split.arguments()["column"])


def _check_names(dataset: RowFile, grid: "Grid", path: Path) -> None:
    named = {
        **dict.fromkeys(_columns(dataset), "column" if isinstance(dataset, Texts | Images) else "columns"),
        **(dict.fromkeys(dataset.date_formats, "date_formats") if isinstance(dataset, TableFile) else {}),
        **({dataset.weight: "weight"} if dataset.weight else {}),
        **({column: "split"} if (column := split_column(dataset)) else {}),
        **dict.fromkeys(dataset.target, "target"),
    }
    for name, where in named.items():
        check_column(name, where, grid, path)
    both = [name for name in dataset.target if _columns(dataset).get(name, "ignore") != "ignore"]
    if both or dataset.weight in dataset.target:
        name = both[0] if both else str(dataset.weight)
        raise DataError(
            f"{name[:_LONGEST_NAME]!r} is the target of {path.name}, so it has no other use; remove one of both."
        )
    if len(set(dataset.target)) < len(dataset.target):
        raise DataError(f"target names a column of {path.name} twice; name each once.")


def check_column(name: str, where: str, grid: "Grid", path: Path) -> None:
    """Raise DataError, with the most similar name, if a file does not have the column that a field names."""
    if name not in grid.columns:
        near = nearest(name, grid.columns)
        known = shortened_line(", ".join(grid.columns), 200)
        hint = f"did you mean {shortened_line(near, _LONGEST_NAME)!r}?" if near else f"it has {known}."
        raise DataError(f"{path.name} has no column {shortened_line(name, _LONGEST_NAME)!r} for {where}; {hint}")


def inferred_role(cells: AnyCells, rows: int) -> str:
    """Return the role of a column of so many rows that follows from its values."""
    kind = cells.kind
    if kind in {"numeric", "date"}:
        return kind
    return text_role(cells.distinct(), rows) if kind == "text" else "ignore"


def text_role(distinct: int, rows: int) -> str:
    """Return the inferred role of a column of texts with so many distinct ones."""
    if distinct <= min(_MOST_CATEGORIES, max(rows / 2, 2)):
        return "category"
    # Texts that hardly repeat are names, identifiers or sentences, from which nothing general follows.
    return "hashed" if distinct <= rows / 2 else "ignore"
