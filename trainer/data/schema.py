"""What is known of a dataset without reading all of it."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Schema", "Task"]


class Task(StrEnum):
    """What is to be predicted."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


class Kind(StrEnum):
    """What the samples are, and so how they are shown."""

    IMAGES = "images"
    TABLE = "table"
    POINTS = "points"
    SEQUENCES = "sequences"
    ARRAYS = "arrays"


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A dataset's shapes and sizes.

    `input_shape` is one sample's, without the batch; `input_dtype` is `float32` or, for sequences of
    words, `int32`. `other_task` is the task that the labels could be read for as well, where they do not say and the
    config leaves it open: few different whole numbers. `classes` is None in a regression, where `outputs` is the
    numbers in one answer, and `targets` the mean and the deviation of each, as far as they are known.
    `vocabulary` is the largest integer in a sequence plus 1. `train`, `validation` and `test` count
    samples after the split. `has_own_validation` and `is_weighted` say whether a file brings its validation part, and
    weights of its training samples; `ignored` names those of its arrays that are not used.
    `holds_integers` and `value_range` say of which type a file's samples are, and between which numbers they lie
    before they are scaled by `scale`: `unit` (which divides by `largest`, if that is known), `standardize` or `none`.
    `download_bytes` is None where nothing has to be downloaded.
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
    outputs: int = 1
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

    @property
    def samples(self) -> int:
        """All samples together."""
        return self.train + self.validation + self.test

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about what else a file holds, and what is done with it."""
        said = []
        if self.is_weighted:
            said.append(
                "sample_weight weighs the training samples in the loss; other parts and metrics are unweighted."
            )
        if self.has_own_validation:
            said.append("x_val and y_val are the validation part; validation_fraction is not used.")
        if self.ignored:
            said.append(f"{self.title} also holds {self.ignored}, which Fitboard ignores.")
        return tuple(said)
