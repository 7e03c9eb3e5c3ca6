"""What is in a file or folder: kind, columns, distributions, and problems with their fixes. Pure: writes nothing."""

from trainer.data.profile.column import ColumnType
from trainer.data.profile.content import Content, content_of
from trainer.data.profile.dialect import Dialect, detect_dialect
from trainer.data.profile.findings import Finding, FindingKind
from trainer.data.profile.kinds import FileKind, kind_of
from trainer.data.profile.profile import Profile, profile
from trainer.data.profile.samples import Rows, first_files, sample_rows
from trainer.data.profile.summary import Bins, ColumnSummary, Quantiles, Share
from trainer.data.profile.words import inferred_role, told_values

__all__ = [
    "Bins",
    "ColumnSummary",
    "ColumnType",
    "Content",
    "Dialect",
    "FileKind",
    "Finding",
    "FindingKind",
    "Profile",
    "Quantiles",
    "Rows",
    "Share",
    "content_of",
    "detect_dialect",
    "first_files",
    "inferred_role",
    "kind_of",
    "profile",
    "sample_rows",
    "told_values",
]
