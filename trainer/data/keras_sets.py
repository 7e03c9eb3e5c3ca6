"""The datasets that Keras downloads: described without a download, and read from home after it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import DatasetConfig
from trainer.config.datasets import Imdb, Reuters
from trainer.data import class_names
from trainer.data.npz_file import QUICK, NpzFile
from trainer.data.points import POINTS
from trainer.data.schema import Kind, Task
from trainer.data.source import About, AnyArray, Arrays, Raw, digest_of
from trainer.data.tables import TABLES
from trainer.data.texts import Texts
from trainer.errors import DataError, DownloadError
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = ["KERAS_SETS", "KerasSet", "KerasTexts", "kept_file", "offline_names"]


_KEYS = ("x_train", "y_train", "x_test", "y_test")
_TEXT_KEYS = ("words_train", "offsets_train", "y_train", "words_test", "offsets_test", "y_test")
# A preview chooses among the first texts: padding all of them would delay the page.
_ENOUGH_TEXTS = 1000


def offline_names() -> tuple[str, ...]:
    """Return the names of the datasets that need no download: they ship with scikit-learn or are generated."""
    return (*TABLES, *POINTS)


def kept_file(name: str, home: Home) -> Path:
    """Return the file of a downloaded dataset in home."""
    return home.data / "keras" / f"{name}.npz"


def _read_kept(
    name: str, keys: Collection[str], home: Home, known: About, *, quick: bool = False
) -> dict[str, AnyArray]:
    path = kept_file(name, home)
    if not path.is_file():
        raise DownloadError(
            f"The dataset {name} is not downloaded yet ({readable_bytes(known.download_bytes or 0)}); train on "
            f"it while online, or use a dataset that needs no download: {', '.join(offline_names())}."
        )
    with _damaged(path), NpzFile(path, name=path.name) as file:
        file.admit(keys)
        return {key: file.start(key, QUICK) if quick else file.read(key) for key in keys}


@contextmanager
def _damaged(path: Path) -> Iterator[None]:
    """Add to an error about a downloaded file how to replace the file."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{error} Alternatively, delete {path} to download it again.") from error


@dataclass(frozen=True)
class KerasSet:
    """Images or tables with their own test data."""

    known: About

    def about(self, dataset: DatasetConfig, home: Home) -> About:
        """Describe the dataset without a download."""
        return self.known

    def is_available(self, dataset: DatasetConfig, home: Home) -> bool:
        """Return whether the dataset has been downloaded."""
        return kept_file(dataset.kind, home).is_file()

    def look_through(self, dataset: DatasetConfig, home: Home) -> None:
        """Do nothing: the samples were checked when they were stored."""

    def read(self, dataset: DatasetConfig, home: Home) -> Raw:
        """Read all samples, x in the dtype that Keras returns."""
        arrays = _read_kept(dataset.kind, _KEYS, home, self.known).values()
        x, y, x_test, y_test = arrays
        return Raw(
            train=Arrays(x, _targets(y, self.known)),
            test=Arrays(x_test, _targets(y_test, self.known)),
            digest=digest_of(*arrays),
        )

    def peek(self, dataset: DatasetConfig, home: Home) -> Arrays:
        """Read the first training samples."""
        kept = _read_kept(dataset.kind, _KEYS[:2], home, self.known, quick=True)
        x = kept["x_train"]
        return Arrays(x, _targets(kept["y_train"], self.known)[: len(x)])


@dataclass(frozen=True)
class KerasTexts:
    """Texts as word ids with their own test data."""

    known: About

    def about(self, dataset: Imdb | Reuters, home: Home) -> About:
        """Describe the dataset without a download."""
        return replace(self.known, input_shape=(dataset.maxlen,), vocabulary=dataset.num_words)

    def is_available(self, dataset: Imdb | Reuters, home: Home) -> bool:
        """Return whether the dataset has been downloaded."""
        return kept_file(dataset.kind, home).is_file()

    def look_through(self, dataset: Imdb | Reuters, home: Home) -> None:
        """Do nothing: the samples were checked when they were stored."""

    def read(self, dataset: Imdb | Reuters, home: Home) -> Raw:
        """Read all texts, truncated or padded to `maxlen` words: x of shape (texts, maxlen), int32."""
        kept = _read_kept(dataset.kind, _TEXT_KEYS, home, self.known)
        return Raw(
            train=_padded(kept, "train", dataset, self.known, home),
            test=_padded(kept, "test", dataset, self.known, home),
            digest=digest_of(*kept.values()),
        )

    def peek(self, dataset: Imdb | Reuters, home: Home) -> Arrays:
        """Read the first training texts."""
        kept = _read_kept(dataset.kind, _TEXT_KEYS[:3], home, self.known)
        return _padded(kept, "train", dataset, self.known, home, texts=_ENOUGH_TEXTS)


def _padded(
    kept: Mapping[str, AnyArray],
    part: str,
    dataset: Imdb | Reuters,
    known: About,
    home: Home,
    *,
    texts: int | None = None,
) -> Arrays:
    with _damaged(kept_file(dataset.kind, home)):
        found = Texts(kept[f"words_{part}"], kept[f"offsets_{part}"])
    wanted = found if texts is None else found.first(texts)
    x = wanted.padded(num_words=dataset.num_words, maxlen=dataset.maxlen)
    return Arrays(x, _targets(kept[f"y_{part}"], known)[: len(x)])


def _targets(y: AnyArray, known: About) -> AnyArray:
    # CIFAR's labels have shape (samples, 1), all others (samples,).
    if known.task is Task.CLASSIFICATION:
        return y.reshape(-1).astype(np.int64)
    return y.reshape(len(y), -1).astype(np.float32)


def _images(title: str, shape: tuple[int, ...], *, train: int, names: tuple[str, ...], size: int) -> KerasSet:
    about = About(
        title=title,
        kind=Kind.IMAGES,
        task=Task.CLASSIFICATION,
        input_shape=shape,
        samples=train,
        test_samples=10_000,
        classes=len(names),
        class_names=names,
        download_bytes=size,
        largest=255.0,
    )
    return KerasSet(about)


def _texts(title: str, *, train: int, test: int, names: tuple[str, ...], size: int) -> KerasTexts:
    about = About(
        title=title,
        kind=Kind.SEQUENCES,
        task=Task.CLASSIFICATION,
        input_shape=(200,),
        input_dtype="int32",
        samples=train,
        test_samples=test,
        classes=len(names),
        class_names=names,
        download_bytes=size,
    )
    return KerasTexts(about)


# The columns have no names, because Keras's documentation does not state their order.
_HOUSING = About(
    title="California house prices",
    kind=Kind.TABLE,
    task=Task.REGRESSION,
    input_shape=(8,),
    samples=16_512,
    test_samples=4_128,
    # Mean and standard deviation over all 20,640 districts.
    targets=((206_856.0, 115_396.0),),
    download_bytes=743_530,
)

KERAS_SETS: Mapping[str, Any] = {
    "mnist": _images("Handwritten digits, 28 × 28", (28, 28), train=60_000, names=class_names.DIGITS, size=11_490_434),
    "fashion_mnist": _images("Clothing, 28 × 28", (28, 28), train=60_000, names=class_names.FASHION, size=30_878_645),
    "cifar10": _images(
        "Photographs, 10 classes, 32 × 32", (32, 32, 3), train=50_000, names=class_names.CIFAR10, size=170_498_071
    ),
    "cifar100": _images(
        "Photographs, 100 classes, 32 × 32", (32, 32, 3), train=50_000, names=class_names.CIFAR100, size=169_001_437
    ),
    "imdb": _texts(
        "Movie reviews, positive or negative", train=25_000, test=25_000, names=class_names.REVIEWS, size=17_464_789
    ),
    "reuters": _texts("Newswires by topic", train=8_982, test=2_246, names=class_names.REUTERS, size=2_110_848),
    "california_housing": KerasSet(_HOUSING),
}
"""Keyed by the name in a config. Sizes and counts are those of the files that Keras 3.15 downloads."""
