"""What is in a file or folder: kind, columns, distributions, and problems with their fixes. Pure: writes nothing."""

from trainer.data.profile.column import ColumnType
from trainer.data.profile.content import Content, content_of
from trainer.data.profile.dialect import Dialect, detect_dialect
from trainer.data.profile.findings import Finding, FindingKind
from trainer.data.profile.kinds import FileKind, kind_of
from trainer.data.profile.profile import Profile, profile
from trainer.data.profile.summary import Bins, ColumnSummary, Quantiles, Share

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
    "Share",
    "content_of",
    "detect_dialect",
    "kind_of",
    "profile",
]
