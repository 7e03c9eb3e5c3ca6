"""Datasets of a config and their fields; `trainer.data` knows what they contain."""

from typing import Annotated, Literal

from pydantic import Field

from trainer.config.component import Registry, option
from trainer.config.dataset import DatasetConfig, Undivided
from trainer.config.file_datasets import SCALE, Csv, FileDataset, Images, Npz, Parquet, Texts, Xlsx
from trainer.config.series import Series
from trainer.config.values import Number, Seed, Size

__all__ = [
    "DATASETS",
    "AnyDataset",
    "BreastCancer",
    "CaliforniaHousing",
    "Cifar10",
    "Cifar100",
    "Circles",
    "Csv",
    "DatasetConfig",
    "Diabetes",
    "Digits",
    "FashionMnist",
    "FileDataset",
    "Images",
    "Imdb",
    "Iris",
    "Mnist",
    "Moons",
    "Npz",
    "Parquet",
    "Reuters",
    "Series",
    "Spirals",
    "Texts",
    "Wine",
    "Xlsx",
]

_Scale = Literal["unit", "standardize", "none"]
_Noise = Annotated[Number, Field(ge=0)]
_Samples = Annotated[Size, Field(ge=10, le=1_000_000)]


class Digits(Undivided):
    """1,797 grayscale images of handwritten digits, 8 × 8 pixels, 10 classes (scikit-learn)."""

    name: Literal["digits"] = "digits"
    scale: _Scale = option("unit", SCALE)


class Iris(Undivided):
    """150 iris flowers with 4 measurements each, 3 species (scikit-learn)."""

    name: Literal["iris"] = "iris"
    scale: _Scale = option("standardize", SCALE)


class Wine(Undivided):
    """178 wines with 13 chemical measurements each, 3 growers (scikit-learn)."""

    name: Literal["wine"] = "wine"
    scale: _Scale = option("standardize", SCALE)


class BreastCancer(Undivided):
    """569 tumors with 30 measurements each, malignant or benign (scikit-learn)."""

    name: Literal["breast_cancer"] = "breast_cancer"
    scale: _Scale = option("standardize", SCALE)


class Diabetes(Undivided):
    """442 patients with 10 measurements each; regression of the disease progression after one year (scikit-learn)."""

    name: Literal["diabetes"] = "diabetes"
    scale: _Scale = option("standardize", SCALE)


class _Points(Undivided):
    samples: _Samples = option(1000, "Number of points to generate.")
    noise: _Noise = option(0.1, "Standard deviation of the Gaussian noise added to each point.")
    random_state: Seed = option(0, "Seed of the generated points.")
    scale: _Scale = option("none", SCALE)


class Moons(_Points):
    """Points in the plane: two interleaving half circles."""

    name: Literal["moons"] = "moons"


class Circles(_Points):
    """Points in the plane: a small circle inside a large one."""

    name: Literal["circles"] = "circles"
    factor: Annotated[Number, Field(ge=0, lt=1)] = option(
        0.5, "Ratio of the inner circle's radius to the outer circle's."
    )


class Spirals(_Points):
    """Points in the plane: interleaving spiral arms, the hardest of the three."""

    name: Literal["spirals"] = "spirals"
    arms: Annotated[Size, Field(ge=2, le=10)] = option(2, "Number of arms, one class each.")
    turns: Annotated[Number, Field(gt=0, le=10)] = option(1.0, "Number of turns of each arm.")


class Mnist(DatasetConfig):
    """70,000 grayscale images of handwritten digits, 28 × 28 pixels, 10 classes (Keras downloads 11 MB)."""

    name: Literal["mnist"] = "mnist"
    scale: _Scale = option("unit", SCALE)


class FashionMnist(DatasetConfig):
    """70,000 grayscale images of clothing, 28 × 28 pixels, 10 classes (Keras downloads 30 MB)."""

    name: Literal["fashion_mnist"] = "fashion_mnist"
    scale: _Scale = option("unit", SCALE)


class Cifar10(DatasetConfig):
    """60,000 color photographs, 32 × 32 pixels, 10 classes (Keras downloads 170 MB)."""

    name: Literal["cifar10"] = "cifar10"
    scale: _Scale = option("unit", SCALE)


class Cifar100(DatasetConfig):
    """60,000 color photographs, 32 × 32 pixels, 100 classes (Keras downloads 169 MB)."""

    name: Literal["cifar100"] = "cifar100"
    scale: _Scale = option("unit", SCALE)


class _Text(DatasetConfig):
    num_words: Annotated[Size, Field(ge=4)] = option(
        10_000, "Size of the vocabulary: only the most frequent words are kept."
    )
    maxlen: Annotated[Size, Field(le=5_000)] = option(200, "Length in words that texts are truncated or padded to.")
    scale: Literal["none"] = option("none", "Token ids are never scaled.", advanced=True)


class Imdb(_Text):
    """50,000 movie reviews as word ids, positive or negative (Keras downloads 17 MB)."""

    name: Literal["imdb"] = "imdb"


class Reuters(_Text):
    """11,228 newswires as word ids, 46 topics (Keras downloads 2 MB)."""

    name: Literal["reuters"] = "reuters"


class CaliforniaHousing(DatasetConfig):
    """20,640 districts with 8 features each; regression of the median house price (Keras downloads 1 MB)."""

    name: Literal["california_housing"] = "california_housing"
    scale: _Scale = option("standardize", SCALE)


DATASETS = Registry.of(
    "dataset",
    [
        Digits,
        Iris,
        Wine,
        BreastCancer,
        Diabetes,
        Moons,
        Circles,
        Spirals,
        Mnist,
        FashionMnist,
        Cifar10,
        Cifar100,
        Imdb,
        Reuters,
        CaliforniaHousing,
        Csv,
        Parquet,
        Xlsx,
        Texts,
        Images,
        Series,
        Npz,
    ],
    exact=True,
)

AnyDataset = Annotated[DatasetConfig, DATASETS]
