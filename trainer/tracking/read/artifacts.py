"""Read the artifacts of runs: directly if they are on this machine or in S3, else through MLflow's client."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from trainer.errors import StoreError
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.read.s3 import is_s3, list_objects, read_object

__all__ = ["list_artifacts", "local_folder", "read_artifact"]


def read_artifact(artifact_uri: str, path: str, *, tracking_uri: str) -> bytes | None:
    """Return the artifact at `path`, or None if it does not exist.

    Raises:
        StoreError: `path` leads out of the run's own folder, or the address is none.
    """
    if is_s3(artifact_uri):
        return read_object(artifact_uri, _inside(path))
    root = local_folder(artifact_uri)
    if root is None:
        return _fetched(artifact_uri, _inside(path), tracking_uri)
    with _file_errors(f"The file {path!r} of the run"):
        file = _contained(root, path)
        return file.read_bytes() if file.is_file() else None


def list_artifacts(artifact_uri: str, folder: str = "", *, tracking_uri: str) -> tuple[str, ...]:
    """Return the sorted paths in a folder of a run's artifacts."""
    if is_s3(artifact_uri):
        return list_objects(artifact_uri, _inside(folder) if folder else "")
    root = local_folder(artifact_uri)
    if root is None:
        return _listed(artifact_uri, _inside(folder) if folder else "", tracking_uri)
    with _file_errors("The run's artifact folder"):
        found = _contained(root, folder) if folder else root
        if not found.is_dir():
            return ()
        return tuple(sorted(str(PurePosixPath(folder, entry.name)) for entry in found.iterdir()))


def local_folder(artifact_uri: str) -> Path | None:
    """Return the local folder of an artifact URI, or None if it is elsewhere.

    Raises:
        StoreError: it is no address.
    """
    try:
        parts = urlsplit(artifact_uri)
    except ValueError as error:
        raise StoreError(f"The run's artifact URI {artifact_uri!r} cannot be read ({error}).") from error
    if "\0" in unquote(artifact_uri):
        raise StoreError(
            f"The run's artifact URI {artifact_uri!r} contains a NUL character, which is not valid in a path."
        )
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(artifact_uri) if artifact_uri and "://" not in artifact_uri and not parts.scheme else None


def _inside(path: str) -> str:
    """Return `path` if it is relative and does not lead upwards."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith(("/", "~")) or ".." in parts or "\\" in path or "\0" in path:
        raise StoreError(f"{path!r} is not a path within a run's artifacts.")
    return path


@contextmanager
def _file_errors(what: str) -> Iterator[None]:
    """Translate errors of the file system; pathlib raises RuntimeError for circular links."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise StoreError(f"{what} cannot be read ({getattr(error, 'strerror', None) or error}).") from error


def _contained(root: Path, path: str) -> Path:
    """Resolve every link and check that the file lies in `root`."""
    # `..` is refused before, but a symbolic link within the folder may still lead out of it.
    file = (root / _inside(path)).resolve()
    if not file.is_relative_to(root.resolve()):
        raise StoreError(f"{path!r} points outside the run's artifacts.")
    return file


def _fetched(artifact_uri: str, path: str, tracking_uri: str) -> bytes | None:
    with mlflow_errors(tracking_uri), tempfile.TemporaryDirectory() as folder:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        repository = get_artifact_repository(artifact_uri, tracking_uri=tracking_uri)
        parent = str(PurePosixPath(path).parent)
        # Each kind of repository reports a missing file by an error of its own, so it is looked up first.
        if path not in {entry.path for entry in repository.list_artifacts("" if parent == "." else parent)}:
            return None
        return Path(repository.download_artifacts(path, dst_path=folder)).read_bytes()


def _listed(artifact_uri: str, folder: str, tracking_uri: str) -> tuple[str, ...]:
    with mlflow_errors(tracking_uri):
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        repository = get_artifact_repository(artifact_uri, tracking_uri=tracking_uri)
        return tuple(sorted(entry.path for entry in repository.list_artifacts(folder or None)))
