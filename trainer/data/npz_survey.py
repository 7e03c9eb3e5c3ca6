"""Survey the samples of an .npz file: the range of the values, and whether all are finite."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.data.npz_file import QUICK, Header, NpzFile
from trainer.data.npz_layout import checked_layout
from trainer.data.source import AnyArray
from trainer.data.sources.file import FileState, state_to_keep

__all__ = ["Survey", "complaint_on", "complaint_on_pieces", "in_pieces", "survey"]

_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
_CHUNK = 2**20
# Bytes that are surveyed in about a second; the rest is checked when training starts.
_LOOKED_THROUGH = 500_000_000


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The smallest and the largest surveyed value, and what is wrong with the values, if anything."""

    low: float
    high: float
    complaint: str | None = None


def survey(path: Path, *, whole: bool = False) -> Survey:
    """Survey all arrays of samples, once for each state of the file.

    This reads the first 500 MB of each array of floats, less of other types, which are always finite, and everything
    if `whole`.

    Raises:
        DataError: If the file cannot be read or its arrays are inconsistent.
    """
    return _survey(path.absolute(), state_to_keep(path), whole)


# The state is part of the key, so that a changed file is surveyed again.
@functools.lru_cache(maxsize=100)
def _survey(path: Path, state: FileState, whole: bool) -> Survey:
    with NpzFile(path, name=path.name) as file:
        lows, highs = [], []
        for key in checked_layout(file).samples:
            header = file.header(key)
            looked_at = header.bytes if whole else _LOOKED_THROUGH if header.dtype.kind == "f" else QUICK
            found = _looked_at(file.parts(key, size=looked_at), header)
            if found.complaint:
                return Survey(low=np.nan, high=np.nan, complaint=f"{key} in {file.name} {found.complaint}")
            lows.append(found.low)
            highs.append(found.high)
    return Survey(low=min(lows), high=max(highs))


def complaint_on(x: AnyArray, header: Header) -> str | None:
    """Return what is wrong with samples in memory, or None."""
    return _looked_at(in_pieces(x), header).complaint if header.dtype.kind == "f" else None


def complaint_on_pieces(pieces: Iterable[AnyArray], header: Header) -> str | None:
    """Return what is wrong with samples that come in pieces of rows, or None."""
    return _looked_at(pieces, header).complaint if header.dtype.kind == "f" else None


def in_pieces(x: AnyArray) -> Iterator[AnyArray]:
    """Yield the values in storage order, a chunk at a time."""
    flat = x.ravel(order="K")
    return (flat[first : first + _CHUNK] for first in range(0, len(flat), _CHUNK))


def _looked_at(pieces: Iterable[AnyArray], header: Header) -> Survey:
    """Survey samples given in flat pieces, in storage order."""
    first, low, high, bad = 0, np.longdouble(np.inf), np.longdouble(-np.inf), []
    for piece in pieces:
        least, most = np.longdouble(piece.min()), np.longdouble(piece.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            places = first + np.flatnonzero(~np.isfinite(piece))
            bad.append(np.unravel_index(places, header.shape, "F" if header.fortran else "C")[0].min())
            # In Fortran order, a later piece may contain an earlier sample.
            if not header.fortran:
                break
        low, high = min(low, least), max(high, most)
        first += piece.size
    return Survey(low=float(low), high=float(high), complaint=_complaint(bad, max(abs(low), abs(high))))


def _complaint(bad: list[np.intp], largest: np.longdouble) -> str | None:
    if bad:
        return f"contains NaN or infinity, first in sample {min(bad)}; remove or replace these samples."
    too_large = largest > _LARGEST_FLOAT32
    return "contains values beyond 3.4e38, the largest float32; scale them down." if too_large else None
