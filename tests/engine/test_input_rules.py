"""Rules about a person's own file, on real files: each is found, and its fix ends it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.shapes import shapes_of
from trainer.config import Config, parse_config
from trainer.config.check import Problem, apply_edits
from trainer.data import Kind, describe, load
from trainer.engine.rules import find_problems
from trainer.home import Home

RANDOM = np.random.default_rng(0)
LABELS = np.arange(60) % 3
PIXELS = RANDOM.integers(0, 256, (60, 12, 10))
COLORS = RANDOM.integers(0, 256, (60, 12, 10, 3))
TOKENS = RANDOM.integers(0, 50, (60, 7))
OUTPUT: list[Any] = [{"layer": "Dense", "units": 3, "activation": "softmax"}]
EMBEDDED: list[Any] = [{"layer": "Embedding", "input_dim": 50, "output_dim": 4}, "GlobalAveragePooling1D", *OUTPUT]


def _config(folder: Path, x: Any, layers: list[Any] | None = None, **dataset: Any) -> Config:
    np.savez(folder / "own.npz", x=x, y=LABELS)
    fields = {
        "dataset": {"name": "npz", "path": str(folder / "own.npz"), **dataset},
        "layers": ["Flatten", *OUTPUT] if layers is None else layers,
        "loss": "SparseCategoricalCrossentropy",
    }
    return parse_config(fields)


def _problems(config: Config, folder: Path) -> tuple[Problem, ...]:
    schema = describe(config.dataset, home=Home(folder))
    return find_problems(config, schema, shapes_of(config, schema.input_shape))


def _mended(config: Config, folder: Path) -> Config:
    (problem,) = _problems(config, folder)
    assert problem.fix
    return parse_config(apply_edits(config.short(), problem.edits))


@pytest.mark.parametrize(
    ("x", "fields", "words", "scale"),
    [
        (PIXELS.astype("float32"), {}, "reach 255 and are not scaled", "unit"),
        (COLORS.astype("float64"), {}, "reach 255 and are not scaled", "unit"),
        (PIXELS, {}, "reach 255", "unit"),
        (COLORS, {}, "reach 255", "unit"),
        (COLORS.astype("uint16") * 257, {}, "reach 65,535", "unit"),
        (COLORS.astype("uint8"), {"scale": "none"}, "reach 255", "unit"),
        (PIXELS[:, 0] * 1000, {"scale": "none"}, "reach 255,000", "standardize"),
        (PIXELS / 255 / 255, {}, "divided by 255 twice", "unit"),
        (PIXELS.astype("uint8") > 99, {"scale": "none"}, "", None),
        ((PIXELS > 99).astype("uint8"), {}, "are at most 1, but scale: unit divides them by 255", "none"),
        (PIXELS / 255, {}, "", None),
        (COLORS.astype("uint8"), {}, "", None),
    ],
)
def test_numbers_far_from_1_are_said_with_the_scale_that_mends_them(
    x: Any, fields: dict[str, Any], words: str, scale: str | None, tmp_path: Path
) -> None:
    config = _config(tmp_path, x, **fields)
    if scale is None:
        assert not _problems(config, tmp_path)
        return
    (problem,) = _problems(config, tmp_path)
    assert problem.where == "dataset.scale"
    assert words in problem.message
    mended = _mended(config, tmp_path)
    assert mended.dataset.arguments()["scale"] == scale
    assert not _problems(mended, tmp_path)
    assert 0.5 < np.abs(load(mended.dataset, home=Home(tmp_path)).train.x).max() < 5


@pytest.mark.parametrize("first", ["Rescaling", "BatchNormalization"])
def test_network_that_scales_by_itself_needs_no_scale(first: str, tmp_path: Path) -> None:
    layer = {"layer": first, "scale": 1 / 255} if first == "Rescaling" else {"layer": first}
    assert not _problems(_config(tmp_path, PIXELS.astype(float), ["Flatten", layer, *OUTPUT]), tmp_path)


@pytest.mark.parametrize(
    ("x", "fields", "offset", "by"),
    [
        (COLORS.astype("uint8"), {}, 0, "(scale: unit)"),
        (COLORS.astype("uint8"), {"scale": "standardize"}, 0, "(scale: standardize)"),
        (COLORS / 255, {}, 0, "in the file"),
        (COLORS.astype("uint8"), {}, -1, "(scale: unit)"),
        (COLORS.astype("uint8"), {"scale": "none"}, 0, None),
        (COLORS.astype("float32"), {}, -1, None),
    ],
)
def test_rescaling_of_what_is_scaled_is_said(
    x: Any, fields: dict[str, Any], offset: int, by: str | None, tmp_path: Path
) -> None:
    first = {"layer": "Rescaling", "scale": (1 - offset) / 255, "offset": offset}
    config = _config(tmp_path, x, ["Flatten", first, *OUTPUT], **fields)
    if by is None:
        assert not _problems(config, tmp_path)
        return
    (problem,) = _problems(config, tmp_path)
    assert problem.where == "layers.2"
    assert by in problem.message
    mended = _mended(config, tmp_path)
    assert not _problems(mended, tmp_path)
    assert [layer.kind for layer in mended.layers][1] == ("Rescaling" if offset else "Dense")


@pytest.mark.parametrize("x", [COLORS / 255, COLORS.astype("uint8"), COLORS[..., :1] / 255])
def test_channels_first_are_said_and_put_last(x: Any, tmp_path: Path) -> None:
    config = _config(tmp_path, np.moveaxis(x, -1, 1))
    (problem,) = _problems(config, tmp_path)
    assert problem.where == "dataset.channels"
    assert "look like channels-first images" in problem.message
    mended = _mended(config, tmp_path)
    assert not _problems(mended, tmp_path)
    schema, splits = describe(mended.dataset, home=Home(tmp_path)), load(mended.dataset, home=Home(tmp_path))
    assert (schema.kind, schema.input_shape) == (Kind.IMAGES, x.shape[1:])
    plain = load(_config(tmp_path, x).dataset, home=Home(tmp_path))
    assert np.array_equal(splits.train.x, plain.train.x)
    assert splits.train.x.flags.c_contiguous


def test_channels_first_are_said_before_the_errors_that_follow_from_them(tmp_path: Path) -> None:
    layers = [{"layer": "Conv2D", "filters": 4, "kernel_size": 5}, "Flatten", *OUTPUT]
    found = _problems(_config(tmp_path, np.moveaxis(COLORS[..., :1] / 255, -1, 1), layers), tmp_path)
    assert [problem.where for problem in found] == ["dataset.channels", "layers.1"]


def test_channels_first_of_images_that_have_them_last_is_said(tmp_path: Path) -> None:
    config = _config(tmp_path, COLORS / 255, channels="first")
    assert _mended(config, tmp_path).dataset.arguments()["channels"] == "last"


@pytest.mark.parametrize("dtype", ["int64", "uint16", "uint8"])
def test_integers_before_an_embedding_are_taken_for_tokens_by_the_fix(dtype: str, tmp_path: Path) -> None:
    config = _config(tmp_path, TOKENS.astype(dtype), EMBEDDED)
    (problem,) = _problems(config, tmp_path)
    assert (problem.where, problem.fix) == (
        "layers.1",
        "Set inputs of the dataset to tokens.",
    )
    assert "integers that the dataset passes as float32" in problem.message
    mended = _mended(config, tmp_path)
    assert [layer.kind for layer in mended.layers] == [layer.kind for layer in config.layers]
    assert not _problems(mended, tmp_path)
    schema, splits = describe(mended.dataset, home=Home(tmp_path)), load(mended.dataset, home=Home(tmp_path))
    assert (schema.kind, schema.input_dtype, schema.vocabulary) == (Kind.SEQUENCES, "int32", 50)
    assert (splits.train.x.dtype, splits.scale) == (np.int32, "none")
    assert set(np.unique(splits.train.x)) <= set(range(50))
    assert splits.schema == schema


def test_tokens_beyond_input_dim_are_said_and_the_scale_goes(tmp_path: Path) -> None:
    small = [{**EMBEDDED[0], "input_dim": 20}, *EMBEDDED[1:]]
    mended = _mended(_config(tmp_path, TOKENS, small, scale="unit"), tmp_path)
    assert mended.layers[0].arguments()["input_dim"] == 50
    assert mended.dataset.arguments()["scale"] is None
    (problem,) = _problems(_config(tmp_path, TOKENS, small, inputs="tokens"), tmp_path)
    assert "`input_dim` of Embedding is 20, but tokens go up to 49; expected at least 50." in problem.message


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (TOKENS - 1, "integers from -1; tokens start at 0, so add 1 to all of them in the file."),
        (TOKENS.astype("float32"), "if these are word ids, save them as integers and set inputs to"),
    ],
)
def test_tokens_that_need_another_file_keep_their_embedding(x: Any, words: str, tmp_path: Path) -> None:
    (problem,) = _problems(_config(tmp_path, x, EMBEDDED), tmp_path)
    assert words in problem.message
    assert problem.fix is None


@pytest.mark.parametrize("x", [TOKENS > 9, np.where(TOKENS.max() == TOKENS, 48.5, TOKENS)])
def test_what_cannot_be_tokens_is_called_numbers(x: Any, tmp_path: Path) -> None:
    (problem,) = _problems(_config(tmp_path, x, EMBEDDED), tmp_path)
    assert "its input is float32, not integers" in problem.message
    assert problem.fix == "Remove the Embedding."


@pytest.mark.parametrize(
    ("factors", "smallest"), [([1e-9], "1e-09"), ([1.0, 1e-7], "1e-07"), ([1e-3], None), ([1.0, 0.0], None)]
)
def test_targets_that_hardly_differ_are_said(factors: list[float], smallest: str | None, tmp_path: Path) -> None:
    x = np.linspace(-1.732, 1.732, 100)[:, None]
    np.savez(tmp_path / "own.npz", x=x, y=x * factors)
    fields = {
        "dataset": {"name": "npz", "path": str(tmp_path / "own.npz")},
        "layers": [{"layer": "Dense", "units": len(factors)}],
        "loss": "mse",
    }
    messages = [problem.message for problem in _problems(parse_config(fields), tmp_path)]
    if smallest is None:
        assert messages == []
    else:
        assert messages == [
            f"Targets vary by only about {smallest}, which is too little to learn from. Scale them up in the file."
        ]


@pytest.mark.slow
def test_large_targets_are_learned_after_the_fix_and_told_in_their_own_unit(tmp_path: Path) -> None:
    from tests.support.engine import Memory
    from trainer.engine.train import train

    x = RANDOM.normal(size=(400, 3))
    y = 3e6 + 4e5 * (x @ [1.0, -2.0, 0.5] + RANDOM.normal(scale=0.1, size=400))
    np.savez(tmp_path / "own.npz", x=x, y=y)
    fields = {
        "dataset": {"name": "npz", "path": str(tmp_path / "own.npz")},
        "layers": [{"layer": "Dense", "units": 16, "activation": "relu"}, {"layer": "Dense", "units": 1}],
        "loss": "mse",
        "metrics": ["mae"],
        "optimizer": {"name": "Adam", "learning_rate": 0.01},
        "epochs": 30,
    }
    config = parse_config(fields)
    mended = _mended(config, tmp_path)
    assert not _problems(mended, tmp_path)
    splits = load(config.dataset, home=Home(tmp_path))
    before, after = (train(each, splits, Memory())[0].evaluation for each in (config, mended))
    assert before.metrics["test_mean_absolute_error"] > 2e6
    assert after.metrics["test_mean_absolute_error"] < 3e5
    predicted = np.array(after.files["predictions.json"]["predicted"])
    actual = np.array(after.files["predictions.json"]["actual"])
    assert np.corrcoef(predicted, actual)[0, 1] > 0.95
    assert abs(predicted.mean() - actual.mean()) < 2e5
