"""Data sets that a config can name, with their fields; what they hold is known to `trainer.data`."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from trainer.config.component import Component, Registry, option
from trainer.config.values import Fraction, Number, Seed, Size, Text

__all__ = [
    "DATASETS",
    "AnyDataset",
    "BreastCancer",
    "CaliforniaHousing",
    "Cifar10",
    "Cifar100",
    "Circles",
    "DatasetConfig",
    "Diabetes",
    "Digits",
    "FashionMnist",
    "Imdb",
    "Iris",
    "Mnist",
    "Moons",
    "Npz",
    "Reuters",
    "Spirals",
    "Wine",
]

_SCALE = (
    "unit: divided by the largest possible value; standardize: mean 0 and deviation 1 over the training part; "
    "none: unchanged."
)
_Scale = Literal["unit", "standardize", "none"]
_Noise = Annotated[Number, Field(ge=0)]
_LATER = frozenset({"inputs", "channels"})
_Samples = Annotated[Size, Field(ge=10, le=1_000_000)]


class DatasetConfig(Component):
    """What every data set has: how it is split."""

    validation_fraction: Fraction = option(
        0.2, "The share of the training part that is held back and measured after every epoch; 0 is none."
    )
    split_seed: Seed = option(0, "The seed of the splits; another seed, another split.")


class _Undivided(DatasetConfig):
    test_fraction: Fraction = option(0.2, "The share that is never seen in training and measured once at the end.")


class Digits(_Undivided):
    """1,797 handwritten digits of 8 × 8 grey points (scikit-learn)."""

    name: Literal["digits"] = "digits"
    scale: _Scale = option("unit", _SCALE)


class Iris(_Undivided):
    """150 iris flowers of 3 species by 4 lengths (scikit-learn)."""

    name: Literal["iris"] = "iris"
    scale: _Scale = option("standardize", _SCALE)


class Wine(_Undivided):
    """178 wines of 3 growers by 13 chemical measures (scikit-learn)."""

    name: Literal["wine"] = "wine"
    scale: _Scale = option("standardize", _SCALE)


class BreastCancer(_Undivided):
    """569 tumours, malignant or benign, by 30 measures (scikit-learn)."""

    name: Literal["breast_cancer"] = "breast_cancer"
    scale: _Scale = option("standardize", _SCALE)


class Diabetes(_Undivided):
    """442 patients by 10 measures, and how far the disease went in a year: a regression (scikit-learn)."""

    name: Literal["diabetes"] = "diabetes"
    scale: _Scale = option("standardize", _SCALE)


class _Points(_Undivided):
    samples: _Samples = option(1000, "How many points are drawn.")
    noise: _Noise = option(0.1, "The deviation of the noise added to each point.")
    random_state: Seed = option(0, "The seed that the points are drawn with.")
    scale: _Scale = option("none", _SCALE)


class Moons(_Points):
    """Points in the plane: two half moons that interlock."""

    name: Literal["moons"] = "moons"


class Circles(_Points):
    """Points in the plane: a circle within a circle."""

    name: Literal["circles"] = "circles"
    factor: Annotated[Number, Field(ge=0, lt=1)] = option(0.5, "The inner circle's size, as a share of the outer's.")


class Spirals(_Points):
    """Points in the plane: arms of a spiral, the hardest of the three."""

    name: Literal["spirals"] = "spirals"
    arms: Annotated[Size, Field(ge=2, le=10)] = option(2, "How many arms, each its own class.")
    turns: Annotated[Number, Field(gt=0, le=10)] = option(1.0, "How often each arm winds round.")


class Mnist(DatasetConfig):
    """70,000 handwritten digits of 28 × 28 grey points (downloaded by Keras, 11 MB)."""

    name: Literal["mnist"] = "mnist"
    scale: _Scale = option("unit", _SCALE)


class FashionMnist(DatasetConfig):
    """70,000 pieces of clothing of 28 × 28 grey points (downloaded by Keras, 30 MB)."""

    name: Literal["fashion_mnist"] = "fashion_mnist"
    scale: _Scale = option("unit", _SCALE)


class Cifar10(DatasetConfig):
    """60,000 photographs of 32 × 32 points, 10 classes (downloaded by Keras, 170 MB)."""

    name: Literal["cifar10"] = "cifar10"
    scale: _Scale = option("unit", _SCALE)


class Cifar100(DatasetConfig):
    """60,000 photographs of 32 × 32 points, 100 classes (downloaded by Keras, 169 MB)."""

    name: Literal["cifar100"] = "cifar100"
    scale: _Scale = option("unit", _SCALE)


class _Text(DatasetConfig):
    num_words: Annotated[Size, Field(ge=4)] = option(10_000, "Only this many of the commonest words are told apart.")
    maxlen: Annotated[Size, Field(le=5_000)] = option(200, "Texts are cut, or padded in front, to this many words.")
    scale: Literal["none"] = option("none", "Words are numbers of a list: there is nothing to scale.", advanced=True)


class Imdb(_Text):
    """50,000 film reviews, good or bad, as numbers of words (downloaded by Keras, 17 MB)."""

    name: Literal["imdb"] = "imdb"


class Reuters(_Text):
    """11,228 news wires of 46 topics, as numbers of words (downloaded by Keras, 2 MB)."""

    name: Literal["reuters"] = "reuters"


class CaliforniaHousing(DatasetConfig):
    """20,640 districts by 8 measures, and the median price of a house: a regression (downloaded by Keras, 1 MB)."""

    name: Literal["california_housing"] = "california_housing"
    scale: _Scale = option("standardize", _SCALE)


class Npz(_Undivided):
    """Your own arrays in one NumPy file: x and y, or x_train, y_train, x_test, y_test; x_val, y_val; sample_weight."""

    name: Literal["npz"] = "npz"
    path: Text = option(..., "The file. Nothing in it is unpickled.", min_length=1)
    scale: _Scale | None = option(
        None, _SCALE + " By default unit for uint8, else standardize for tables and none for the rest."
    )
    task: Literal["auto", "classification", "regression"] = option(
        "auto", "What y is: by default classes where it holds integers, values where it holds fractions."
    )
    inputs: Literal["numbers", "tokens"] = option(
        "numbers", "What x is: tokens are integers from 0 for an Embedding, such as the numbers of words."
    )
    channels: Literal["last", "first"] = option(
        "last", "Where images have their channels; first is (samples, channels, height, width), as PyTorch has them."
    )

    @model_serializer(mode="wrap")
    def _without_later_fields(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leaves out at their default the fields that earlier versions did not know, so that digests stay the same."""
        fields: dict[str, Any] = serialize(self)
        known = type(self).model_fields
        return {name: value for name, value in fields.items() if name not in _LATER or value != known[name].default}


DATASETS = Registry.of(
    "data set",
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
        Npz,
    ],
    exact=True,
)

AnyDataset = Annotated[DatasetConfig, DATASETS]
