"""What a file or folder is, by its first bytes, the members of an archive, and its name."""

import zipfile
from enum import StrEnum
from pathlib import Path

from trainer.data.profile.content import files_in
from trainer.data.sources.pictures.archive import IMAGE_SUFFIXES, refuse_crowd
from trainer.errors import DataError

__all__ = ["TEXT_SUFFIXES", "FileKind", "kind_of"]

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md"})
"""Endings of the names of texts in a folder."""

_TABLES = frozenset({".csv", ".tsv", ".tab", ".txt", ".data", ".dat"})


class FileKind(StrEnum):
    """The kind of a file or folder, named as the dataset that reads it."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    NPZ = "npz"
    IMAGES = "images"
    TEXT = "text"


def kind_of(path: Path) -> FileKind:
    """Return the kind of a file or folder.

    Raises:
        DataError: If it does not exist, cannot be read, or is of no kind that can be profiled.
    """
    try:
        if path.is_dir():
            return _kind_of_folder(path)
        if not path.exists():
            raise DataError(f"File {path} not found; check the path.")
        if not path.is_file():  # opening a pipe would block
            raise DataError(f"{path} is neither a file nor a folder; expected one of them.")
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from error
    except ValueError as error:  # a NUL byte in the name
        raise DataError(f"{str(path)!r} is not a valid path ({error}); give another.") from error
    return _kind_of_file(path, start)


def _kind_of_file(path: Path, start: bytes) -> FileKind:
    if not start:
        raise DataError(f"{path.name} is empty; expected a table with a header line, or arrays.")
    if start.startswith(b"PAR1") or path.suffix.lower() in {".parquet", ".pq"}:
        return FileKind.PARQUET
    if start.startswith(b"PK") or path.suffix.lower() in {".npz", ".xlsx"}:
        return _kind_of_archive(path)
    if start.startswith(b"\x93NUMPY"):
        raise DataError(
            f"{path.name} is a single array (.npy); choose the folder that contains x.npy and y.npy, or save both with "
            "numpy.savez in an .npz file."
        )
    if start.startswith(b"\xd0\xcf\x11\xe0") or path.suffix.lower() == ".xls":
        raise DataError(f"{path.name} is a workbook of an old version of Excel; save it as .xlsx or CSV.")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise DataError(f"{path.name} is a single image; expected a folder with a subfolder of images for each class.")
    if path.suffix.lower() in _TABLES or b"\0" not in start or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileKind.CSV
    raise DataError(
        f"{path.name} is of an unknown kind; expected a CSV, Parquet, .xlsx or .npz file, or a folder of images "
        "or texts."
    )


def _kind_of_archive(path: Path) -> FileKind:
    try:
        refuse_crowd(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DataError:  # which is a ValueError too
        raise
    # What zipfile raises for archives that are damaged or malicious.
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, LookupError, EOFError) as error:
        if path.suffix.lower() == ".npz":
            # The reader of arrays says in more detail what is wrong.
            return FileKind.NPZ
        raise DataError(f"{path.name} is not a complete archive ({error}); copy or save it again.") from error
    if any(name.startswith("xl/") for name in names):
        return FileKind.XLSX
    if path.suffix.lower() == ".npz" or any(name.endswith(".npy") for name in names):
        return FileKind.NPZ
    if any(Path(name).suffix.lower() in IMAGE_SUFFIXES for name in names):
        return FileKind.IMAGES
    raise DataError(
        f"{path.name} is an archive without pictures or arrays; unpack it, and choose the file or folder in it."
    )


def _kind_of_folder(path: Path) -> FileKind:
    if any((path / f"{name}.npy").is_file() for name in ("x", "x_train")):
        return FileKind.NPZ
    suffixes = [file.suffix.lower() for file in files_in(path)]
    images = sum(suffix in IMAGE_SUFFIXES for suffix in suffixes)
    texts = sum(suffix in TEXT_SUFFIXES for suffix in suffixes)
    if not images and not texts:
        raise DataError(
            f"{path} contains neither images nor texts; expected a subfolder of images or .txt files for each class, "
            "or x.npy and y.npy."
        )
    return FileKind.IMAGES if images >= texts else FileKind.TEXT
