"""Read a folder of texts for a profile: a file a row, with the class that its subfolder names."""

import hashlib
from pathlib import Path

import numpy as np

from trainer.data.profile.arrays import hashed_rows
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.content import files_in, read_in_pieces
from trainer.data.profile.kinds import TEXT_SUFFIXES
from trainer.data.profile.table import Table
from trainer.errors import DataError

__all__ = ["read_folder"]


def read_folder(path: Path) -> Table:
    """Read the files of a folder with a subfolder for each class; other files are left out.

    Raises:
        DataError: If a file cannot be read, or none is in a subfolder.
    """
    files = [file for file in files_in(path) if file.suffix.lower() in TEXT_SUFFIXES and file.parent != path]
    if not files:
        raise DataError(f"{path} has no subfolders with files; expected a subfolder for each class, named after it.")
    classes = [file.relative_to(path).parts[0] for file in files]
    columns = (
        hashed_rows("content", np.array([_hash(file) for file in files], np.int64)),
        _texts("type", [file.suffix.lower().removeprefix(".") for file in files]),
        _texts("class", classes),
    )
    fields = {"target": "class", "columns": {"type": "ignore"}}
    return Table(columns=columns, rows=len(files), fields=fields, has_roles=False)


def _hash(file: Path) -> int:
    digest = hashlib.blake2b(digest_size=8)
    for piece in read_in_pieces(file):
        digest.update(piece)
    return int.from_bytes(digest.digest(), "little", signed=True)


def _texts(name: str, values: list[str]) -> Column:
    labels, codes = np.unique(values, return_inverse=True)
    return Column(
        name=name,
        type=ColumnType.TEXT,
        values=codes.astype(np.int32),
        missing=np.zeros(len(codes), bool),
        labels=tuple(str(label) for label in labels),
    )
