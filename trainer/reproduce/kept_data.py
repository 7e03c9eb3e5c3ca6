"""The version of a file that a run has read, if home keeps it and the file has changed since."""

from pathlib import Path
from typing import NamedTuple

from trainer.config import Config
from trainer.config.file_datasets import DividedFile
from trainer.config.series import Series
from trainer.data.profile.versions import digest_of_data, reads_other_files
from trainer.data.sources.file import find_file
from trainer.errors import DataError
from trainer.home import Home
from trainer.tracking.reader import RunReader
from trainer.tracking.run import Run

__all__ = ["KeptData", "kept_data"]


class KeptData(NamedTuple):
    """What a rerun finds instead of the file that the run has read: the kept version, None if there is none."""

    path: Path | None
    sentence: str


def kept_data(config: Config, run: Run, reader: RunReader, home: Home) -> KeptData | None:
    """Return where the version of the file that a run has read is; None if the file is as the run has read it."""
    dataset = config.dataset
    logged = reader.datasets([run.run_id]).get(run.run_id, ()) if isinstance(dataset, DividedFile | Series) else ()
    if not isinstance(dataset, DividedFile | Series) or not logged or not logged[0].digest.isalnum():
        return None
    digest, fields = logged[0].digest, dataset.model_dump(mode="json")
    path = find_file(dataset.path, home)
    if _is_unwritten(path, fields, run) or _has(path, fields, digest):
        return None
    what = f"{path.name} {'has changed since' if path.exists() else 'is gone, which'} run {run.short_id} read it"
    for kept in sorted(home.data.glob(f"{digest}*/*")):
        if _has(kept, fields, digest):
            return KeptData(kept, f"{what}; the rerun uses the version kept at {kept}.")
    return KeptData(None, f"{what}, and that version is not kept, so its numbers cannot be repeated.")


def _is_unwritten(path: Path, fields: dict[str, object], run: Run) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    latest = max(status.st_mtime, status.st_ctime) * 1000
    return not reads_other_files(path, fields) and latest < (run.started_at or 0)


def _has(path: Path, fields: dict[str, object], digest: str) -> bool:
    try:
        return path.exists() and digest_of_data(path, fields).startswith(digest)
    except (OSError, DataError):
        return False
