"""What else a person's npz file may hold: weights of samples, a validation part, arrays that nothing knows."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.config import Npz
from trainer.data import Kind, describe, load
from trainer.errors import DataError
from trainer.home import Home

TABLE = np.random.default_rng(0).normal(size=(100, 3))
LABELS = np.arange(100) % 4
WEIGHTS = np.linspace(0, 2, 100)


def saved(folder: Path, *, fields: dict[str, Any] | None = None, **arrays: Any) -> tuple[Npz, Home]:
    np.savez(folder / "mine.npz", **arrays)
    return Npz(path=str(folder / "mine.npz"), **(fields or {})), Home(folder / "home")


def test_weights_go_with_their_samples_through_the_split(tmp_path: Path) -> None:
    dataset, home = saved(
        tmp_path, x=np.column_stack([WEIGHTS, TABLE]), y=LABELS, sample_weight=WEIGHTS, fields={"scale": "none"}
    )
    splits = load(dataset, home=home)
    assert splits.weights is not None
    assert splits.weights.dtype == np.float32
    assert np.array_equal(splits.weights, splits.train.x[:, 0])
    assert len(splits.weights) == len(splits.train.y) == 64
    assert splits.schema == describe(dataset, home=home)
    assert any("sample_weight" in note for note in splits.notes)


@pytest.mark.parametrize("key", ["sample_weight", "sample_weight_train"])
def test_weights_as_a_column_or_under_the_training_parts_name_are_taken(key: str, tmp_path: Path) -> None:
    dataset, home = saved(tmp_path, x_train=TABLE, y_train=LABELS, **{key: WEIGHTS[:, None].astype("float16")})
    weights = load(dataset, home=home).weights
    assert weights is not None
    assert weights.shape == (64,)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (WEIGHTS[:99], r"shape \(99,\).*100 samples of x"),
        (np.ones((100, 2)), r"shape \(100, 2\)"),
        (-WEIGHTS, "non-negative"),
        (np.full(100, np.nan), "finite"),
        (np.zeros(100), "not 0 for all"),
        (np.array(["a"] * 100), "contains text"),
    ],
)
def test_weights_that_cannot_be_are_refused_in_a_sentence(weights: Any, words: str, tmp_path: Path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS, sample_weight=weights)
    with pytest.raises(DataError, match=words):
        describe(dataset, home=home)
    with pytest.raises(DataError, match=words):
        load(dataset, home=home)


@pytest.mark.parametrize("has_test", [False, True])
def test_own_validation_part_is_kept_whole_and_nothing_is_cut_from_training(has_test: bool, tmp_path: Path) -> None:
    part = "_train" if has_test else ""
    arrays: dict[str, Any] = {f"x{part}": TABLE, f"y{part}": LABELS, "x_val": TABLE[:9] + 5, "y_val": LABELS[:9]}
    arrays |= {"x_test": TABLE[:7], "y_test": LABELS[:7]} if has_test else {}
    dataset, home = saved(tmp_path, **arrays, fields={"scale": "none", "validation_fraction": 0.5})
    splits = load(dataset, home=home)
    assert np.array_equal(splits.validation.x, (TABLE[:9] + 5).astype(np.float32))
    assert splits.validation.y.tolist() == LABELS[:9].tolist()
    assert (len(splits.train.x), len(splits.test.x)) == ((100, 7) if has_test else (80, 20))
    schema = describe(dataset, home=home)
    assert schema == splits.schema
    assert (schema.train, schema.validation, schema.test) == ((100, 9, 7) if has_test else (80, 9, 20))
    assert any("x_val" in note for note in splits.notes)


def test_own_validation_part_must_fit_the_training_part(tmp_path: Path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS, x_val=TABLE[:9, :2], y_val=LABELS[:9])
    with pytest.raises(DataError, match="x_val"):
        describe(dataset, home=home)
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS, x_val=TABLE[:9] * np.nan, y_val=LABELS[:9])
    with pytest.raises(DataError, match=r"x_val in mine\.npz contains NaN"):
        describe(dataset, home=home)


def test_every_other_array_is_named_as_ignored(tmp_path: Path) -> None:
    more = {"class_names": np.array(["a"]), "x_val": TABLE, "groups": np.arange(3), "Y": LABELS}
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS, **more)
    schema = describe(dataset, home=home)
    assert schema.ignored == "class_names, x_val, groups, Y"
    assert "mine.npz also contains class_names, x_val, groups, Y" in " ".join(load(dataset, home=home).notes)
    assert describe(saved(tmp_path, x=TABLE, y=LABELS)[0], home=home).ignored == ""


def test_digest_counts_weights_and_validation_and_no_ignored_array(tmp_path: Path) -> None:
    def digest(**more: Any) -> str:
        dataset, home = saved(tmp_path, x=TABLE, y=LABELS, **more)
        return load(dataset, home=home).digest

    plain = digest()
    assert digest(other=WEIGHTS) == plain
    validation = digest(x_val=TABLE, y_val=LABELS)
    tested = digest_of_divided(tmp_path)
    assert len({plain, digest(sample_weight=WEIGHTS), digest(sample_weight=WEIGHTS / 2), validation, tested}) == 5


def digest_of_divided(folder: Path) -> str:
    arrays = {"x_train": TABLE, "y_train": LABELS, "x_test": TABLE, "y_test": LABELS}
    dataset, home = saved(folder, **arrays)
    return load(dataset, home=home).digest


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (TABLE, r"must contain integers of shape .* for inputs: tokens, got float64 of shape \(100, 3\)"),
        (np.zeros((100, 4, 4), int), r"shape \(100, 4, 4\)"),
        (LABELS[:, None] - 1, "contains -1; tokens start at 0, so add 1 to all"),
        (LABELS[:, None] + 2**40, "number the tokens consecutively from 0"),
    ],
)
def test_what_cannot_be_tokens_is_refused(x: Any, words: str, tmp_path: Path) -> None:
    dataset, home = saved(tmp_path, x=x, y=LABELS, fields={"inputs": "tokens"})
    for ask in (describe, load):
        with pytest.raises(DataError, match=words):
            ask(dataset, home=home)


def test_channels_first_needs_images(tmp_path: Path) -> None:
    dataset, home = saved(tmp_path, x=TABLE, y=LABELS, fields={"channels": "first"})
    with pytest.raises(DataError, match=r"\(samples, channels, height, width\)"):
        describe(dataset, home=home)


def test_digest_of_images_is_the_same_wherever_their_channels_are_said_to_be(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (100, 3, 9, 8))
    first, home = saved(tmp_path, x=x, y=LABELS, fields={"channels": "first"})
    assert load(first, home=home).digest == load(first.replace(channels="last"), home=home).digest


def test_fields_of_later_versions_are_left_out_at_their_default() -> None:
    plain = Npz(path="x.npz")
    assert "inputs" not in plain.model_dump()
    assert "channels" not in plain.model_dump_json()
    changed = Npz(path="x.npz", inputs="tokens", channels="first")
    assert Npz.model_validate(changed.model_dump()) == changed


@pytest.mark.parametrize(
    ("x", "is_image"),
    [
        (np.random.default_rng(0).random((100, 12, 10)), True),
        (np.random.default_rng(0).integers(0, 9, (100, 28, 28)), True),
        (np.random.default_rng(0).normal(size=(100, 12, 10)), False),
        (np.random.default_rng(0).random((100, 50, 3)), False),
        (np.random.default_rng(0).random((100, 50, 9)), False),
    ],
)
def test_rows_of_rows_are_images_where_they_look_like_one(x: Any, is_image: bool, tmp_path: Path) -> None:
    dataset, home = saved(tmp_path, x=x, y=LABELS)
    assert describe(dataset, home=home).kind is (Kind.IMAGES if is_image else Kind.ARRAYS)


@pytest.mark.parametrize("dtype", ["float16", "longdouble", ">f8", "<f4", ">u2", "int8", "uint64", "bool"])
def test_numbers_of_every_type_are_loaded(dtype: str, tmp_path: Path) -> None:
    x = np.arange(300).reshape(100, 3) % 7
    dataset, home = saved(tmp_path, x=x.astype(dtype), y=LABELS, fields={"scale": "none"})
    splits = load(dataset, home=home)
    assert set(np.unique(splits.train.x)) <= set(np.unique(x.astype(dtype).astype("float32")))
    assert len(splits.digest) == 64
