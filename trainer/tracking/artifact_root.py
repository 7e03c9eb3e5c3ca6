"""Where a home keeps the artifacts of its runs: a local folder, or storage that every machine of a team reaches."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from trainer.errors import StoreError
from trainer.home import Home
from trainer.tracking.address import masked

__all__ = ["VARIABLE", "artifact_root", "is_within", "refuse_other_location", "remark"]

VARIABLE = "FITBOARD_ARTIFACT_ROOT"
"""The environment variable with the artifact root of every process of an installation."""

_EXPECTED = "expected s3://bucket/folder, another URI that MLflow supports, or a folder"
_SERVERS = ("http://", "https://")
_WITHOUT_BUCKET = {"file", "dbfs", "mlflow-artifacts"}


def artifact_root(home: Home, given: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the URI of the artifact root without a slash at its end: the given one, the variable's, or home's folder.

    A folder becomes an absolute `file:` URI, since processes have different working directories.

    Raises:
        StoreError: it is no address, or lacks the name of its bucket.
    """
    chosen = (given or environment.get(VARIABLE) or "").strip()
    if not chosen:
        return home.artifacts.as_uri()
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", chosen):
        return Path(chosen).expanduser().absolute().as_uri()
    try:
        parts = urlsplit(chosen)
    except ValueError as error:
        raise StoreError(f"The artifact root {chosen!r} is not valid ({error}); {_EXPECTED}.") from None
    if not (parts.netloc or (parts.scheme in _WITHOUT_BUCKET and parts.path.startswith("/"))):
        raise StoreError(f"The artifact root {masked(chosen)!r} is not valid; {_EXPECTED}.")
    if parts.username or parts.password:
        raise StoreError(
            f"The artifact root {masked(chosen)!r} contains a login, which every run would record; set the "
            "credentials in the environment instead, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    return chosen.rstrip("/")


def remark(root: str, tracking_uri: str, *, given: bool) -> str | None:
    """Return a sentence if artifacts will not be where people expect them, else None.

    Args:
        root: the artifact root.
        tracking_uri: the store.
        given: whether a person chose the root.
    """
    if tracking_uri.startswith(_SERVERS):
        ignored = f"The MLflow server {masked(tracking_uri)} decides where artifacts are kept; the artifact root "
        return f"{ignored}{root} is not used." if given else None
    folder = _folder(root)
    if folder is None or tracking_uri.startswith("sqlite"):
        return None
    return (
        f"Artifacts of new experiments are kept in the folder {folder}, which other machines that use the store may "
        f"not reach; set --artifact-root or {VARIABLE} to shared storage, such as s3://bucket/folder."
    )


def is_within(location: str, root: str) -> bool:
    """Return whether a location of artifacts lies below a root."""
    there, above = _folder(location), _folder(root)
    if there is not None and above is not None:
        return there.is_relative_to(above)
    return location == root or location.startswith(root + "/")


def refuse_other_location(name: str, location: str, root: str, *, given: bool) -> None:
    """Refuse an experiment of a shared database whose artifacts this home cannot keep where they belong.

    Args:
        name: of the experiment.
        location: where its artifacts are kept; MLflow cannot change it.
        root: the artifact root of this home.
        given: whether a person chose the root.

    Raises:
        StoreError: the experiment's artifacts are kept elsewhere, or in a folder that this machine does not have.
    """
    if is_within(location, root):
        return
    if given:
        raise StoreError(
            f"The artifacts of the experiment {name!r} are kept in {masked(location)}, not below the artifact root "
            f"{masked(root)}; use another experiment, or set {VARIABLE} to where they are kept."
        )
    folder = _folder(location)
    if folder is not None and folder.is_absolute() and not folder.parent.is_dir():
        raise StoreError(
            f"The artifacts of the experiment {name!r} are kept in {folder}, which this machine does not have; make "
            f"the folder available here, or use another experiment with {VARIABLE} set to shared storage."
        )


def _folder(uri: str) -> Path | None:
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if parts.scheme else Path(uri)
