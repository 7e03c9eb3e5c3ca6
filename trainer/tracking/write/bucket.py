"""Create the bucket that artifacts are kept in."""

from urllib.parse import urlsplit

from trainer.tracking.read.s3 import check_access, open_client
from trainer.tracking.storage_errors import storage_errors

__all__ = ["create_bucket"]


def create_bucket(uri: str) -> bool:
    """Create the bucket of an S3 URI and return True, or False if it exists and can be used.

    Raises:
        StoreUnreachableError: the storage does not respond.
        StoreError: it refuses, or boto3 is not installed.
    """
    bucket, client = urlsplit(uri).netloc, open_client()
    with storage_errors(f"s3://{bucket}"):
        from botocore.exceptions import ClientError

        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 404:
                raise
            region = client.meta.region_name
            # S3 takes its first region for the default and refuses to have it named.
            where = {} if region in {None, "us-east-1", "aws-global"} else {"LocationConstraint": region}
            client.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
            return True
    check_access(uri)
    return False
