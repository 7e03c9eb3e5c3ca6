"""The schema of a dataset: what is known without reading all of it."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Schema", "Task", "is_gray"]


class Task(StrEnum):
    """What is predicted: one class, several labels at once that are each true or false, or values."""

    CLASSIFICATION = "classification"
    MULTILABEL = "multilabel"
    REGRESSION = "regression"


class Kind(StrEnum):
    """What the samples are, which determines how they are shown."""

    IMAGES = "images"
    TABLE = "table"
    POINTS = "points"
    SEQUENCES = "sequences"
    SERIES = "series"
    ARRAYS = "arrays"


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A dataset's shapes and sizes.

    `input_shape` is the shape of one sample, without the batch; `input_dtype` is `float32` or, for token ids, `int32`.
    `other_task` is the alternative task if the targets are a few distinct integers and the config does not set one.
    `classes` is None unless a sample has one class: `outputs` is then the number of labels or of targets. In a
    regression, `targets` holds the mean and the standard deviation of each, as far as they are known. `vocabulary`
    is the largest token id plus 1. `train`, `validation` and `test` are numbers of samples after the split.
    `has_own_validation` and `is_weighted` tell whether a file contains its own validation data, and weights of the
    training samples; `ignored` names its unused arrays.
    `holds_integers` and `value_range` are the type and the range of a file's samples before they are scaled by
    `scale`: `unit` (division by `largest`, if known), `standardize`, `none`, or `columns` (each as its role says).
    `download_bytes` is None if nothing needs to be downloaded. `raw_names` are the names of the raw values of a sample
    if they differ from its prepared `feature_names`; `raw_bytes` is what the raw samples of a file take in memory if
    the prepared ones are streamed, and `working_bytes` what reading them takes besides. `output_names` are the names
    of the outputs of a regression, if they have names; `notes` are sentences about the data of a file.
    """

    name: str
    title: str
    kind: Kind
    task: Task
    other_task: Task | None = None
    input_shape: tuple[int, ...]
    input_dtype: str = "float32"
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    raw_names: tuple[str, ...] = ()
    outputs: int = 1
    output_names: tuple[str, ...] = ()
    targets: tuple[tuple[float, float], ...] = ()
    vocabulary: int | None = None
    train: int
    validation: int
    test: int
    has_own_validation: bool = False
    is_weighted: bool = False
    ignored: str = ""
    holds_integers: bool = False
    value_range: tuple[float, float] | None = None
    largest: float | None = None
    scale: str = "none"
    download_bytes: int | None = None
    raw_bytes: int | None = None
    working_bytes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """The number of samples in all parts."""
        return self.train + self.validation + self.test

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about further arrays in a file, and how they are used."""
        found = list(self.notes)
        if self.is_weighted and self.name != "npz":
            found.append("The weight column weights the training samples in the loss; all metrics are unweighted.")
        elif self.is_weighted:
            found.append(
                "sample_weight weights the training samples in the loss; validation, test and metrics are unweighted."
            )
        if self.has_own_validation:
            found.append("x_val and y_val are the validation data; validation_fraction has no effect.")
        if self.ignored:
            found.append(f"{self.title} also contains {self.ignored}, which Fitboard ignores.")
        return tuple(found)


def is_gray(schema: Schema) -> bool:
    """Return whether the samples are gray images of (height, width), without an axis of channels."""
    return schema.kind is Kind.IMAGES and len(schema.input_shape) == 2
