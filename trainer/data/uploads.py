"""Check uploaded files and store each once under its digest."""

import hashlib
import io
import re
from pathlib import Path

from trainer.data.files import write_whole
from trainer.data.npz import read_npz
from trainer.errors import DataError
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = [
    "LARGEST_UPLOAD",
    "TABLE_ENDINGS",
    "keep_file",
    "keep_model",
    "keep_pictures",
    "keep_table",
    "keep_upload",
]

LARGEST_UPLOAD = 200_000_000
"""In bytes; equal to Streamlit's default `server.maxUploadSize`."""

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx")
"""The endings of the names of files with a table."""

_LONGEST_STEM = 60


def keep_upload(content: bytes, *, home: Home, name: str | None = None, limit: int = LARGEST_UPLOAD) -> Path:
    """Store an .npz file in home's data folder as `<sha256>/<name>`, or `<sha256>.npz` if it has no name.

    The same content is stored once per name. Only the last part of the name is used, without characters that are
    special in paths.

    Raises:
        DataError: If it is larger than `limit` bytes, or not an .npz file to train on.
        ResourceError: If it cannot be written.
    """
    _check_size(content, limit)
    read_npz(io.BytesIO(content), name="The file")
    kept_name = _kept_name(name or "", ".npz")
    path = home.data / f"{hashlib.sha256(content).hexdigest()}.npz"
    return _kept(content, home.data / path.stem / kept_name if kept_name else path)


def keep_table(content: bytes, *, home: Home, name: str, limit: int = LARGEST_UPLOAD) -> Path:
    """Store a table in home's data folder as `<sha256>/<name>`; its content is checked when it is described.

    Raises:
        DataError: If it is larger than `limit` bytes, or its name has no ending of a table.
        ResourceError: If it cannot be written.
    """
    if not name.lower().endswith(TABLE_ENDINGS):
        endings = ", ".join(TABLE_ENDINGS)
        raise DataError(f"{name[:_LONGEST_STEM]!r} is not a table; expected a file that ends with one of {endings}.")
    return keep_file(content, home=home, name=name, limit=limit)


def keep_file(content: bytes, *, home: Home, name: str, limit: int = LARGEST_UPLOAD) -> Path:
    """Store any file in home's data folder as `<sha256>/<name>`; its content is checked when it is described.

    Raises:
        DataError: If it is larger than `limit` bytes.
        ResourceError: If it cannot be written.
    """
    _check_size(content, limit)
    ending = Path(name).suffix.lower()
    kept_name = _kept_name(name, ending) or f"file{ending}"
    return _kept(content, home.data / hashlib.sha256(content).hexdigest() / kept_name)


def keep_pictures(content: bytes, *, home: Home, name: str, limit: int = LARGEST_UPLOAD) -> Path:
    """Store a zip file of pictures in home's data folder as `<sha256>/<name>`; it is checked when it is described.

    Raises:
        DataError: If it is larger than `limit` bytes, or its name does not end with .zip.
        ResourceError: If it cannot be written.
    """
    if not name.lower().endswith(".zip"):
        raise DataError(f"{name[:_LONGEST_STEM]!r} is not a zip file; expected one with a folder for each class.")
    return keep_file(content, home=home, name=name, limit=limit)


def keep_model(content: bytes, *, home: Home, name: str, limit: int = LARGEST_UPLOAD) -> Path:
    """Store a `.keras` file in home's data folder as `<sha256>/<name>`.

    Raises:
        DataError: If it is larger than `limit` bytes.
        ResourceError: If it cannot be written.
    """
    _check_size(content, limit)
    return _kept(
        content, home.data / hashlib.sha256(content).hexdigest() / (_kept_name(name, ".keras") or "model.keras")
    )


def _check_size(content: bytes, limit: int) -> None:
    if len(content) > limit:
        raise DataError(
            f"The file is {readable_bytes(len(content))}; uploads can be at most {readable_bytes(limit)}. "
            "Enter its path on the machine that runs Fitboard instead."
        )


def _kept(content: bytes, path: Path) -> Path:
    return path if path.exists() else write_whole(path, lambda stream: stream.write(content))


def _kept_name(name: str, ending: str) -> str:
    """Return the file's name, safe on every file system; empty if nothing is left of it."""
    stem = re.split(r"[/\\]", name)[-1]
    stem = stem[: -len(ending)] if stem.lower().endswith(ending) else stem
    kept = re.sub(r"[^\w .()+-]+", "_", stem, flags=re.UNICODE).strip(" ._")[:_LONGEST_STEM]
    return f"{kept}{ending}" if kept else ""
