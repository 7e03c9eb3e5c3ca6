"""The facts about the data that a script needs besides the config."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainer.config import Config, Npz
from trainer.config.file_datasets import Images, RowFile, TableFile
from trainer.config.series import Series
from trainer.config.splits import RandomSplit
from trainer.data import Schema, Task
from trainer.data.npz_file import NpzFile
from trainer.data.npz_layout import checked_layout
from trainer.data.registry import divided_counts, file_source_of, schema_of, source_of
from trainer.data.source import About, AnyArray
from trainer.data.sources.file import checked_path, find_file
from trainer.data.splitting import Counts, fold_of, split_indices
from trainer.home import Home
from trainer.reproduce.source_lines import NpzFacts
from trainer.reproduce.table_lines import TableFacts

if TYPE_CHECKING:
    from trainer.data.sources.table_reading import ReadTable

__all__ = ["DataFacts", "data_facts"]


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """Shapes and sizes, how the parts are split, and the layout of the user's own file."""

    about: About
    schema: Schema
    stratified_test: bool
    stratified_validation: bool
    npz: NpzFacts | None = None
    table: TableFacts | None = None


def data_facts(config: Config, home: Home) -> DataFacts:
    """Return the facts about a config's data; read the targets if a class may be too rare to be stratified.

    Raises:
        DataError: the config's file is missing or does not match the config.
    """
    if isinstance(config.dataset, RowFile):
        return _of_table(config.dataset, home)
    if isinstance(config.dataset, Series):
        return _of_series(config.dataset, home)
    dataset, source = config.dataset, source_of(config.dataset)
    about: About = source.about(dataset, home)
    own_test = about.test_samples is not None
    divided = divided_counts(dataset, about)
    classes = None
    if about.task is Task.CLASSIFICATION:
        # Every class of Keras's datasets is frequent, so their targets need not be read, or even downloaded.
        known = own_test and not isinstance(dataset, Npz)
        classes = _balanced(divided, about) if known else source.read(dataset, home).train.y
    at_random = split_indices(divided, seed=dataset.split_seed, classes=classes, fold=fold_of(dataset)).at_random
    return DataFacts(
        about=about,
        schema=schema_of(dataset, about),
        stratified_test=classes is not None and "test" not in at_random,
        stratified_validation=classes is not None and "validation" not in at_random,
        npz=_npz_facts(dataset, about, home) if isinstance(dataset, Npz) else None,
    )


def _of_table(dataset: RowFile, home: Home) -> DataFacts:
    from trainer.data.sources.table_reading import read_table

    path, source = checked_path(dataset, home), file_source_of(dataset)
    if source is None:
        raise TypeError(f"no source for {dataset.kind}")
    divided, read = source.divide(dataset, home), read_table(dataset, path, home)
    is_random = isinstance(dataset.split, RandomSplit) and dataset.split.stratify
    at_random = divided.indices.at_random
    stratified = is_random and divided.about.task is Task.CLASSIFICATION
    return DataFacts(
        about=divided.about,
        schema=schema_of(dataset, divided.about),
        stratified_test=stratified and "test" not in at_random,
        stratified_validation=stratified and "validation" not in at_random,
        table=TableFacts(
            roles=read.roles.used,
            kinds={name: cells.kind for name, cells in read.cells.items()},
            detected=read.grid.detected,
            has_gaps=len(read.table) < len(read.grid),
            task=_task(dataset, read),
            root=_root(dataset, path),
            date_formats=dataset.date_formats if isinstance(dataset, TableFile) else {},
            broken=divided.details.get("broken", ()),
        ),
    )


def _root(dataset: RowFile, path: Path) -> str | None:
    """Return what the names of pictures start with before the folder of their class, None if they have no folders."""
    from trainer.data.sources.readers import is_pictures

    if not isinstance(dataset, Images) or not is_pictures(path):
        return None
    from trainer.data.sources.pictures import find_pictures

    return find_pictures(path).root


def _of_series(dataset: Series, home: Home) -> DataFacts:
    from trainer.data.sources.series_reading import divide_series, read_series

    path = checked_path(dataset, home)
    about, read = divide_series(dataset, path, home).about, read_series(dataset, path, home)
    return DataFacts(
        about=about,
        schema=schema_of(dataset, about),
        stratified_test=False,
        stratified_validation=False,
        table=TableFacts(
            roles=read.roles.used,
            kinds=read.kinds,
            detected=read.grid.detected,
            has_gaps=False,
            task="values",
            date_formats=dataset.date_formats,
        ),
    )


def _task(dataset: RowFile, read: "ReadTable") -> str:
    """Return how the target becomes y: classes named by texts, integers that are classes, or values."""
    targets = read.targets.targets
    if targets.task is not Task.CLASSIFICATION:
        return "values"
    # Classes that are integers keep the order of numbers, in which 10 comes after 9.
    values = read.cells[dataset.target[0]]
    is_integer = values.kind == "numeric" and all(name.lstrip("-").isdigit() for name in targets.class_names)
    return "integers" if is_integer and targets.class_names != tuple(sorted(targets.class_names)) else "classes"


def _balanced(counts: Counts, about: About) -> AnyArray:
    """Return stand-in targets for Keras's datasets, in which every class is frequent."""
    return np.arange(sum(counts), dtype=np.int64) % (about.classes or 1)


def _npz_facts(dataset: Npz, about: About, home: Home) -> NpzFacts:
    path = find_file(dataset.path, home)
    with NpzFile(path, name=path.name) as file:
        layout = checked_layout(file)
        y = np.concatenate([file.read(key) for key in layout.answers])
        pairs = zip(layout.samples, layout.answers, strict=True)
        keys = (*(key for pair in pairs for key in pair), *([layout.weights] if layout.weights else []))
        return NpzFacts(
            keys=keys,
            labels=_labels(y, about),
            is_vector=len(file.header(layout.x).shape) == 1,
            is_folder=path.is_dir(),
        )


def _labels(y: AnyArray, about: About) -> str:
    if about.task is Task.REGRESSION:
        return "values"
    if y.ndim == 2 and y.shape[1] > 1:
        return "one_hot"
    found = np.unique(y)
    return "numbers" if np.array_equal(found, np.arange(len(found))) else "gaps"
