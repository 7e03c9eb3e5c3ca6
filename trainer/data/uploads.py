"""Files that people upload: checked, then kept once under their digest."""

import hashlib
import io
from pathlib import Path

from trainer.data.files import write_whole
from trainer.data.npz import read_npz
from trainer.data.npz_file import readable_bytes
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["LARGEST_UPLOAD", "keep_upload"]

LARGEST_UPLOAD = 200_000_000
"""In bytes; Streamlit's own limit is the same."""


def keep_upload(content: bytes, *, home: Home, limit: int = LARGEST_UPLOAD) -> Path:
    """Keeps an npz file as `<sha256>.npz` in home's data folder; the same content is kept once.

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
    path = home.data / f"{hashlib.sha256(content).hexdigest()}.npz"
    return path if path.exists() else write_whole(path, lambda stream: stream.write(content))
