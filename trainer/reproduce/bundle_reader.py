"""Open an untrusted bundle: every name, size and digest is checked before anything is used.

Nothing is extracted to a path that the bundle names, nothing is unpickled, no script is executed, and the `.keras`
file is not opened at all.
"""

import hashlib
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainer.config import FileDataset, load_config
from trainer.errors import ConfigError
from trainer.format import cut, one_line, readable_bytes
from trainer.reproduce.bundle import (
    CONFIG,
    ENVIRONMENT,
    FOLDER,
    HISTORY,
    LIMITS,
    MANIFEST,
    REQUIRED,
    Bundle,
    data_name,
    load_values,
)
from trainer.reproduce.record import RunRecord
from trainer.reproduce.verify import read_threads
from trainer.tracking.read.stored import as_mapping

__all__ = ["read_bundle"]

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    LookupError,
)
# Highest compression ratio of a genuine file; deflate's limit is 1,032.
_LARGEST_RATIO = 1_000

_PIECE = 2**20
_MOST_THREADS = 1_024
_ENCRYPTED = 0x1


def read_bundle(path: Path) -> Bundle:
    """Open and check a bundle.

    Raises:
        ConfigError: the file is not a bundle, is damaged, or contains what a bundle must not contain.
    """
    with _opened(path) as archive:
        members = _checked_members(path, archive)
        manifest = _json(path, _read(path, archive, members, MANIFEST), MANIFEST)
        digests = as_mapping(manifest.get("sha256"))
        for name, member in members.items():
            if name != MANIFEST and _digest(archive, member) != digests.get(name):
                raise ConfigError(
                    f"{name} in {path.name} does not match {MANIFEST}; the bundle was modified, so export it again."
                )
        config = load_config(_read(path, archive, members, CONFIG))
        environment = _json(path, _read(path, archive, members, ENVIRONMENT), ENVIRONMENT)
        values = load_values(_json(path, _read(path, archive, members, HISTORY), HISTORY))
        kept = (data_name(config.dataset) if isinstance(config.dataset, FileDataset) else None) or ""
        is_folder = kept not in members and FOLDER in members
        data = _read(path, archive, members, FOLDER if is_folder else kept) if is_folder or kept in members else None
    record = RunRecord(
        name=path.name,
        config_digest=config.digest,
        values=values,
        weights=_text(manifest.get("weights_sha256")),
        environment=environment,
    )
    return Bundle(
        run_id=_text(manifest.get("run_id")) or "",
        config=config,
        record=record,
        threads=_threads(path, manifest),
        data=data,
        is_folder=is_folder,
    )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the archive, and turn whatever zipfile raises in the block into a ConfigError."""
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            what = "is a folder or a device" if path.exists() else "does not exist"
            raise ConfigError(f"{path} {what}; expected a bundle written by `fitboard export --to bundle`.")
        with zipfile.ZipFile(path) as archive:
            yield archive
    except ConfigError:
        raise
    except _BROKEN as error:
        why = cut(one_line(str(error)), 100) or type(error).__name__
        raise ConfigError(
            f"{path.name} is not a bundle, or is damaged ({why}); expected one from `fitboard export --to bundle`."
        ) from error


def _checked_members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name: only known names, each once, regular files of an allowed size."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename
        if name not in LIMITS or name in found:
            what = " more than once" if name in found else ", which does not belong in a bundle"
            raise ConfigError(f"{path.name} contains {name[:80]!r}{what}; the bundle is refused.")
        # Unix programs store a file's mode in the upper 16 bits; others leave them 0.
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in {0, stat.S_IFREG} or member.flag_bits & _ENCRYPTED:
            raise ConfigError(
                f"{name} in {path.name} is a link, encrypted or not a regular file; the bundle is refused."
            )
        _check_size(path, member)
        found[name] = member
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise ConfigError(f"{path.name} is not a bundle; it has no {' and no '.join(missing)}.")
    return found


def _check_size(path: Path, member: zipfile.ZipInfo) -> None:
    limit = LIMITS[member.filename]
    if member.file_size > limit:
        raise ConfigError(
            f"{member.filename} in {path.name} would need {readable_bytes(member.file_size)}; expected at most "
            f"{readable_bytes(limit)}. The bundle is refused."
        )
    # Up to 1 MB any ratio is harmless; files of zeros alone compress this well.
    if member.file_size > _LARGEST_RATIO * max(member.compress_size, _LARGEST_RATIO):
        raise ConfigError(f"{member.filename} in {path.name} is compressed like a zip bomb; the bundle is refused.")


def _read(path: Path, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    limit = LIMITS[name]
    with archive.open(members[name]) as stream:
        content = stream.read(limit + 1)
    # The declared size is a claim of the bundle: reading one byte beyond the limit reveals a false one.
    if len(content) > limit or len(content) != members[name].file_size:
        raise ConfigError(f"{name} in {path.name} does not have its declared size; the bundle is refused.")
    return content


def _digest(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    found = hashlib.sha256()
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _json(path: Path, content: bytes, name: str) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name} in {path.name} is not valid JSON; export the bundle again.") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{name} in {path.name} is not a JSON object; export the bundle again.")
    return document


def _threads(path: Path, manifest: Mapping[str, Any]) -> dict[str, int] | None:
    threads = read_threads(json.dumps(manifest.get("threads")))
    if threads is not None and max(threads.values()) > _MOST_THREADS:
        raise ConfigError(
            f"{path.name} requests {max(threads.values()):,} threads; expected at most {_MOST_THREADS:,}. "
            "The bundle is refused."
        )
    return threads


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) else None
