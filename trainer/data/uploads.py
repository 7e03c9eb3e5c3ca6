"""Files that people upload: checked, then kept once under their digest."""

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
"""In bytes; Streamlit's own limit is the same."""


_LONGEST_STEM = 60


def keep_upload(content: bytes, *, home: Home, name: str | None = None, limit: int = LARGEST_UPLOAD) -> Path:
    """Keeps an npz file in home's data folder as `<sha256>/<name>`, or `<sha256>.npz` where it has no name.

    The same content is kept once under the same name. Of the name only the last part is used, without characters that
    are special in paths.

    Raises:
        DataError: it is larger than `limit` bytes, or no npz file that could be trained on.
        ResourceError: it cannot be written.
    """
    if len(content) > limit:
        raise DataError(
            f"The file has {readable_bytes(len(content))}, and at most {readable_bytes(limit)} can be uploaded; "
            "give its path on this machine instead."
        )
    read_npz(io.BytesIO(content), name="The file")
    digest = hashlib.sha256(content).hexdigest()
    kept_name = _kept_name(name or "")
    path = home.data / digest / kept_name if kept_name else home.data / f"{digest}.npz"
    return path if path.exists() else write_whole(path, lambda stream: stream.write(content))


def _kept_name(name: str) -> str:
    """A person's name for the file, safe on every file system; empty where nothing is left of it."""
    stem = re.split(r"[/\\]", name)[-1].removesuffix(".npz")
    kept = re.sub(r"[^\w .()+-]+", "_", stem, flags=re.UNICODE).strip(" ._")[:_LONGEST_STEM]
    return f"{kept}.npz" if kept else ""
