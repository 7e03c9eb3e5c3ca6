"""Keep a file under a name after it was profiled."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.data.library.copies import Progress, keep_copy
from trainer.data.library.entry import Entry, version_of
from trainer.data.library.library import Library
from trainer.data.profile import Profile
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["keep_dataset"]


def keep_dataset(
    name: str,
    path: Path,
    fields: Mapping[str, Any],
    about: Profile,
    *,
    home: Home,
    copy: bool = False,
    progress: Progress = lambda done, total: None,
) -> tuple[Entry, tuple[str, ...]]:
    """Keep a dataset under a name, again as a new version; return its entry and what changed since its last version.

    Args:
        name: the name.
        path: the file or folder that was profiled.
        fields: the fields of the dataset in a config; with `copy`, its path becomes that of the copy.
        about: the profile.
        home: the home.
        copy: whether to copy the file to home. A file that is in home's data folder already is its own copy.
        progress: called while the copy is written.

    Raises:
        DataError: If the name cannot be used, or the file has changed since it was profiled.
        ResourceError: If home cannot be written.
    """
    home.make()
    is_kept = path.parent.parent == home.data and len(path.parent.name) == 64
    kept = path if is_kept else keep_copy(path, home=home, progress=progress) if copy else None
    try:
        status = (kept or path).stat()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
    version = version_of(
        about,
        path=str(path.absolute()),
        added=time.time(),
        stamp=None if path.is_dir() else (status.st_size, status.st_mtime_ns),
        copy_path=str(kept) if kept else None,
    )
    library = Library(home)
    changed = library.keep(name, about.kind, {**fields, **({"path": str(kept)} if kept else {})}, version)
    return library.get(name), changed
