import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

_PROGRAM = """
import sys, threading
import trainer.engine.preload
from tensorflow.python.eager import context
assert not context.context()._initialized, "TensorFlow computed"
assert threading.active_count() == 1, threading.enumerate()
from pathlib import Path
from tests.support.engine import Memory, config_on, splits_of
from trainer.config import LAYERS
from trainer.engine.inspect import inspect
from trainer.engine.report import Threads
from trainer.engine.setup import prepare
from trainer.engine.train import train
from trainer.home import Home
before = set(sys.modules)
images = [{"layer": "Reshape", "target_shape": [8, 8, 1]}, {"layer": "Conv2D", "filters": 2, "kernel_size": 2}]
recurrent = [{"layer": "Bidirectional", "wrapped": {"layer": "LSTM", "units": 2}}]
prepare(config_on(), Threads(intra=3, inter=2))
for layers in (["Flatten"], [*images, "BatchNormalization", "Flatten"], recurrent):
    config = config_on(layers=[*layers, {"layer": "Dropout", "rate": 0.5}, {"layer": "Dense", "units": 10}])
    assert inspect(config, home=Home(Path("unused")), memory_limit=10**12).ok
memory = Memory()
config = config_on(callbacks=["ReduceLROnPlateau"])
train(config, splits_of(config, Path("unused")), memory, threads=Threads(intra=3, inter=2))
assert memory.facts[0].threads == Threads(intra=3, inter=2), memory.facts
print(sorted(set(sys.modules) - before))
"""


def test_run_imports_nothing_after_the_preload() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
    assert done.stderr == ""
