"""Keras's datasets: known without a download, kept in home without pickles, read without Keras."""

import numpy as np
import pytest

from tests.support.keras_data import housing, reuters
from trainer.config import DATASETS
from trainer.config.datasets import CaliforniaHousing, Cifar10, Imdb, Mnist, Reuters
from trainer.data import catalogue, describe, is_available, load, offline_names, store_download
from trainer.data.class_names import CIFAR100
from trainer.data.keras_sets import KERAS_SETS, kept_file
from trainer.errors import DataError, DownloadError
from trainer.home import Home


@pytest.mark.parametrize(
    ("dataset", "shape", "classes", "counts"),
    [
        (Mnist(), (28, 28), 10, (48_000, 12_000, 10_000)),
        (Cifar10(validation_fraction=0.1), (32, 32, 3), 10, (45_000, 5_000, 10_000)),
        (Imdb(maxlen=80), (80,), 2, (20_000, 5_000, 25_000)),
        (CaliforniaHousing(), (8,), None, (13_209, 3_303, 4_128)),
    ],
)
def test_shapes_classes_and_sizes_are_known_offline(dataset, shape, classes, counts, tmp_path) -> None:
    schema = describe(dataset, home=Home(tmp_path))
    assert (schema.input_shape, schema.classes) == (shape, classes)
    assert (schema.train, schema.validation, schema.test) == counts
    assert len(schema.class_names) == (classes or 0)
    assert schema.download_bytes


def test_catalogue_has_every_data_set_but_files_of_ones_own(tmp_path) -> None:
    home = Home(tmp_path)
    names = [schema.name for schema in catalogue(home)]
    assert sorted([*names, "csv", "images", "npz", "parquet", "series", "text", "xlsx"]) == sorted(DATASETS.members)
    assert [name for name in names if is_available(name, home=home)] == list(offline_names())
    assert {schema.name for schema in catalogue(home) if schema.download_bytes} == set(KERAS_SETS)
    assert not list(tmp_path.iterdir())


def test_data_set_that_is_not_there_is_refused_with_those_that_need_no_download(tmp_path) -> None:
    with pytest.raises(DownloadError, match=r"mnist is not downloaded yet \(11.5 MB\).* no download: digits, iris, "):
        load(Mnist(), home=Home(tmp_path))


def test_texts_come_back_cut_and_padded(tmp_path) -> None:
    home, arrays = Home(tmp_path), reuters()
    path = store_download("reuters", arrays, home=home)
    assert path == home.data / "keras" / "reuters.npz"
    assert [file.name for file in path.parent.iterdir()] == ["reuters.npz"]
    splits = load(Reuters(num_words=100, maxlen=5, validation_fraction=0.0), home=home)
    assert splits.train.x.dtype == np.int32
    for row, text in zip(splits.test.x[:50].tolist(), arrays["x_test"], strict=False):
        assert row == ([0] * 5 + [word if word < 100 else 2 for word in text])[-5:]
    assert (splits.schema.vocabulary, splits.schema.input_shape) == (100, (5,))
    assert (splits.center, splits.spread) == (0, 1)
    assert splits.digest == load(Reuters(maxlen=9), home=home).digest


def test_rows_come_back_with_keras_own_test_part(tmp_path) -> None:
    home, arrays = Home(tmp_path), housing()
    store_download("california_housing", arrays, home=home)
    splits = load(CaliforniaHousing(scale="none"), home=home)
    assert np.array_equal(splits.test.x, arrays["x_test"])
    assert np.array_equal(splits.test.y[:, 0], arrays["y_test"])
    assert splits.train.y.shape == (13_209, 1)
    assert is_available("california_housing", home=home)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "shape"), [("mnist", (28, 28)), ("cifar10", (32, 32, 3))])
def test_images_come_back_between_0_and_1(name: str, shape: tuple[int, ...], tmp_path) -> None:
    samples = {"train": KERAS_SETS[name].known.samples, "test": 10_000}
    arrays = {f"x_{part}": np.full((count, *shape), 51, np.uint8) for part, count in samples.items()}
    arrays |= {f"y_{part}": (np.arange(count) % 10).astype(np.uint8)[:, None] for part, count in samples.items()}
    store_download(name, arrays, home=Home(tmp_path))
    splits = load(DATASETS.members[name](), home=Home(tmp_path))
    assert splits.train.x.shape == (samples["train"] * 4 // 5, *shape)
    assert (splits.train.x.min(), splits.train.x.max()) == (np.float32(0.2), np.float32(0.2))
    assert splits.train.y.shape == (samples["train"] * 4 // 5,)


def test_something_else_than_the_data_set_is_not_kept(tmp_path) -> None:
    with pytest.raises(
        DownloadError, match=r"expected numbers in x_train of shape \(16512, 8\), got float32 of shape \(7, 8\)"
    ):
        store_download("california_housing", housing(samples=7), home=Home(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_damaged_file_says_to_delete_it(content: bytes | None, tmp_path) -> None:
    home = Home(tmp_path)
    path = kept_file("mnist", home)
    path.parent.mkdir(parents=True)
    if content is None:
        np.savez(path, other=np.ones(3))
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"mnist.npz .*Alternatively, delete .*mnist.npz to download it again\."):
        load(Mnist(), home=home)


def test_texts_that_do_not_fit_say_which_file_to_delete(tmp_path) -> None:
    home = Home(tmp_path)
    path = kept_file("imdb", home)
    path.parent.mkdir(parents=True)
    known = KERAS_SETS["imdb"].known
    numbers = {"train": known.samples, "test": known.test_samples or 0}
    parts = {
        f"{name}_{part}": array
        for part, samples in numbers.items()
        for name, array in (
            ("words", np.ones(3, np.int32)),
            ("offsets", np.arange(samples + 1, dtype=np.int64)),
            ("y", np.zeros(samples, np.int64)),
        )
    }
    np.savez(path, **parts)
    with pytest.raises(DataError, match=r"do not match their words\. Alternatively, delete .*imdb.npz to download"):
        load(Imdb(), home=home)


def test_class_names_are_as_many_as_there_are_classes() -> None:
    assert len(set(CIFAR100)) == 100
    assert list(CIFAR100) == sorted(CIFAR100)


@pytest.mark.slow
def test_topics_of_reuters_are_named_as_by_keras() -> None:
    from keras.datasets.reuters import get_label_names

    assert KERAS_SETS["reuters"].known.class_names == get_label_names()
