"""Streamed data give the bits that the same data give in memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, config_on
from tests.support.killing import cut_and_resumed, undisturbed
from tests.support.streams import held_and_streamed
from tests.support.tables import people, table_config
from trainer.config import Config
from trainer.engine.backend import tf
from trainer.engine.pipeline import Batches, ShuffledBatches, execution, tensors_of
from trainer.engine.report import Threads
from trainer.engine.streamed import LARGEST_BLOCK, StreamedParts, most_streamed_steps
from trainer.engine.train import train
from trainer.errors import TrainingError


def _table(folder: Path) -> Config:
    return table_config(
        people(folder / "people.csv", 400), columns={"zip": "hashed", "group": "ignore"}, weight="weight"
    )


def _images(folder: Path) -> Config:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (300, 9, 9, 3), np.uint8)
    np.savez(folder / "images.npz", x=images, y=draw.integers(0, 10, 300), sample_weight=draw.random(300))
    layers = [{"layer": "Conv2D", "filters": 4, "kernel_size": 3}, "BatchNormalization", "Flatten"]
    return config_on(
        {"name": "npz", "path": str(folder / "images.npz")}, layers=[*layers, {"layer": "Dense", "units": 10}]
    )


def _tokens(folder: Path) -> Config:
    draw = np.random.default_rng(0)
    np.savez(folder / "words.npz", x=draw.integers(0, 50, (200, 12)), y=draw.integers(0, 2, 200).astype(np.float32))
    layers = [
        {"layer": "Embedding", "input_dim": 50, "output_dim": 4},
        "GlobalAveragePooling1D",
        {"layer": "Dense", "units": 1},
    ]
    dataset = {"name": "npz", "path": str(folder / "words.npz"), "inputs": "tokens", "task": "classification"}
    return config_on(dataset, layers=layers, loss={"name": "BinaryCrossentropy", "from_logits": True})


def _standardized(folder: Path) -> Config:
    return config_on("diabetes", layers=[{"layer": "Dense", "units": 1}], loss="MeanSquaredError", metrics=[])


_CASES: dict[str, Any] = {
    "table with weights": _table,
    "images with weights": _images,
    "tokens": _tokens,
    "standardized": _standardized,
    "own test part": lambda folder: config_on(_divided(folder), class_weight="balanced"),
}


def _divided(folder: Path) -> dict[str, Any]:
    draw = np.random.default_rng(1)
    parts = {"train": 200, "val": 40, "test": 50}
    arrays = {f"x_{name}": draw.normal(size=(size, 6)) for name, size in parts.items()}
    arrays |= {f"y_{name}": draw.integers(0, 10, size) for name, size in parts.items()}
    np.savez(folder / "divided.npz", **arrays)
    return {"name": "npz", "path": str(folder / "divided.npz")}


@pytest.mark.parametrize("case", _CASES)
def test_streamed_data_give_the_bits_of_data_in_memory(case: str, tmp_path: Path) -> None:
    config = _CASES[case](tmp_path)
    held, streamed = held_and_streamed(config, tmp_path)
    (outcome, _), (other, _) = (train(config, splits, memory) for splits, memory in _with_memories(held, streamed))
    assert outcome.weights_sha256 == other.weights_sha256
    assert outcome.history == other.history
    assert outcome.evaluation.metrics == other.evaluation.metrics
    assert outcome.evaluation.files == other.evaluation.files
    assert held.preparation() == streamed.preparation()


def test_streamed_bytes_give_the_bits_of_data_in_memory_with_grappler(tmp_path: Path) -> None:
    """Its passes see another graph where an execution divides the samples itself."""
    config, threads = _images(tmp_path), Threads(intra=1, inter=1, grappler=True)
    found = [train(config, splits, Memory(), threads=threads)[0] for splits in held_and_streamed(config, tmp_path)]
    assert found[0].weights_sha256 == found[1].weights_sha256
    assert found[0].history == found[1].history


def _with_memories(*all_splits: Any) -> list[tuple[Any, Memory]]:
    return [(splits, Memory()) for splits in all_splits]


@pytest.mark.parametrize("steps_per_execution", [1, 3, 50])
def test_stream_that_is_cut_in_mid_epoch_resumes_to_the_same_bits(steps_per_execution: int, tmp_path: Path) -> None:
    config = _images(tmp_path)
    held, streamed = held_and_streamed(config, tmp_path)
    resumed = cut_and_resumed(config, streamed, tmp_path / "run", [1], steps_per_execution=steps_per_execution)
    assert resumed == undisturbed(config, held)


def test_stream_is_read_in_the_order_of_tensors_from_any_step() -> None:
    x, y = np.arange(19, dtype=np.float32)[:, None], np.arange(19)
    how: dict[str, Any] = {"batch_size": 4, "steps_per_execution": 2}
    held = ShuffledBatches(tensors_of(x, y), seed=3, **how)
    streamed = ShuffledBatches(StreamedParts(19, lambda rows: (x[rows], y[rows], None)), seed=3, **how)
    for batches in (held, streamed):
        batches.move(epoch=1, first_step=1)
    expected = [np.asarray(order[begin:stop]) for _, (order,), begin, stop in held]
    found = [parts[1].numpy()[order.numpy()[begin:stop]] for parts, (order,), begin, stop in streamed]
    assert [piece.tolist() for piece in found] == [piece.tolist() for piece in expected]
    assert streamed.num_batches == held.num_batches == 5


def test_bytes_are_divided_in_an_execution_as_by_numpy() -> None:
    x, seen = np.arange(256, dtype=np.uint8)[:, None], tf.Variable(tf.zeros([0, 1]), shape=[None, 1])
    how = {"batch_size": 100, "steps_per_execution": 3}
    batches = Batches(StreamedParts(256, lambda rows: (x[rows], rows), divisor=255), **how)
    run = execution(lambda data: seen.assign(tf.concat([seen, data[0]], 0)), dict, batches, batch_size=100)
    run(iter(batches))
    assert seen.numpy().tobytes() == (x / np.float32(255)).tobytes()
    assert batches.parts[0].dtype == tf.float32


def test_stream_reads_at_most_two_executions_ahead_of_none() -> None:
    read: list[int] = []

    def take(rows: Any) -> tuple[Any, ...]:
        read.append(len(rows))
        return (rows,)

    passes = iter(Batches(StreamedParts(100, take), batch_size=10, steps_per_execution=1))
    next(passes)
    passes.close()  # type: ignore[attr-defined]
    # One for the types, the first execution, and the one after it.
    assert len(read) <= 3


def test_failure_while_reading_reaches_the_training() -> None:
    def take(rows: Any) -> tuple[Any, ...]:
        if len(rows) > 1:
            raise TrainingError("The file is gone.")
        return (rows,)

    with pytest.raises(TrainingError, match="The file is gone"):
        list(Batches(StreamedParts(9, take), batch_size=3, steps_per_execution=1))


def test_execution_of_a_stream_has_few_bytes(tmp_path: Path) -> None:
    held, streamed = held_and_streamed(_images(tmp_path), tmp_path)
    assert most_streamed_steps(streamed.train.x, 32) == LARGEST_BLOCK // (9 * 9 * 3 * 4 * 32)
    assert most_streamed_steps(streamed.train.x, 10**9) == 1
    assert most_streamed_steps(held.train.x, 32) > 10**9


def _large(folder: Path, kind: str) -> Path:
    path = folder / f"large.{kind}"
    if kind == "npz":
        x = np.random.default_rng(0).integers(0, 256, (50_000, 64, 64, 3), np.uint8)
        np.savez(path, x=x, y=np.arange(len(x)) % 10)
        return path
    # What takes time is cells, so most bytes are in a few columns of long names, which become a number for each name.
    draw, names = np.random.default_rng(0), [f"{place:0430}w" for place in range(30)]
    numbers, picks = draw.normal(size=(2000, 10)).tolist(), draw.integers(0, len(names), (2000, 8)).tolist()
    rows = "".join(
        ",".join([*map(str, row), *(names[pick] for pick in picked), "ab"[row[0] > 0]]) + "\n"
        for row, picked in zip(numbers, picks, strict=True)
    )
    with path.open("w") as file:
        file.write(",".join([*(f"x{place}" for place in range(10)), *(f"name{place}" for place in range(8)), "y\n"]))
        file.writelines(rows for _ in range(125))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_source_of_three_times_its_memory_trains_twice_to_the_same_bits(kind: str, tmp_path: Path) -> None:
    path = _large(tmp_path, kind)
    given = [sys.executable, "-m", "tests.support.train_within", str(path), str(tmp_path)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = []
    for _ in range(2):
        # The estimate takes as long as the training, and need not be made again.
        known = [str(each["estimate"]) for each in found]
        done = subprocess.run([*given, *known], capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr[-2000:]
        found.append(json.loads(done.stdout.splitlines()[-1]))
    assert found[0] == found[1]
    assert found[0]["streamed"]
    assert path.stat().st_size > 3 * found[0]["estimate"]
