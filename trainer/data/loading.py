"""Load a dataset as the arrays to train on."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainer.config import DatasetConfig
from trainer.data.npz_file import held_limit
from trainer.data.preparation import (
    ImagePreparation,
    PictureSamples,
    Preparation,
    Samples,
    SeriesPreparation,
    StoredSamples,
    state_digest,
)
from trainer.data.prepared import PIECE, RowFile, Stream
from trainer.data.registry import divided_counts, file_source_of, schema_of, source_of
from trainer.data.row_cache import cached_rows
from trainer.data.scaling import Scalar, Scaling, fit_scaling
from trainer.data.schema import Schema, Task
from trainer.data.source import About, AnyArray, Arrays, Divided, Part, Raw, RawPart, digest_of
from trainer.data.splitting import Indices, fold_of, split_indices
from trainer.home import Home

__all__ = ["Splits", "load"]

_FLOAT = 4
_Prepare = Callable[[AnyArray], AnyArray]


@dataclass(frozen=True, kw_only=True)
class Splits:
    """A dataset, split and scaled.

    Each part has `x` of shape (samples, *input_shape), float32, or int32 for sequences, and `y` of shape (samples,),
    int64, or (samples, outputs), float32, in a regression. A part may be empty. The `x` of every part are arrays if all
    of them may be held in memory, else a `Stream`. `center` and `spread` define the
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
    train: Part
    validation: Part
    test: Part
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


def load(dataset: DatasetConfig, *, home: Home, held: int | None = None) -> Splits:
    """Load all samples, split by `split_seed` and scaled by the training data. Never downloads.

    Prepared samples of more than `held` bytes, by default an eighth of the machine's memory, are not held in memory:
    they are prepared where they are used, with the same bits.

    Raises:
        DataError: If the data cannot be read or do not match the config.
        DownloadError: If the dataset needs to be downloaded first.
        ResourceError: If the disk is too full for data that are larger than memory.
    """
    limit = held_limit() if held is None else held
    file_source = file_source_of(dataset)
    if file_source is not None:
        return _prepared(dataset, file_source.divide(dataset, home), home, limit)
    source = source_of(dataset)
    about: About = source.about(dataset, home)
    schema = schema_of(dataset, about)
    raw: Raw = source.read(dataset, home)
    indices = _indices(dataset, about, raw)
    in_files = any(part is not None and isinstance(part.x, RowFile) for part in (raw.train, raw.validation, raw.test))
    streamed = in_files or _FLOAT * sum(part.x.size for part in (raw.train, raw.validation, raw.test) if part) > limit
    train = _rows(raw.train, indices.train, streamed=streamed)
    # Fitted on the training data only; test statistics would leak into training.
    scaling = fit_scaling(train.x, schema.scale, largest=about.largest)
    prepare: _Prepare = _as_tokens if about.input_dtype == "int32" else scaling.apply
    test = _rows(raw.test or raw.train, None if raw.test else indices.test, streamed=streamed)
    validation = _rows(raw.validation or raw.train, None if raw.validation else indices.validation, streamed=streamed)
    divisor = None if about.input_dtype == "int32" else _divisor(scaling, (train, validation, test))
    return Splits(
        schema=schema,
        train=_finished(train, prepare, divisor),
        validation=_finished(validation, prepare, divisor),
        test=_finished(test, prepare, divisor),
        weights=None if raw.weights is None else raw.weights[indices.train],
        digest=raw.digest,
        center=scaling.center,
        spread=scaling.spread,
        notes=(*schema.remarks, *indices.notes),
        raw_dtype=str(raw.train.x.dtype),
        channels=getattr(dataset, "channels", "last"),
        scale=schema.scale,
        test_rows=None if raw.test is not None else indices.test,
        validation_rows=None if raw.validation is not None else indices.validation,
    )


def _prepared(dataset: DatasetConfig, divided: Divided, home: Home, limit: int) -> Splits:
    """Prepare the parts of a file; the test and the validation rows are those of the file."""
    parts = {name: getattr(divided.indices, name) for name in ("train", "validation", "test")}
    raw = {name: divided.samples.take(indices) for name, indices in parts.items()}
    schema = schema_of(dataset, divided.about)
    samples = _prepared_samples(divided, raw, home, limit)

    def arrays(name: str) -> Part:
        return Part(samples[name], np.ascontiguousarray(divided.y[parts[name]]))

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


def _prepared_samples(
    divided: Divided, raw: Mapping[str, Samples], home: Home, limit: int
) -> dict[str, AnyArray | Stream]:
    """Return the prepared samples of each part: arrays, or streams from one file in which the parts follow."""
    if isinstance(divided.preparation, SeriesPreparation):
        return _windows(divided, divided.preparation, limit)
    stored = divided.samples
    count = sum(len(samples) for samples in raw.values())
    is_held = _FLOAT * count * math.prod(divided.preparation.shape) <= limit
    if isinstance(stored, StoredSamples):
        file = _prepared_file(divided, home, {"rows": digest_of(divided.rows)}, len(stored), stored.in_pieces)
        streams = {name: Stream(file, getattr(divided.indices, name)) for name in raw}
        return {name: stream[:] for name, stream in streams.items()} if is_held else dict(streams)
    if is_held:
        return {name: np.ascontiguousarray(divided.preparation.apply(samples)) for name, samples in raw.items()}
    if isinstance(divided.preparation, ImagePreparation):
        # They are in a file of rows already, with a byte for each value.
        pictures = {name: samples for name, samples in raw.items() if isinstance(samples, PictureSamples)}
        return {name: samples.streamed(divided.preparation) for name, samples in pictures.items()}
    parts = {"parts": digest_of(*(getattr(divided.indices, name) for name in raw))}
    file = _prepared_file(divided, home, parts, count, lambda: iter(raw.values()))
    ends = np.cumsum([len(samples) for samples in raw.values()])
    return {
        name: Stream(file, np.arange(end - len(samples), end, dtype=np.intp))
        for (name, samples), end in zip(raw.items(), ends, strict=True)
    }


def _prepared_file(
    divided: Divided, home: Home, order: Mapping[str, str], count: int, several: Callable[[], Iterator[Samples]]
) -> RowFile:
    """Return a file of `count` prepared samples, which are in this order and come several at a time."""
    preparation = divided.preparation
    step = max(1, PIECE // (_FLOAT * math.prod(preparation.shape)))

    def blocks() -> Iterator[AnyArray]:
        for samples in several():
            for first in range(0, len(samples), step):
                rows = np.arange(first, min(first + step, len(samples)), dtype=np.intp)
                yield preparation.apply(samples.take(rows))

    dtype = preparation.apply(next(several()).take(np.arange(1, dtype=np.intp))).dtype
    key = {"source": divided.digest, "preparation": state_digest(preparation.state()), **order}
    return cached_rows(home, key, shape=(count, *preparation.shape), dtype=dtype, blocks=blocks)


def _windows(divided: Divided, preparation: SeriesPreparation, limit: int) -> dict[str, AnyArray | Stream]:
    """Return the windows of each part: copies, or streams that copy them from the prepared steps."""
    rows = preparation.rows(divided.samples)
    size = rows.dtype.itemsize * math.prod(rows.shape)
    parts = {name: getattr(divided.indices, name) for name in ("train", "validation", "test")}
    if size <= limit:
        return {name: rows[indices] for name, indices in parts.items()}
    return {name: Stream(rows, indices) for name, indices in parts.items()}


def _indices(dataset: DatasetConfig, about: About, raw: Raw) -> Indices:
    counts = divided_counts(dataset, about)
    classes = raw.train.y if about.task is Task.CLASSIFICATION else None
    return split_indices(counts, seed=dataset.split_seed, classes=classes, fold=fold_of(dataset))


def _rows(arrays: Arrays | RawPart, indices: AnyArray | None, *, streamed: bool) -> Part:
    """Return the raw samples at these indices, all of them for None."""
    if streamed or isinstance(arrays.x, RowFile):
        indices = np.arange(len(arrays.y), dtype=np.intp) if indices is None else indices
        return Part(Stream(arrays.x, indices), arrays.y[indices])
    return Part(arrays.x, arrays.y) if indices is None else Part(arrays.x[indices], arrays.y[indices])


def _finished(part: Part, prepare: _Prepare, divisor: float | None) -> Part:
    x = (
        part.x.prepared(prepare, divisor=divisor)
        if isinstance(part.x, Stream)
        else np.ascontiguousarray(prepare(part.x))
    )
    return Part(x, np.ascontiguousarray(part.y))


def _divisor(scaling: Scaling, parts: Sequence[Part]) -> float | None:
    """Return what the bytes of all parts are divided by, where that is all that their scaling does."""
    found = {scaling.divisor(part.x.dtype) for part in parts}
    return found.pop() if len(found) == 1 else None


def _as_tokens(x: AnyArray) -> AnyArray:
    return x.astype(np.int32)
