"""A folder of texts: one folder of .txt files for each class."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from trainer.data.npz_file import memory_limit
from trainer.data.profile.content import files_in
from trainer.errors import DataError
from trainer.format import counted, readable_bytes

__all__ = ["read_text_folder"]


def read_text_folder(folder: Path, encoding: str | None) -> tuple[dict[str, Any], str]:
    """Return the columns `text` and `class` of the files in the order of their names, and their encoding.

    Files directly in the folder, and files that are not .txt, are left out.

    Raises:
        DataError: If there are no texts in folders, if they are too large together, or if one is not valid text.
    """
    files = [file for file in files_in(folder) if file.suffix.lower() == ".txt" and file.parent != folder]
    if not files:
        raise DataError(f"{folder.name} has no .txt files in folders; expected a folder of texts for each class.")
    size = sum(file.stat().st_size for file in files)
    if 4 * size > memory_limit():
        raise DataError(
            f"{folder.name} has {readable_bytes(size)} in {counted(len(files), 'text')}, more than a quarter of the "
            f"limit of {readable_bytes(memory_limit())}; use fewer texts."
        )
    used = encoding or "utf-8"
    texts = [_read(file, folder, used) for file in files]
    classes = [file.relative_to(folder).parts[0] for file in files]
    return {"text": pa.chunked_array([pa.array(texts)]), "class": pa.chunked_array([pa.array(classes)])}, used


def _read(file: Path, folder: Path, encoding: str) -> str:
    try:
        # A byte order mark is no part of a text.
        return file.read_bytes().decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise DataError(f"{encoding!r} is not a known encoding; expected one such as utf-8 or cp1252.") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file.relative_to(folder)} in {folder.name} is not valid {encoding} (byte {error.start:,}); set the "
            "encoding, such as cp1252, or convert the file."
        ) from error
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror}); check its permissions.") from error
