"""A person's own npz file: what it becomes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.config import Npz
from trainer.data import Kind, Task, describe, is_available, load
from trainer.home import Home

GENERATOR = np.random.default_rng(0)
TABLE = GENERATOR.normal(size=(100, 3))
BYTES = GENERATOR.integers(0, 256, (100, 6, 5), dtype=np.uint8)
LABELS = np.arange(100) % 4


def saved(folder: Path, *, fields: dict[str, Any] | None = None, **arrays: Any) -> tuple[Npz, Home]:
    np.savez(folder / "mine.npz", **arrays)
    return Npz(path=str(folder / "mine.npz"), **(fields or {})), Home(folder / "home")


@pytest.mark.parametrize(
    ("x", "kind", "shape"),
    [
        (TABLE, Kind.TABLE, (3,)),
        (TABLE[:, :2], Kind.POINTS, (2,)),
        (TABLE[:, 0], Kind.TABLE, (1,)),
        (BYTES, Kind.IMAGES, (6, 5)),
        (BYTES[..., None], Kind.IMAGES, (6, 5, 1)),
        (BYTES.astype(float), Kind.ARRAYS, (6, 5)),
        (TABLE > 0, Kind.TABLE, (3,)),
        (BYTES[:, 0].astype("int16"), Kind.TABLE, (5,)),
        (TABLE.astype(">f4"), Kind.TABLE, (3,)),
        (np.asfortranarray(BYTES), Kind.IMAGES, (6, 5)),
    ],
)
def test_shape_and_type_say_what_samples_are(x: Any, kind: Kind, shape: tuple[int, ...], tmp_path) -> None:
    dataset, home = saved(tmp_path, x=x, y=LABELS)
    schema, splits = describe(dataset, home=home), load(dataset, home=home)
    assert (schema.kind, schema.input_shape, schema.classes) == (kind, shape, 4)
    assert splits.schema == schema
    assert (splits.train.x.shape, splits.train.x.dtype) == ((64, *shape), np.float32)
    assert (schema.train, schema.validation, schema.test) == (64, 16, 20)


def test_bytes_are_divided_by_255_and_tables_standardized(tmp_path) -> None:
    images = load(saved(tmp_path, x=BYTES, y=LABELS)[0], home=Home(tmp_path))
    assert (images.center, images.spread) == (0, 255)
    table = load(saved(tmp_path, x=TABLE, y=LABELS)[0], home=Home(tmp_path))
    np.testing.assert_allclose(table.train.x.std(axis=0, dtype=float), 1, rtol=1e-6)
    plain = load(saved(tmp_path, x=TABLE, y=LABELS, fields={"scale": "none"})[0], home=Home(tmp_path))
    assert (plain.center, plain.spread) == (0, 1)


def test_own_test_part_is_kept_whole_and_apart(tmp_path) -> None:
    arrays = {"x_train": TABLE, "y_train": LABELS, "x_test": TABLE[:7] + 9, "y_test": LABELS[:7]}
    dataset, home = saved(tmp_path, **arrays, fields={"scale": "none", "test_fraction": 0.5})
    splits = load(dataset, home=home)
    assert (len(splits.train.x), len(splits.validation.x)) == (80, 20)
    assert np.array_equal(splits.test.x, (TABLE[:7] + 9).astype(np.float32))
    assert splits.test.y.tolist() == LABELS[:7].tolist()
    assert describe(dataset, home=home) == splits.schema


def test_training_pair_alone_is_divided(tmp_path) -> None:
    dataset, home = saved(tmp_path, x_train=TABLE, y_train=LABELS)
    assert describe(dataset, home=home).test == 20


def test_labels_with_gaps_count_from_0_and_keep_their_names(tmp_path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=np.array([0, 5, 9, 5])[LABELS])
    splits = load(dataset, home=home)
    assert splits.schema.class_names == ("0", "5", "9")
    assert set(splits.train.y.tolist()) == {0, 1, 2}


def test_class_that_only_the_test_part_has_is_a_class(tmp_path) -> None:
    arrays = {"x_train": TABLE, "y_train": LABELS, "x_test": TABLE[:2], "y_test": np.array([4, 0])}
    dataset, home = saved(tmp_path, **arrays)
    assert describe(dataset, home=home).classes == 5
    assert load(dataset, home=home).test.y.tolist() == [4, 0]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "bool"])
def test_one_hot_rows_are_classes(dtype: str, tmp_path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=np.eye(4)[LABELS].astype(dtype))
    splits = load(dataset, home=home)
    assert (splits.schema.classes, splits.schema.class_names) == (4, ("0", "1", "2", "3"))
    assert np.array_equal(np.bincount(splits.train.y), [16, 16, 16, 16])


@pytest.mark.parametrize("y", [LABELS > 1, (LABELS > 1).astype(np.uint8), LABELS[:, None]])
def test_booleans_bytes_and_columns_are_labels(y: Any, tmp_path) -> None:
    schema = describe(saved(tmp_path, x=TABLE, y=y)[0], home=Home(tmp_path))
    assert schema.task is Task.CLASSIFICATION
    assert schema.class_names in {("False", "True"), ("0", "1"), ("0", "1", "2", "3")}


@pytest.mark.parametrize(("y", "outputs"), [(TABLE[:, 0], 1), (TABLE[:, :1], 1), (TABLE, 3), (TABLE[:, 0] // 1, 1)])
def test_floats_are_values(y: Any, outputs: int, tmp_path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=y)
    splits = load(dataset, home=home)
    assert (splits.schema.task, splits.schema.outputs, splits.schema.classes) == (Task.REGRESSION, outputs, None)
    assert (splits.train.y.shape, splits.train.y.dtype) == ((64, outputs), np.float32)


def test_task_overrides_what_y_looks_like(tmp_path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS, fields={"task": "regression"})
    assert load(dataset, home=home).train.y.shape == (64, 1)
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS.astype(float), fields={"task": "classification"})
    assert describe(dataset, home=home).classes == 4
    dataset, home = saved(tmp_path, x=TABLE, y=np.eye(4)[LABELS], fields={"task": "regression"})
    assert describe(dataset, home=home).outputs == 4


def test_digest_is_of_the_arrays_not_of_the_file(tmp_path) -> None:
    plain, home = saved(tmp_path, x=TABLE, y=LABELS)
    before = load(plain, home=home).digest
    np.savez_compressed(tmp_path / "packed.npz", y=LABELS, x=TABLE)
    assert load(Npz(path=str(tmp_path / "packed.npz")), home=home).digest == before
    assert load(saved(tmp_path, x=TABLE, y=LABELS[::-1])[0], home=home).digest != before


def test_relative_path_is_found_in_homes_data_folder(tmp_path, monkeypatch) -> None:
    home = Home(tmp_path / "home").make()
    np.savez(home.data / "kept.npz", x=TABLE, y=LABELS)
    monkeypatch.chdir(tmp_path)
    assert is_available(Npz(path="kept.npz"), home=home)
    assert load(Npz(path="kept.npz"), home=home).schema.classes == 4
    assert is_available(Npz(path="missing.npz"), home=home), "it is not a download that it waits for"
