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

__all__ = ["LARGEST_UPLOAD", "keep_upload"]

LARGEST_UPLOAD = 200_000_000
"""In bytes; equal to Streamlit's default `server.maxUploadSize`."""


_LONGEST_STEM = 60


def keep_upload(content: bytes, *, home: Home, name: str | None = None, limit: int = LARGEST_UPLOAD) -> Path:
    """Store an .npz file in home's data folder as `<sha256>/<name>`, or `<sha256>.npz` if it has no name.

    The same content is stored once per name. Only the last part of the name is used, without characters that are
    special in paths.

    Raises:
        DataError: If it is larger than `limit` bytes, or not an .npz file to train on.
        ResourceError: If it cannot be written.
    """
    if len(content) > limit:
        raise DataError(
            f"The file is {readable_bytes(len(content))}; uploads can be at most {readable_bytes(limit)}. "
            "Enter its path on the machine that runs Fitboard instead."
        )
    read_npz(io.BytesIO(content), name="The file")
    digest = hashlib.sha256(content).hexdigest()
    kept_name = _kept_name(name or "")
    path = home.data / digest / kept_name if kept_name else home.data / f"{digest}.npz"
    return path if path.exists() else write_whole(path, lambda stream: stream.write(content))


def _kept_name(name: str) -> str:
    """Return the file's name, safe on every file system; empty if nothing is left of it."""
    stem = re.split(r"[/\\]", name)[-1].removesuffix(".npz")
    kept = re.sub(r"[^\w .()+-]+", "_", stem, flags=re.UNICODE).strip(" ._")[:_LONGEST_STEM]
    return f"{kept}.npz" if kept else ""
