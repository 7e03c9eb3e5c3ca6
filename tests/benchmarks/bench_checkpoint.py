"""The cost of checkpoints: the same training with and without them, in turns, in one process.

`python tests/benchmarks/bench_checkpoint.py` prints, for a small and a large network, the processor seconds of the
fastest training with and without, and their ratio; the target is at most 1.02.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Units of the two Dense layers, and epochs: some seconds each.
_NETWORKS = {"small": (128, 60), "large": (1024, 8)}

_ROUNDS = 4


def _trained(units: int, epochs: int, folder: str) -> float:
    """Return the processor seconds of a training over all threads; wall time says little on a shared machine."""
    from tests.support.engine import Memory, config_on, splits_of
    from trainer.engine.checkpoint_manager import CheckpointSettings
    from trainer.engine.train import train

    dense = {"layer": "Dense", "units": units, "activation": "relu"}
    config = config_on(layers=["Flatten", dense, dense, {"layer": "Dense", "units": 10}], epochs=epochs)
    splits = splits_of(config, Path("unused"))
    began = time.process_time()
    train(config, splits, Memory(), checkpoints=CheckpointSettings(folder=Path(folder)) if folder else None)
    return time.process_time() - began


def _measured(units: int, epochs: int) -> tuple[float, float]:
    """Return the seconds of the fastest training without and with checkpoints."""
    found: dict[bool, list[float]] = {False: [], True: []}
    # Not counted: the first training also imports TensorFlow and loads the data.
    _trained(units, 1, "")
    for turn in range(_ROUNDS):
        # In alternating order, so that a drift of the machine's speed affects both.
        for kept in (False, True) if turn % 2 else (True, False):
            with tempfile.TemporaryDirectory() as folder:
                found[kept].append(_trained(units, epochs, folder if kept else ""))
    return min(found[False]), min(found[True])


def main() -> None:
    """Measure each network in a process of its own."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    if len(sys.argv) > 1:
        without, kept = _measured(*_NETWORKS[sys.argv[1]])
        print(f"{sys.argv[1]:<8}off {without:7.2f} s   on {kept:7.2f} s   ratio {kept / without:.3f}")  # noqa: T201
        return
    for name in _NETWORKS:
        subprocess.run([sys.executable, __file__, name], check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
