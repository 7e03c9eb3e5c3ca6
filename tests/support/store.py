"""Stores filled with runs like Fitboard's, for tests and for looking at the pages.

python -m tests.support.store sqlite:////tmp/store.db          one run of every state
python -m tests.support.store sqlite:////tmp/store.db 10000    and ten thousand more
"""

import contextlib
import functools
import hashlib
import itertools
import json
import math
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.config import Config, dump_config, parse_config
from trainer.tracking.run import Status
from trainer.tracking.tags import Progress, Tag
from trainer.tracking.write.params import params_of

__all__ = ["NAMES", "SeedRun", "add_run", "add_runs", "digest_of", "empty_store", "run_id_of", "seed_store"]

NAMES = ("queued", "running", "finished", "second", "failed", "killed", "markup", "diverged", "infinite", "regression")
"""The labels of the runs in a seeded store; `run_id_of(label)` is the id. One more run is of `another program`."""

_SECOND = 1_000
_MADE_ROOT = "/made/artifacts"


def run_id_of(label: str) -> str:
    """Return the id of the run with this label, the same in every store."""
    return hashlib.sha256(label.encode()).hexdigest()[:32]


def digest_of(content: str) -> str:
    """Return a digest of data with 36 characters, MLflow's maximum."""
    return hashlib.sha256(content.encode()).hexdigest()[:36]


@dataclass(frozen=True, kw_only=True)
class SeedRun:
    """A run that is written to the tables directly, without MLflow's client, so that ten thousand take seconds."""

    label: str
    name: str
    status: Status
    start_time: int
    end_time: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, list[float]] = field(default_factory=dict)
    artifacts: Mapping[str, str | bytes] = field(default_factory=dict)
    data_digest: str = ""
    """The digest of the logged dataset; by default none is logged."""


def config_of(*, name: str | None = "digits-mlp", units: int = 128, rate: float = 0.001, seed: int = 0) -> Config:
    """Return a small valid config on `digits`."""
    return parse_config(
        {
            "name": name,
            "dataset": {"name": "digits"},
            "layers": [
                "Flatten",
                {"layer": "Dense", "units": units, "activation": "relu"},
                {"layer": "Dropout", "rate": 0.2},
                {"layer": "Dense", "units": 10},
            ],
            "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": {"name": "Adam", "learning_rate": rate},
            "metrics": ["accuracy"],
            "epochs": 5,
            "seed": seed,
        }
    )


def curves_of(epochs: int, *, seed: int = 0, tested: bool = True) -> dict[str, list[float]]:
    """Return plausible learning curves: loss falls, accuracy rises, validation lags behind."""
    random_ = random.Random(seed)
    pace = random_.uniform(0.3, 0.9) * 5 / max(epochs, 5)
    steps = range(1, epochs + 1)
    loss = [2.3 * math.exp(-pace * step) + random_.uniform(0.02, 0.06) for step in steps]
    accuracy = [1 - value / 2.6 for value in loss]
    curves = {
        "loss": loss,
        "accuracy": accuracy,
        "val_loss": [value * 1.1 + random_.uniform(0, 0.03) for value in loss],
        "val_accuracy": [value - random_.uniform(0, 0.03) for value in accuracy],
        "learning_rate": [0.001] * epochs,
        "epoch_seconds": [random_.uniform(0.08, 0.12) for _ in steps],
    }
    if tested:
        curves |= {"test_loss": [curves["val_loss"][-1]], "test_accuracy": [curves["val_accuracy"][-1]]}
    return curves


def fitboard_run(label: str, config: Config, status: Status, *, start_time: int, **changes: Any) -> SeedRun:
    """Return a run as Fitboard records it; `changes` are fields of `SeedRun`, with `tags` and `artifacts` added."""
    tags = {
        Tag.CONFIG_DIGEST: config.digest,
        Tag.GROUP: config.group,
        Tag.CONFIG: config.canonical_json(),
        Tag.QUEUE: "testhost/01234567",
        **changes.pop("tags", {}),
    }
    facts = {} if status is Status.SCHEDULED else {"parameters": 9_610}
    if status is not Status.SCHEDULED:
        changes = {"data_digest": digest_of(config.dataset.kind), **changes}
    files = changes.pop("artifacts", {})
    return SeedRun(
        label=label,
        name=changes.pop("name", config.name or label),
        status=status,
        start_time=start_time,
        params=params_of(config, facts),
        tags={str(key): value for key, value in tags.items()},
        artifacts={} if files is None else {"config.yaml": dump_config(config), **files},
        **changes,
    )


def _evaluation() -> dict[str, str]:
    counts = [[30 if row == column else (row + column) % 7 == 0 for column in range(10)] for row in range(10)]
    mistakes = [
        {"index": index, "true": index % 10, "predicted": (index + 3) % 10, "confidence": 0.99 - index / 20}
        | {"x": [[(row * column + index) % 17 / 16 for column in range(8)] for row in range(8)]}
        for index in range(8)
    ]
    return {
        "evaluation/confusion.json": json.dumps({"labels": [str(n) for n in range(10)], "counts": counts}, default=int),
        "evaluation/mistakes.json": json.dumps(mistakes),
        "environment.json": json.dumps({"python": "3.11.9", "packages": {"keras": "3.15.1"}, "cores": 2}),
        "log.txt": "epoch 1 of 5\nepoch 2 of 5\n",
    }


def _named_runs(now: int) -> Iterator[SeedRun]:
    """Yield one run for every state that a page has to show, the oldest first, ten minutes apart."""
    times = itertools.count(now - 120 * 60 * _SECOND, 10 * 60 * _SECOND)

    def run(label: str, status: Status, config: Config | None = None, **changes: Any) -> SeedRun:
        start = next(times)
        began = {} if status is Status.SCHEDULED else {Tag.STARTED: str(start + 2 * _SECOND)}
        changes["tags"] = {**began, **changes.get("tags", {})}
        end = start + 5 * _SECOND if status.ended else None
        return fitboard_run(label, config or config_of(), status, start_time=start, end_time=end, **changes)

    points = [[index / 50, index / 50 + math.sin(index)] for index in range(100)]
    predictions = {"actual": [a for a, _ in points], "predicted": [p for _, p in points]}
    progress = Progress(
        time=time.time(), epoch=2, epochs=5, step=20, steps=36, values={"loss": 0.41}, epoch_seconds=1.2
    )
    done: dict[str, Any] = {"curves": curves_of(5), "artifacts": _evaluation(), "tags": {Tag.WEIGHTS: "ab" * 32}}
    yield run("finished", Status.FINISHED, **done)
    yield run(
        "second", Status.FINISHED, config_of(units=64, rate=0.01, seed=1), **{**done, "curves": curves_of(5, seed=1)}
    )
    sentence = "The loss became NaN in epoch 2; try a smaller learning rate."
    yield run("failed", Status.FAILED, curves=curves_of(1, tested=False), tags={Tag.FAILURE: sentence})
    yield run("killed", Status.KILLED, curves=curves_of(3), tags={Tag.STOP: "requested"})
    yield run("markup", Status.FINISHED, name="<b>bold</b> & <script>alert(1)</script> 100%_done", **done)
    nan = math.nan
    yield run("diverged", Status.FINISHED, curves={**curves_of(3), "val_loss": [2.1, nan, nan], "test_accuracy": [nan]})
    yield run("infinite", Status.FINISHED, curves={**curves_of(3), "loss": [2.1, math.inf, math.inf]})
    yield run(
        "regression",
        Status.FINISHED,
        curves={"loss": [3.0, 2.0], "val_loss": [3.1, 2.2], "test_loss": [2.2], "test_mae": [1.1]},
        artifacts={"evaluation/predictions.json": json.dumps(predictions)},
    )
    yield run("running", Status.RUNNING, curves=curves_of(2, tested=False), tags={Tag.PROGRESS: progress.dumps()})
    yield run("queued", Status.SCHEDULED)


def _many_runs(count: int, now: int, epochs: int) -> Iterator[SeedRun]:
    for index in range(count):
        config = config_of(name=f"trial-{index}", units=2 ** (3 + index % 6), rate=10 ** -(1 + index % 4), seed=index)
        # Earlier than the named runs, which therefore come first on the pages.
        start = now - (count - index + 200) * 60 * _SECOND
        status = Status.FAILED if index % 50 == 7 else Status.FINISHED
        tags = {Tag.STARTED: str(start + _SECOND)}
        curves = curves_of(epochs, seed=index)
        end = start + (2 + index % 100) * _SECOND
        changes: dict[str, Any] = {"end_time": end, "tags": tags, "curves": curves, "artifacts": None}
        yield fitboard_run(f"trial {index}", config, status, start_time=start, **changes)


def empty_store(uri: str, artifacts: Path) -> None:
    """Create an SQLite store with the artifact root `artifacts`, unless there is one."""
    file = Path(uri.removeprefix("sqlite:///"))
    if file.exists():
        return
    file.write_bytes(_made_store())
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        at = "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)"
        connection.execute(at, (_MADE_ROOT, str(artifacts)))


@functools.cache
def _made_store() -> bytes:
    """Return the file of a store that MLflow has made; that takes seconds, so it is done once in a process."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import logging

    # MLflow reports every migration of the tables.
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with tempfile.TemporaryDirectory() as folder:
        SqlAlchemyStore(f"sqlite:///{folder}/mlflow.db", _MADE_ROOT).engine.dispose()
        return Path(folder, "mlflow.db").read_bytes()


def add_run(uri: str, artifacts: Path, run: SeedRun, *, experiment_id: int = 0) -> str:
    """Write one run and return its id."""
    add_runs(uri, artifacts, [run], experiment_id=experiment_id)
    return run_id_of(run.label)


def add_runs(uri: str, artifacts: Path, runs: Iterable[SeedRun], *, experiment_id: int = 0) -> None:
    """Write runs in transactions of 500."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(uri)
    iterator = iter(runs)
    while batch := list(itertools.islice(iterator, 500)):
        with engine.begin() as connection:
            for table, rows in _rows(batch, artifacts, experiment_id).items():
                if rows:
                    connection.execute(_table(table).insert(), rows)
            _log_datasets(connection, batch, experiment_id)
        for run in batch:
            _write_artifacts(artifacts, run, experiment_id)
    engine.dispose()


def _table(name: str) -> Any:
    from mlflow.store.tracking.dbmodels import models

    return models.Base.metadata.tables[name]


def _rows(runs: list[SeedRun], artifacts: Path, experiment_id: int) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("runs", "params", "tags", "metrics", "latest_metrics")
    }
    for run in runs:
        run_id = run_id_of(run.label)
        rows["runs"].append(_run_row(run, run_id, artifacts, experiment_id))
        rows["params"] += [{"key": key, "value": value, "run_uuid": run_id} for key, value in run.params.items()]
        tags = {**run.tags, "mlflow.runName": run.name, "mlflow.user": "somebody"}
        rows["tags"] += [{"key": key, "value": value, "run_uuid": run_id} for key, value in tags.items()]
        for key in run.curves:
            points = list(_points(run, key, run_id))
            rows["metrics"] += points
            # MLflow reads the values that it shows and sorts by from a table of their own.
            rows["latest_metrics"].append(points[-1])
    return rows


def _log_datasets(connection: Any, runs: list[SeedRun], experiment_id: int) -> None:
    datasets, inputs, tags = [], [], []
    for run in runs:
        if run.data_digest:
            run_id, source = run_id_of(run.label), f"data{run.data_digest[:32]}"
            about = {"name": run.params.get("dataset", "data"), "dataset_source_type": "fitboard", "dataset_source": ""}
            key = {"dataset_uuid": source, "experiment_id": experiment_id, "digest": run.data_digest}
            datasets.append({**key, **about})
            ends = {"source_id": source, "destination_type": "RUN", "destination_id": run_id}
            inputs.append({"input_uuid": run_id, "source_type": "DATASET", "step": 0, **ends})
            tags.append({"input_uuid": run_id, "name": "mlflow.data.context", "value": "training"})
    if inputs:
        # Runs on the same data share one dataset.
        connection.execute(_table("datasets").insert().prefix_with("OR IGNORE"), datasets)
        connection.execute(_table("inputs").insert(), inputs)
        connection.execute(_table("input_tags").insert(), tags)


def _run_row(run: SeedRun, run_id: str, artifacts: Path, experiment_id: int) -> dict[str, Any]:
    return {
        "run_uuid": run_id,
        "name": run.name,
        "user_id": "somebody",
        "status": str(run.status),
        "start_time": run.start_time,
        "end_time": run.end_time,
        "lifecycle_stage": "active",
        "artifact_uri": str(artifacts / str(experiment_id) / run_id / "artifacts"),
        "experiment_id": experiment_id,
    }


def _points(run: SeedRun, key: str, run_id: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one metric."""
    # MLflow stores NaN as 0 with a flag, and ±∞ as the largest double.
    epochs = len(run.curves.get("loss", ()))
    for index, value in enumerate(run.curves[key]):
        step = epochs if key.startswith("test_") else index + 1
        stored = 0.0 if math.isnan(value) else min(max(value, -sys.float_info.max), sys.float_info.max)
        yield {
            "key": key,
            "value": stored,
            "is_nan": math.isnan(value),
            "step": step,
            "timestamp": run.start_time + (2 + step // 2) * _SECOND + step,
            "run_uuid": run_id,
        }


def _write_artifacts(artifacts: Path, run: SeedRun, experiment_id: int) -> None:
    folder = artifacts / str(experiment_id) / run_id_of(run.label) / "artifacts"
    for path, content in run.artifacts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())


def _log_as_another_program(uri: str, artifacts: Path) -> str:
    """Log a run with MLflow's client in an experiment of its own, without Fitboard's tags and files; return its id."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    experiment = client.create_experiment("another program", artifact_location=str(artifacts / "another"))
    run_id: str = client.create_run(
        experiment, run_name="sklearn-forest", tags={"mlflow.user": "another person"}
    ).info.run_id
    client.log_param(run_id, "n_estimators", 100)
    for step in range(10):
        client.log_metric(run_id, "rmse", 3 / (step + 1), step=step)
    client.log_text(run_id, "free text", "notes.txt")
    client.set_terminated(run_id)
    return run_id


def seed_store(uri: str, artifacts: Path | None = None, *, count: int = 0, epochs: int = 10) -> dict[str, str]:
    """Fill a store with one run of every state, one of another program, and `count` more; return label → id.

    `artifacts` is by default the folder of that name beside the SQLite file.
    """
    root = artifacts or Path(uri.removeprefix("sqlite:///")).absolute().parent / "artifacts"
    empty_store(uri, root)
    now = int(time.time() * _SECOND)
    add_runs(uri, root, _many_runs(count, now, epochs))
    add_runs(uri, root, _named_runs(now))
    return {label: run_id_of(label) for label in NAMES} | {"another program": _log_as_another_program(uri, root)}


if __name__ == "__main__":
    for label, run_id in seed_store(sys.argv[1], count=int(sys.argv[2]) if len(sys.argv) > 2 else 0).items():
        sys.stdout.write(f"{run_id}  {label}\n")
