"""Cached schemas and previews of datasets, keyed by the fields of their config."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dashboard.loaders.context import context
from trainer import data
from trainer.config import DATASETS, DatasetConfig
from trainer.data import Schema
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.tracking.predictions import Predictions

__all__ = ["changed_at", "dataset_of", "is_available", "preview", "samples_at", "schema", "words_by_token"]


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


# The predictions are identified by the run that kept them.
@st.cache_data(show_spinner="Reading the samples…", max_entries=20)
def _samples_at(
    canonical: str, path: str, changed: float, run_id: str, places: tuple[int, ...], _kept: Predictions
) -> data.Arrays:
    return data.samples_at(
        _dataset(canonical), places, part=_kept.part, rows=_kept.rows, digest=_kept.data_digest, home=Home.resolve(path)
    )


def samples_at(dataset: DatasetConfig, places: Sequence[int], kept: Predictions, *, run_id: str) -> data.Arrays:
    """Return unscaled samples of the part that a run predicted: x of shape (samples, *input_shape), and y.

    Args:
        dataset: the dataset of the run's config.
        places: which samples, counted from 0 within the part.
        kept: the run's predictions.
        run_id: the run's id.

    Raises:
        DataError: the data cannot be read, are too large, or have changed since.
        DownloadError: the dataset needs to be downloaded first.
    """
    where = str(context().home.path)
    return _samples_at(dataset.model_dump_json(), where, changed_at(dataset), run_id, tuple(places), kept)


@st.cache_resource(show_spinner=False, max_entries=4)
def _words(name: str, path: str, changed: float) -> Mapping[int, str]:
    return data.words_by_token(name, home=Home.resolve(path))


def words_by_token(dataset: DatasetConfig) -> Mapping[int, str]:
    """Return token → word of a downloaded dataset of texts; empty for any other dataset, and if unknown."""
    home = context().home
    try:
        changed = data.kept_words(dataset.kind, home).stat().st_mtime
    except OSError:
        return {}
    return _words(dataset.kind, str(home.path), changed)


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
