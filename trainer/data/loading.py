"""Load a dataset as the arrays to train on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainer.config import DatasetConfig
from trainer.data.preparation import Preparation, Samples, state_digest
from trainer.data.registry import divided_counts, file_source_of, schema_of, source_of
from trainer.data.scaling import Scalar, Scaling, fit_scaling
from trainer.data.schema import Schema, Task
from trainer.data.source import About, AnyArray, Arrays, Divided, Raw
from trainer.data.splitting import Indices, split_indices
from trainer.home import Home

__all__ = ["Splits", "load"]


@dataclass(frozen=True, kw_only=True)
class Splits:
    """A dataset, split and scaled.

    Each part has `x` of shape (samples, *input_shape), float32, or int32 for sequences, and `y` of shape (samples,),
    int64, or (samples, outputs), float32, in a regression. A part may be empty. `center` and `spread` define the
    scaling that was applied, `(x - center) / spread`. `weights` are the float32 weights of the training samples in
    the loss, or None if all are equal. `digest` is the SHA-256 of the raw data. `notes` are sentences for the
    record, such as a class too rare to be stratified. `raw_dtype` is the dtype of x before scaling and `scale` the
    kind of scaling: `unit`, `standardize` or `none`. `channels` is the position of the channels axis in the raw
    images, `first` or `last`; in the parts it is always last. `test_rows` and `validation_rows` are the indices of
    their samples in the raw data that were split, (samples,), None if the dataset has that part itself.

    A dataset in a file is prepared by `fitted`, which is None for all others: then there is no scaling besides, `raw`
    has the raw samples of each part (`train`, `validation`, `test`), and `details` what else belongs to the record.
    """

    schema: Schema
    train: Arrays
    validation: Arrays
    test: Arrays
    weights: AnyArray | None = None
    digest: str
    center: Scalar
    spread: Scalar
    notes: tuple[str, ...] = ()
    raw_dtype: str = "float32"
    channels: str = "last"
    scale: str = "none"
    test_rows: AnyArray | None = None
    validation_rows: AnyArray | None = None
    fitted: Preparation | None = None
    raw: Mapping[str, Samples] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_scaled(self) -> bool:
        """Whether the model's inputs differ from the raw samples."""
        return bool(np.any(np.not_equal(self.center, 0.0)) or np.any(np.not_equal(self.spread, 1.0)))

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """The shape of one raw sample."""
        shape = self.train.x.shape[1:]
        return (shape[-1], *shape[:-1]) if self.channels == "first" else shape

    def preparation(self) -> dict[str, Any]:
        """Describe as JSON how samples are prepared: `x = (raw - center) / spread`, then rounded to float32.

        `center` and `spread` are numbers, or lists with one number per feature. For a dataset in a file it is the state
        of its fitted preparation, with its digest.
        """
        names = {"features": list(self.schema.feature_names), "classes": list(self.schema.class_names)}
        if self.fitted is not None:
            state = self.fitted.state()
            return {**state, "sha256": state_digest(state), "source": dict(self.details), **names}
        center, spread = np.asarray(self.center).tolist(), np.asarray(self.spread).tolist()
        return {
            "input_dtype": self.raw_dtype,
            "input_shape": list(self.raw_shape),
            "channels": self.channels,
            "scale": self.scale,
            "center": center,
            "spread": spread,
            **names,
        }


def load(dataset: DatasetConfig, *, home: Home) -> Splits:
    """Load all samples, split by `split_seed` and scaled by the training data. Never downloads.

    Raises:
        DataError: If the data cannot be read or do not match the config.
        DownloadError: If the dataset needs to be downloaded first.
    """
    file_source = file_source_of(dataset)
    if file_source is not None:
        return _prepared(dataset, file_source.divide(dataset, home))
    source = source_of(dataset)
    about: About = source.about(dataset, home)
    schema = schema_of(dataset, about)
    raw: Raw = source.read(dataset, home)
    indices = _indices(dataset, about, raw)
    train = _take(raw.train, indices.train)
    # Fitted on the training data only; test statistics would leak into training.
    scaling = fit_scaling(train.x, schema.scale, largest=about.largest)
    test = raw.test if raw.test is not None else _take(raw.train, indices.test)
    validation = raw.validation if raw.validation is not None else _take(raw.train, indices.validation)
    return Splits(
        schema=schema,
        train=_finish(train, scaling, about),
        validation=_finish(validation, scaling, about),
        test=_finish(test, scaling, about),
        weights=None if raw.weights is None else raw.weights[indices.train],
        digest=raw.digest,
        center=scaling.center,
        spread=scaling.spread,
        notes=(*schema.remarks, *indices.notes),
        raw_dtype=str(train.x.dtype),
        channels=getattr(dataset, "channels", "last"),
        scale=schema.scale,
        test_rows=None if raw.test is not None else indices.test,
        validation_rows=None if raw.validation is not None else indices.validation,
    )


def _prepared(dataset: DatasetConfig, divided: Divided) -> Splits:
    """Prepare the parts of a file; the test and the validation rows are those of the file."""
    parts = {name: getattr(divided.indices, name) for name in ("train", "validation", "test")}
    raw = {name: divided.samples.take(indices) for name, indices in parts.items()}
    schema = schema_of(dataset, divided.about)

    def arrays(name: str) -> Arrays:
        x = np.ascontiguousarray(divided.preparation.apply(raw[name]))
        return Arrays(x, np.ascontiguousarray(divided.y[parts[name]]))

    return Splits(
        schema=schema,
        train=arrays("train"),
        validation=arrays("validation"),
        test=arrays("test"),
        weights=None if divided.weights is None else divided.weights[parts["train"]],
        digest=divided.digest,
        center=0.0,
        spread=1.0,
        notes=(*schema.remarks, *divided.indices.notes),
        scale=schema.scale,
        test_rows=divided.rows[parts["test"]],
        validation_rows=divided.rows[parts["validation"]],
        fitted=divided.preparation,
        raw=raw,
        details=divided.details,
    )


def _indices(dataset: DatasetConfig, about: About, raw: Raw) -> Indices:
    counts = divided_counts(dataset, about)
    classes = raw.train.y if about.task is Task.CLASSIFICATION else None
    return split_indices(counts, seed=dataset.split_seed, classes=classes)


def _take(arrays: Arrays, indices: AnyArray) -> Arrays:
    return Arrays(arrays.x[indices], arrays.y[indices])


def _finish(arrays: Arrays, scaling: Scaling, about: About) -> Arrays:
    x = arrays.x.astype(np.int32) if about.input_dtype == "int32" else scaling.apply(arrays.x)
    return Arrays(np.ascontiguousarray(x), np.ascontiguousarray(arrays.y))
