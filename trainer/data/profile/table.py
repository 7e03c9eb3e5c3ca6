"""A table that was read for a profile, from whatever kind of file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.profile.column import Column
from trainer.data.profile.content import Content
from trainer.data.profile.dialect import Dialect
from trainer.data.profile.findings.base import Finding
from trainer.data.profile.whole import AllRows

__all__ = ["Table"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Columns in the order of the file.

    `dialect` is that of a CSV file. `fields` are fields of the dataset that the kind of the file sets, such as the
    target `y` of an .npz file. `parts` of shape (rows,) is 0, 1 or 2 for rows of a file's own training, validation and
    test data. `has_roles` tells whether a config can ignore single columns. `found` are the problems that
    were found while it was read, and `notes` sentences about what was left out.
    `content` is given if only a part of the files counts. `whole` is given if the columns are those of a sample of the
    rows, `rows` of them.
    """

    columns: tuple[Column, ...]
    rows: int
    dialect: Dialect | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    parts: NDArray[np.int8] | None = None
    has_roles: bool = True
    found: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    content: Content | None = None
    whole: AllRows | None = None
