"""Read artifacts in S3 by boto3: MLflow's import takes seconds and 200 MB, which a page does without."""

import os
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from trainer.errors import StoreError
from trainer.tracking.storage_errors import storage_errors

__all__ = ["check_access", "is_s3", "list_objects", "open_client", "read_object"]

_MISSING = {"NoSuchKey", "404"}
# A page waits for the answer, so it rather reports an endpoint that does not respond.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 3, 20, 2


def is_s3(uri: str) -> bool:
    """Return whether artifacts are in S3 or a compatible storage."""
    return uri.startswith("s3://")


def read_object(uri: str, path: str) -> bytes | None:
    """Return the object at `path` below a URI, or None if it does not exist.

    Raises:
        StoreUnreachableError: the storage does not respond.
        StoreError: it refuses, or boto3 is not installed.
    """
    bucket, prefix = _place(uri)
    client = open_client()
    with storage_errors(f"s3://{bucket}"):
        from botocore.exceptions import ClientError

        try:
            answer = client.get_object(Bucket=bucket, Key=_key(prefix, path))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                return None
            raise
        content: bytes = answer["Body"].read()
        return content


def list_objects(uri: str, folder: str = "") -> tuple[str, ...]:
    """Return the sorted paths of files and folders in a folder below a URI; raises as `read_object`."""
    bucket, prefix = _place(uri)
    above = f"{_key(prefix, folder)}/" if folder else f"{prefix}/"
    client = open_client()
    found: set[str] = set()
    with storage_errors(f"s3://{bucket}"):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=above, Delimiter="/")
        for page in pages:
            found |= {each["Prefix"].rstrip("/") for each in page.get("CommonPrefixes", ())}
            # Some programs create an empty object in place of a folder.
            found |= {each["Key"] for each in page.get("Contents", ()) if each["Key"] != above}
    return tuple(sorted(str(PurePosixPath(folder, key.removeprefix(above))) for key in found))


def check_access(uri: str) -> None:
    """List one object below a URI, to see whether its storage can be used; raises as `read_object`."""
    bucket, prefix = _place(uri)
    client = open_client()
    with storage_errors(f"s3://{bucket}"):
        client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)


def _place(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    if not parts.netloc:
        raise StoreError(f"The artifact URI {uri!r} has no bucket; expected s3://bucket/folder.")
    return parts.netloc, parts.path.strip("/")


def _key(prefix: str, path: str) -> str:
    return f"{prefix}/{path}" if prefix else path


def open_client() -> Any:
    """Return a client of the endpoint that MLflow uses; raises StoreError if boto3 is not installed."""
    endpoint = os.environ.get("MLFLOW_S3_ENDPOINT_URL") or None
    checks = os.environ.get("MLFLOW_S3_IGNORE_TLS", "").lower() not in {"true", "1"}
    return _opened(endpoint, checks, os.environ.get("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "auto"))


@lru_cache(maxsize=4)
def _opened(endpoint: str | None, checks: bool, style: str) -> Any:
    """Return a client, which threads may share; the settings are those that MLflow itself reads."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise StoreError("Artifacts in S3 require boto3; install fitboard[s3].") from error
    settings = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        s3={"addressing_style": style},
    )
    with storage_errors():
        return boto3.Session().client("s3", endpoint_url=endpoint, verify=None if checks else False, config=settings)
