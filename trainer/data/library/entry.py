"""A dataset kept under a name: the fields of its config, and the versions of its file."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from trainer.data.profile import ColumnSummary, FileKind, Profile

__all__ = ["Entry", "Version", "version_of"]

# Summaries of more columns would make the file of an entry slow to read.
_MOST_COLUMNS = 1_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Version(_Frozen):
    """One state of a file or folder.

    `digest` is the SHA-256 of its content. `stamp` are its size in bytes and its time of change in nanoseconds when it
    was read at `path`, so that an unchanged file needs no second digest; None for a folder. `added` is in seconds since
    1970. `copy` is the path of the copy in home, if there is one.
    """

    digest: str
    path: str
    size: int
    files: int
    rows: int
    columns: tuple[ColumnSummary, ...]
    columns_in_all: int
    added: float
    stamp: tuple[int, int] | None = None
    copy_path: str | None = None


class Entry(_Frozen):
    """A named dataset. `dataset` are the fields of the dataset in a config; `versions` has the newest last."""

    name: str
    kind: FileKind
    dataset: Mapping[str, Any]
    versions: tuple[Version, ...]

    @property
    def newest(self) -> Version:
        """The version that was added last."""
        return self.versions[-1]

    def version(self, digest: str) -> Version | None:
        """Return the newest version of this content, or None."""
        return next((each for each in reversed(self.versions) if each.digest == digest), None)


def version_of(
    profile: Profile, *, path: str, added: float, stamp: tuple[int, int] | None, copy_path: str | None = None
) -> Version:
    """Return the version that a profile describes."""
    return Version(
        digest=profile.digest,
        path=path,
        size=profile.size,
        files=profile.files,
        rows=profile.rows,
        columns=profile.columns[:_MOST_COLUMNS],
        columns_in_all=len(profile.columns),
        added=added,
        stamp=stamp,
        copy_path=copy_path,
    )
