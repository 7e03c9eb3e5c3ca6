"""A folder as one zip file: packed here, and unpacked from a zip file that nobody vouches for."""

import io
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from trainer.data.library.copies import Draft, not_written, placed
from trainer.data.profile.content import content_of, files_in
from trainer.errors import DataError
from trainer.format import counted, readable_bytes
from trainer.home import Home

__all__ = ["pack_folder", "unpack_folder"]

_MOST_FILES = 200_000
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, LookupError)
_ENCRYPTED = 0x1
_PIECE = 2**20
# The earliest time of a zip file, so that the same folder gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def pack_folder(folder: Path, *, limit: int) -> bytes:
    """Return a zip file of a folder's files, in a folder of the same name; the same files give the same bytes.

    Args:
        folder: the folder; hidden files and links are left out.
        limit: the largest size of all files, in bytes.

    Raises:
        DataError: If they are larger, or a file cannot be read.
    """
    files, size, packed = files_in(folder), 0, io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            try:
                content = file.read_bytes()
            except OSError as error:
                raise DataError(f"{file} cannot be read ({error.strerror}); check its permissions.") from error
            size += len(content)
            if size > limit:
                raise DataError(
                    f"{counted(len(files), 'file')} in {folder} are more than {readable_bytes(limit)}, the limit of a "
                    "bundle."
                )
            try:
                name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
                archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
            except UnicodeEncodeError as error:
                raise DataError(f"The name of {file!r} is not UTF-8; rename the file.") from error
    return packed.getvalue()


def unpack_folder(content: bytes, *, home: Home, limit: int) -> Path:
    """Unpack a zip file of one folder into home's data folder, and return the folder.

    Nothing is written outside a new folder there, whatever the names in the zip file are.

    Raises:
        DataError: If it is damaged, has more than `limit` bytes or 200,000 files, or contains anything but regular
            files in one folder.
        ResourceError: If home cannot be written.
    """
    home.make()
    with Draft(home, Path("data")) as drafts:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                top = _unpacked(archive, drafts, limit)
        except DataError:  # which is a ValueError too
            raise
        except _BROKEN as error:
            raise DataError(f"The zip file of the data is damaged ({error}); export the bundle again.") from error
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise DataError("The zip file of the data contains a file twice; export the bundle again.") from error
        except OSError as error:
            raise not_written(home, error) from error
        draft = drafts / top
        return placed(draft, home.data / content_of(draft).digest / top, home)


def _unpacked(archive: zipfile.ZipFile, drafts: Path, limit: int) -> str:
    """Write all files below `drafts`, and return the name of the folder that they are in."""
    members = archive.infolist()
    if not 0 < len(members) <= _MOST_FILES:
        raise DataError(f"The zip file of the data has {counted(len(members), 'file')}; expected 1 to {_MOST_FILES:,}.")
    top = members[0].filename.partition("/")[0]
    for member in members:
        target = drafts / _checked(member, top)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as stream, target.open("xb") as written:
            while piece := stream.read(_PIECE):
                # The sizes in the zip file are claims of whoever made it.
                limit -= len(piece)
                if limit < 0:
                    raise DataError("The zip file of the data unpacks to more than a bundle may contain.")
                written.write(piece)
    return top


def _checked(member: zipfile.ZipInfo, top: str) -> PurePosixPath:
    """Return the path of a member if it is a regular file in the folder `top`."""
    name = member.filename
    parts = name.split("/")
    is_plain = all(part not in {"", ".", ".."} and not part.startswith(".") for part in parts)
    # Unix programs store a file's mode in the upper 16 bits; others leave them 0.
    kind = stat.S_IFMT(member.external_attr >> 16)
    if not is_plain or "\\" in name or ":" in name or len(parts) < 2 or parts[0] != top:
        raise DataError(f"The zip file of the data contains {name[:80]!r}; expected only files in one folder.")
    if kind not in {0, stat.S_IFREG} or member.flag_bits & _ENCRYPTED:
        raise DataError(f"{name[:80]!r} in the zip file of the data is a link, encrypted or not a regular file.")
    return PurePosixPath(name)
