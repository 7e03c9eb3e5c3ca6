"""Trains every `.yaml` config of a folder in a process of its own: `run_trainings.py FOLDER HOME`."""

import json
import math
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.support.engine import Memory
from tests.support.script_cases import make_starts
from trainer.config import Config, FileWeights, load_config
from trainer.data import load
from trainer.engine.backend import keras
from trainer.engine.report import Threads
from trainer.engine.train import train
from trainer.home import Home

__all__: list[str] = []


def _trained(config: Config, home: Home) -> dict[str, Any]:
    memory = Memory()
    splits = load(config.dataset, home=home)
    start = None
    if isinstance(config.weights, FileWeights):
        start = Path(config.weights.path)
        # After the first trainings, which have set the number of threads.
        make_starts(start.parent)
    outcome, _ = train(config, splits, memory, threads=Threads(intra=1, inter=1, grappler=False), start=start)
    history = {name: [_plain(epoch[name]) for epoch in memory.epochs] for name in memory.epochs[0]}
    results = {name: _plain(value) for name, value in outcome.evaluation.metrics.items()}
    return {**history, **results, "weights": outcome.weights_sha256}


def _plain(value: float) -> float | None:
    # JSON has no NaN.
    return None if math.isnan(value) else value


def _main(folder: Path, home: Home) -> None:
    for file in sorted(folder.glob("*.yaml")):
        # Collecting garbage after each would take as long as the training.
        keras.utils.clear_session(free_memory=False)
        try:
            result = _trained(load_config(file.read_bytes()), home)
        except Exception:
            result = {"error": traceback.format_exc()}
        file.with_suffix(".trained.json").write_text(json.dumps(result))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Home(Path(sys.argv[2])))
