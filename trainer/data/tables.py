"""The datasets in scikit-learn's package, read from its files because importing scikit-learn takes seconds."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from trainer.config import DatasetConfig
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Arrays, Raw, digest_of
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["TABLES", "Table"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A text file of numbers whose last column, or a second file, contains the targets."""

    known: About
    file: str
    target_file: str | None = None
    delimiter: str | None = ","
    header_lines: int = 0

    def about(self, dataset: DatasetConfig, home: Home) -> About:
        """Describe the dataset without reading the file."""
        return self.known

    def is_available(self, dataset: DatasetConfig, home: Home) -> bool:
        """Return True: scikit-learn includes the file."""
        return True

    def look_through(self, dataset: DatasetConfig, home: Home) -> None:
        """Do nothing: the samples are valid."""

    def read(self, dataset: DatasetConfig, home: Home) -> Raw:
        """Read all rows, x as float64."""
        x, y = self._columns()
        return Raw(train=self._arrays(x, y), digest=digest_of(x, y))

    def peek(self, dataset: DatasetConfig, home: Home) -> Arrays:
        """Read all rows."""
        return self._arrays(*self._columns())

    def _arrays(self, x: AnyArray, y: AnyArray) -> Arrays:
        x = x.reshape(-1, *self.known.input_shape)
        if self.known.task is Task.CLASSIFICATION:
            return Arrays(x, y.astype(np.int64))
        return Arrays(x, y.astype(np.float32).reshape(-1, 1))

    def _columns(self) -> tuple[AnyArray, AnyArray]:
        numbers = np.loadtxt(_folder() / self.file, delimiter=self.delimiter, skiprows=self.header_lines)
        if self.target_file is None:
            return np.ascontiguousarray(numbers[:, :-1]), numbers[:, -1]
        return numbers, np.loadtxt(_folder() / self.target_file, delimiter=self.delimiter)


def _folder() -> Path:
    # Locates the package without importing it.
    found = find_spec("sklearn")
    if found is None or not found.submodule_search_locations:
        raise DataError("This dataset requires scikit-learn, which is not installed; install scikit-learn.")
    return Path(found.submodule_search_locations[0], "datasets", "data")


_BREAST_CANCER = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)

_DIGITS = Table(
    file="digits.csv.gz",
    known=About(
        title="Handwritten digits, 8 × 8",
        kind=Kind.IMAGES,
        task=Task.CLASSIFICATION,
        input_shape=(8, 8),
        samples=1797,
        classes=10,
        class_names=tuple("0123456789"),
        # Pixels are integers from 0 to 16.
        largest=16.0,
    ),
)

_IRIS = Table(
    file="iris.csv",
    # This line has the counts and the class names instead of column names.
    header_lines=1,
    known=About(
        title="Iris flowers",
        kind=Kind.TABLE,
        task=Task.CLASSIFICATION,
        input_shape=(4,),
        samples=150,
        classes=3,
        class_names=("setosa", "versicolor", "virginica"),
        feature_names=("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
    ),
)

_WINE = Table(
    file="wine_data.csv",
    header_lines=1,
    known=About(
        title="Wines of three growers",
        kind=Kind.TABLE,
        task=Task.CLASSIFICATION,
        input_shape=(13,),
        samples=178,
        classes=3,
        class_names=("class_0", "class_1", "class_2"),
        feature_names=(
            "alcohol",
            "malic_acid",
            "ash",
            "alcalinity_of_ash",
            "magnesium",
            "total_phenols",
            "flavanoids",
            "nonflavanoid_phenols",
            "proanthocyanins",
            "color_intensity",
            "hue",
            "od280/od315_of_diluted_wines",
            "proline",
        ),
    ),
)

_CANCER = Table(
    file="breast_cancer.csv",
    header_lines=1,
    known=About(
        title="Breast tumors",
        kind=Kind.TABLE,
        task=Task.CLASSIFICATION,
        input_shape=(30,),
        samples=569,
        classes=2,
        class_names=("malignant", "benign"),
        feature_names=(
            *(f"mean {name}" for name in _BREAST_CANCER),
            *(f"{name} error" for name in _BREAST_CANCER),
            *(f"worst {name}" for name in _BREAST_CANCER),
        ),
    ),
)

_DIABETES = Table(
    # The raw data: by default scikit-learn's loader returns them already scaled.
    file="diabetes_data_raw.csv.gz",
    target_file="diabetes_target.csv.gz",
    delimiter=None,
    known=About(
        title="Diabetes progression",
        kind=Kind.TABLE,
        task=Task.REGRESSION,
        input_shape=(10,),
        samples=442,
        feature_names=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
    ),
)

TABLES = {"digits": _DIGITS, "iris": _IRIS, "wine": _WINE, "breast_cancer": _CANCER, "diabetes": _DIABETES}
"""Keyed by the name in a config."""
