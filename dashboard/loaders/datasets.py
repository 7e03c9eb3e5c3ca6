"""Cached schemas and previews of datasets, keyed by the fields of their config."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dashboard.loaders.context import context
from trainer import data
from trainer.config import DATASETS, DatasetConfig
from trainer.data import Schema
from trainer.errors import ConfigError
from trainer.home import Home

__all__ = ["changed_at", "dataset_of", "is_available", "preview", "schema"]


class _NotYetError(Exception):
    """Raised inside a cached function: Streamlit caches return values, not exceptions."""


def dataset_of(fields: Mapping[str, Any]) -> DatasetConfig | None:
    """Return the dataset config of plain fields, or None if they are invalid."""
    cls = DATASETS.members.get(str(fields.get(DATASETS.key)))
    try:
        found = cls.model_validate(dict(fields)) if cls else None
    except ValidationError:
        return None
    return found if isinstance(found, DatasetConfig) else None


@st.cache_data(show_spinner=False, max_entries=200)
def _schema(canonical: str, path: str, changed: float) -> Schema:
    # `changed` is only part of the cache key, so that a changed file is read again.
    return data.describe(_dataset(canonical), home=Home.resolve(path))


def schema(dataset: DatasetConfig) -> Schema:
    """Return the sizes and shapes of a dataset. Raises `DataError` if its file cannot be used."""
    return _schema(dataset.model_dump_json(), str(context().home.path), changed_at(dataset))


@st.cache_data(show_spinner="Reading the samples…", max_entries=50)
def _preview(canonical: str, path: str, changed: float, count: int) -> data.Preview | None:
    found = data.preview(_dataset(canonical), home=Home.resolve(path), count=count)
    if found is None:
        raise _NotYetError
    return found


def preview(dataset: DatasetConfig, *, count: int) -> data.Preview | None:
    """Return a few samples as they are stored, or None if the dataset has to be downloaded first."""
    try:
        return _preview(dataset.model_dump_json(), str(context().home.path), changed_at(dataset), count)
    except _NotYetError:
        return None


def is_available(dataset: DatasetConfig) -> bool:
    """Return whether the dataset can be read without a download."""
    return data.is_available(dataset, home=context().home)


def _dataset(canonical: str) -> DatasetConfig:
    found = dataset_of(json.loads(canonical))
    if found is None:
        raise ConfigError(f"expected the fields of a dataset, got {canonical}.")
    return found


def changed_at(dataset: DatasetConfig) -> float:
    """Return the modification time of an uploaded dataset's file, so that a changed file is read again."""
    return data.changed_at(dataset, home=context().home)
