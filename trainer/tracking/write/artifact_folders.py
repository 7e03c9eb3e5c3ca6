"""The folders of artifacts that belong to one run or one logged model: their size, and their removal."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from trainer.errors import StoreError
from trainer.format import cut
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.read.artifacts import local_folder

__all__ = ["ArtifactFolder", "Size", "folder_size", "refuse_shared", "remove_folder", "size_of_tree"]

_LONGEST_SHOWN = 200


class ArtifactFolder(NamedTuple):
    """A folder of artifacts, and the id of the run or logged model that it belongs to."""

    owner: str
    uri: str


class Size(NamedTuple):
    """How many files there are, and their size in bytes."""

    files: int = 0
    size: int = 0

    def plus(self, other: "Size") -> "Size":
        """Return the sum of both."""
        return Size(self.files + other.files, self.size + other.size)


def folder_size(folder: ArtifactFolder, tracking_uri: str) -> Size:
    """Return the size of an artifact folder; 0 if it does not exist.

    Raises:
        StoreError: the folder is not its owner's alone, or cannot be read.
    """
    refuse_shared(folder)
    local = local_folder(folder.uri)
    if local is not None:
        return size_of_tree(local)
    with mlflow_errors(tracking_uri):
        sizes = [size or 0 for size in _remote_sizes(_repository(folder, tracking_uri), "")]
    return Size(len(sizes), sum(sizes))


def size_of_tree(folder: Path) -> Size:
    """Return the size of what is in a folder, without following links; 0 if it does not exist."""
    sizes = []
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                sizes.append(os.lstat(Path(parent, name)).st_size)
    return Size(len(sizes), sum(sizes))


def remove_folder(folder: ArtifactFolder, tracking_uri: str) -> None:
    """Remove an artifact folder with everything in it; nothing happens if it does not exist.

    Raises:
        StoreError: the folder is not its owner's alone, or cannot be removed.
    """
    refuse_shared(folder)
    local = local_folder(folder.uri)
    if local is None:
        with mlflow_errors(tracking_uri):
            repository = _repository(folder, tracking_uri)
            # Repositories answer differently when asked to delete what does not exist.
            if repository.list_artifacts():
                repository.delete_artifacts()
            # MLflow's base class (3.17) deletes nothing and says nothing, for kinds of storage that cannot delete.
            if repository.list_artifacts():
                raise StoreError(f"MLflow cannot delete files in {_shown(folder.uri)}; delete them there.")
        return
    try:
        if local.exists():
            shutil.rmtree(local)
    except OSError as error:
        raise StoreError(
            f"The folder {_shown(str(local))} cannot be removed ({error.strerror or error}); check its permissions."
        ) from error
    # The folder named after the run or the model holds only this one, unless a person put something there.
    with contextlib.suppress(OSError):
        local.parent.rmdir()


def refuse_shared(folder: ArtifactFolder) -> None:
    """Refuse what MLflow did not name after the owner, since other programs may store any URI in a run.

    Raises:
        StoreError: the folder's path does not end in the owner's id and `artifacts`.
    """
    path = unquote(urlsplit(folder.uri).path)
    local = local_folder(folder.uri)
    is_whole = local is None or local.is_absolute()
    if not (folder.owner.replace("-", "").isalnum() and path.endswith(f"/{folder.owner}/artifacts") and is_whole):
        raise StoreError(
            f"The artifact folder {_shown(folder.uri)} does not end in {folder.owner}/artifacts, so it may "
            "contain files of other runs or programs; delete the files of this run yourself."
        )


def _repository(folder: ArtifactFolder, tracking_uri: str) -> Any:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(folder.uri, tracking_uri=tracking_uri)


def _remote_sizes(repository: Any, path: str) -> Iterator[int | None]:
    for entry in repository.list_artifacts(path or None):
        if entry.is_dir:
            yield from _remote_sizes(repository, entry.path)
        else:
            yield entry.file_size


def _shown(text: str) -> str:
    return cut(text, _LONGEST_SHOWN)
