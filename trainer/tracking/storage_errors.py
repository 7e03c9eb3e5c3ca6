"""Translate the errors of artifact storage in S3 into sentences."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trainer.errors import StoreError, StoreUnreachableError

__all__ = ["storage_errors"]

_REFUSED = {
    "AccessDenied",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "403",
}
_NOT_NOW = {
    "InternalError",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "500",
    "502",
    "503",
    "504",
}
_WHERE = "the endpoint (AWS_ENDPOINT_URL or MLFLOW_S3_ENDPOINT_URL)"
_CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"


@contextmanager
def storage_errors(uri: str = "S3") -> Iterator[None]:
    """Translate the errors of botocore and boto3, whoever uses them.

    Args:
        uri: the storage, as the sentences name it.

    Raises:
        StoreUnreachableError: the storage does not respond, or asks to try again later.
        StoreError: it refuses, or the bucket does not exist.
    """
    try:
        yield
    # Looked up when an error occurs: neither package is imported, or even installed, where there is no S3.
    except _kinds() as error:
        raise _translated(uri, error) from error
    except ValueError as error:
        # botocore (1.44) has no class of its own for this one.
        if not str(error).startswith("Invalid endpoint: "):
            raise
        raise StoreError(f"{error}; set {_WHERE} to a URL such as https://host:9000.") from error


def _kinds() -> tuple[type[Exception], ...]:
    found: list[type[Exception]] = []
    if "botocore.exceptions" in sys.modules:
        found += [sys.modules["botocore.exceptions"].BotoCoreError, sys.modules["botocore.exceptions"].ClientError]
    if "boto3.exceptions" in sys.modules:
        found.append(sys.modules["boto3.exceptions"].Boto3Error)
    return tuple(found)


def _translated(uri: str, error: Exception) -> StoreError:
    from botocore import exceptions

    cause = error
    # boto3 (1.44) reports a failed transfer as an error of its own, raised while it handles the storage's.
    while not isinstance(cause, exceptions.BotoCoreError | exceptions.ClientError) and cause.__context__ is not None:
        cause = cause.__context__  # type: ignore[assignment]
    if isinstance(cause, exceptions.ClientError):
        return _of_answer(uri, cause.response)
    if isinstance(cause, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return StoreError(f"There are no credentials for {uri}; set {_CREDENTIALS}.")
    if isinstance(cause, exceptions.ParamValidationError):
        return StoreError(f"{uri} is not a valid address of artifacts; check the name of the bucket.")
    if isinstance(cause, exceptions.HTTPClientError | exceptions.ConnectionError):
        return StoreUnreachableError(f"{uri} does not respond; check {_WHERE} and try again.")
    words = " ".join(str(cause).split())
    return StoreError(f"Artifacts in {uri} cannot be used ({words}); check its address and settings.")


def _of_answer(uri: str, response: Any) -> StoreError:
    code = str(response.get("Error", {}).get("Code", "unknown"))
    status = str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    if code == "NoSuchBucket":
        bucket = response.get("Error", {}).get("BucketName", "")
        named = f"The bucket {bucket!r}" if bucket else f"The bucket of {uri}"
        return StoreError(f"{named} does not exist; create it, or set another artifact root.")
    if code in _REFUSED or status == "403":
        return StoreError(f"{uri} refused access ({code}); check {_CREDENTIALS} and its permissions.")
    if code in _NOT_NOW or status in _NOT_NOW:
        return StoreUnreachableError(f"{uri} cannot answer now ({code}); try again.")
    message = " ".join(str(response.get("Error", {}).get("Message", code)).split())
    return StoreError(f"Artifacts in {uri} cannot be used ({message}); check its address and permissions.")
