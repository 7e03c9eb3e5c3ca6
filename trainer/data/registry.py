"""The source of every dataset by its name in a config, and the schema derived from it."""

from collections.abc import Mapping
from typing import Any, cast

from trainer.config import DATASETS, DatasetConfig, FileDataset
from trainer.config.file_datasets import DividedFile
from trainer.config.series import Series
from trainer.config.splits import GroupSplit, RandomSplit
from trainer.data.keras_sets import KERAS_SETS
from trainer.data.npz import NpzSource
from trainer.data.points import POINTS
from trainer.data.schema import Schema
from trainer.data.source import About, FileSource, Source
from trainer.data.sources.file import find_file, state_of
from trainer.data.sources.series import SeriesSource
from trainer.data.sources.table_source import ImageSource, TableSource
from trainer.data.splitting import Counts, count_parts, fold_of
from trainer.data.tables import TABLES
from trainer.errors import DataError
from trainer.home import Home

__all__ = [
    "FILE_SOURCES",
    "SOURCES",
    "about_of",
    "catalogue",
    "changed_at",
    "counts_of",
    "describe",
    "divided_counts",
    "file_source_of",
    "is_available",
    "is_split",
    "scale_of",
    "schema_of",
    "source_of",
]

SOURCES: Mapping[str, Source[Any]] = {**TABLES, **POINTS, **KERAS_SETS, "npz": NpzSource()}
"""Keyed by the name in a config.

To add a dataset, declare its fields as a class in `trainer.config.datasets`, list it in `DATASETS`, and add a `Source`
of the same name here. A file of numbers in a package is a `Table`; points generated from a seed are `Points`.
"""


FILE_SOURCES: Mapping[str, FileSource[Any]] = {
    **dict.fromkeys(("csv", "parquet", "xlsx", "text"), TableSource()),
    "images": ImageSource(),
    "series": SeriesSource(),
}
"""The sources of files that are prepared for the network, keyed by the name in a config."""


def source_of(dataset: DatasetConfig) -> Source[Any]:
    """Return the source of a dataset of arrays."""
    return SOURCES[dataset.kind]


def file_source_of(dataset: DatasetConfig) -> FileSource[Any] | None:
    """Return the source of a dataset in a file that is prepared for the network, None for all other datasets."""
    return FILE_SOURCES.get(dataset.kind)


def about_of(dataset: DatasetConfig, *, home: Home) -> About:
    """Return what the source of any dataset knows without reading it whole.

    Raises:
        DataError: If the config's file cannot be read or is not valid.
    """
    about: About = (file_source_of(dataset) or source_of(dataset)).about(dataset, home)
    return about


def describe(dataset: DatasetConfig, *, home: Home) -> Schema:
    """Return the dataset's shapes and sizes after the split. Never downloads; surveys the user's own file once.

    Raises:
        DataError: If the config's file cannot be read or is not valid, or if the split leaves no training samples.
    """
    source = file_source_of(dataset) or source_of(dataset)
    schema = schema_of(dataset, source.about(dataset, home))
    source.look_through(dataset, home)
    return schema


def is_available(dataset: DatasetConfig | str, *, home: Home) -> bool:
    """Return whether the dataset, or the dataset of that name, can be read without a download."""
    chosen = _by_name(dataset) if isinstance(dataset, str) else dataset
    return (file_source_of(chosen) or source_of(chosen)).is_available(chosen, home)


def changed_at(dataset: DatasetConfig, *, home: Home) -> float:
    """Return when the user's own file or folder was last written, in seconds since 1970; 0 for all other datasets."""
    try:
        if not isinstance(dataset, FileDataset):
            return 0.0
        return state_of(find_file(dataset.path, home)).modified / 1e9
    except (OSError, DataError):
        # A missing file is reported when its data are read.
        return 0.0


def catalogue(home: Home) -> tuple[Schema, ...]:
    """Return the schemas of all datasets that need only a name, with default fields."""
    return tuple(
        describe(_by_name(name), home=home) for name in SOURCES if not issubclass(DATASETS.members[name], FileDataset)
    )


def _by_name(name: str) -> DatasetConfig:
    """Return the dataset of that name with default fields."""
    return cast(DatasetConfig, DATASETS.members[name]())


def counts_of(dataset: DatasetConfig, about: About) -> Counts:
    """Return the sizes of the parts; the dataset's own test and validation data keep their sizes.

    Raises:
        DataError: If no sample is left to train on, or the dataset has test data of its own besides folds.
    """
    if about.parts is not None:
        return about.parts
    own_test, fold = about.test_samples is not None, fold_of(dataset)
    if own_test and fold is not None:
        raise DataError(f"{about.title} contains test data of its own, so it cannot have folds; set folds to null.")
    test_fraction = 0.0 if own_test else float(getattr(dataset, "test_fraction", 0.0))
    own_validation = about.validation_samples is not None
    fraction = 0.0 if own_validation else dataset.validation_fraction
    counts = count_parts(about.samples, validation_fraction=fraction, test_fraction=test_fraction, fold=fold)
    return Counts(
        counts.train,
        counts.validation if about.validation_samples is None else about.validation_samples,
        counts.test if about.test_samples is None else about.test_samples,
    )


def divided_counts(dataset: DatasetConfig, about: About) -> Counts:
    """Return the sizes of the parts that are split off, without the dataset's own test and validation data."""
    counts = counts_of(dataset, about)
    test = counts.test if about.test_samples is None else 0
    return Counts(counts.train, counts.validation if about.validation_samples is None else 0, test)


def is_split(dataset: DatasetConfig, *, home: Home) -> bool:
    """Return whether any part of the data is split off at random, so that `split_seed` has an effect."""
    if isinstance(dataset, DividedFile) and not isinstance(dataset.split, RandomSplit | GroupSplit):
        return False
    if isinstance(dataset, Series) and dataset.split == "time":
        return False
    counts = divided_counts(dataset, about_of(dataset, home=home))
    return bool(counts.validation or counts.test)


def scale_of(dataset: DatasetConfig, about: About) -> str:
    """Return the scaling of x: the config's, else the dataset's default; tokens are never scaled."""
    return "none" if about.input_dtype == "int32" else getattr(dataset, "scale", None) or about.scale


def schema_of(dataset: DatasetConfig, about: About) -> Schema:
    """Return the schema of a dataset as its source describes it."""
    counts = counts_of(dataset, about)
    return Schema(
        name=dataset.kind,
        title=about.title,
        kind=about.kind,
        task=about.task,
        other_task=about.other_task,
        input_shape=about.input_shape,
        input_dtype=about.input_dtype,
        classes=about.classes,
        class_names=about.class_names,
        feature_names=about.feature_names,
        raw_names=about.raw_names,
        outputs=about.outputs,
        output_names=about.output_names,
        targets=about.targets,
        vocabulary=about.vocabulary,
        train=counts.train,
        validation=counts.validation,
        test=counts.test,
        has_own_validation=about.validation_samples is not None,
        is_weighted=about.is_weighted,
        ignored=about.ignored,
        holds_integers=about.holds_integers,
        value_range=about.value_range,
        largest=about.largest,
        scale=scale_of(dataset, about),
        download_bytes=about.download_bytes,
        raw_bytes=about.raw_bytes,
        working_bytes=about.working_bytes,
        notes=about.notes,
    )
