"""The digest by which versions of a dataset's data are told apart: that of all files that it reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from trainer.config.datasets import AnyDataset
from trainer.config.file_datasets import Images
from trainer.data.profile.content import content_of
from trainer.data.sources.images import images_digest
from trainer.data.sources.readers import is_pictures

__all__ = ["digest_of_data", "reads_other_files"]


def digest_of_data(path: Path, fields: Mapping[str, Any]) -> str:
    """Return the digest of a dataset's data, as its runs record it.

    Args:
        path: the file or folder.
        fields: those of the dataset in a config.

    Raises:
        DataError: If a file cannot be read.
    """
    dataset = _images(fields)
    return content_of(path).digest if dataset is None else images_digest(dataset, path)


def reads_other_files(path: Path, fields: Mapping[str, Any]) -> bool:
    """Return whether the data may change without the file or folder at `path` being written."""
    return path.is_dir() or (_images(fields) is not None and not is_pictures(path))


def _images(fields: Mapping[str, Any]) -> Images | None:
    if fields.get("name") != "images":
        return None
    try:
        dataset: Any = TypeAdapter(AnyDataset).validate_python(dict(fields))
    except ValidationError:  # reported where the dataset is used
        return None
    return dataset if isinstance(dataset, Images) else None
