"""The input pipeline alone over a folder of JPEG pictures, by Keras and by Fitboard, in turns.

python tests/benchmarks/bench_images.py [--pictures 20000] [--rounds 2]

Each contestant runs in a process of its own and reads every batch of 32 pictures of 180 × 180; the network is left out.
Keras does it in the two ways of its guide "Load and preprocess images". `keras` is
`keras.utils.image_dataset_from_directory` with `cache`, `shuffle` and `prefetch`, which shuffles whole batches: those
of the first epoch come again. `keras, samples` is the guide's own pipeline of `tf.data`, which shuffles pictures
within a buffer of 1,000. Fitboard shuffles all pictures anew in every epoch.

The first epoch contains finding and decoding the files, and Fitboard's also hashing them and writing its cache. The
second epoch ends where a batch is handed over: float32 pixels from 0 to 255 by Keras, bytes by Fitboard. The third one
ends where the pixels are from 0 to 1, which is the first layer of the guide's network. Printed are seconds of the wall
clock and of the processor; Keras caches float32 pixels in memory, 388 kB a picture.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIDE, BATCH, CLASSES = 180, 32, 5


def make_pictures(folder: Path, pictures: int) -> None:
    """Write smooth pictures with some noise, about as large as photographs of that size."""
    from PIL import Image

    random = np.random.default_rng(0)
    for place in range(CLASSES):
        (folder / f"class {place}").mkdir(parents=True)
    for index in range(pictures):
        coarse = Image.fromarray(random.integers(0, 255, (12, 12, 3), dtype=np.uint8))
        pixels = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(np.int16)
        noisy = (pixels + random.integers(-6, 7, pixels.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"class {index % CLASSES}" / f"{index:06}.jpg", quality=90)


class Stopwatch:
    """Seconds of the wall clock and of the processor of each epoch, from the start of the first."""

    def __init__(self) -> None:
        self.epochs: list[tuple[float, float]] = []
        self.start()

    def start(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def lap(self) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        self.epochs.append((wall - self._began[0], processor - self._began[1]))
        self._began = wall, processor


def keras_guide(folder: Path, watch: Stopwatch) -> None:
    """Read the folder as the guide does first."""
    import keras
    import tensorflow as tf

    watch.start()
    data = keras.utils.image_dataset_from_directory(folder, image_size=(SIDE, SIDE), batch_size=BATCH, verbose=False)
    _read_by_keras(data.cache().shuffle(1000).prefetch(tf.data.AUTOTUNE), watch)


def keras_samples(folder: Path, watch: Stopwatch) -> None:
    """Read the folder as the guide does "for finer control"."""
    import tensorflow as tf

    names = sorted(each.name for each in folder.iterdir())

    def read(path: Any) -> Any:
        pixels = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(pixels, [SIDE, SIDE]), tf.argmax(tf.strings.split(path, os.sep)[-2] == names)

    watch.start()
    data = tf.data.Dataset.list_files(str(folder / "*/*"), shuffle=False)
    data = data.shuffle(len(data), reshuffle_each_iteration=False)
    data = data.map(read, num_parallel_calls=tf.data.AUTOTUNE)
    _read_by_keras(data.cache().shuffle(1000).batch(BATCH).prefetch(tf.data.AUTOTUNE), watch)


def _read_by_keras(data: Any, watch: Stopwatch) -> None:
    import keras
    import tensorflow as tf

    layer = keras.layers.Rescaling(1 / 255)
    pixels = tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)
    for scale in (None, None, tf.function(layer, input_signature=[pixels])):
        for x, _ in data:
            _check(x if scale is None else scale(x))
        watch.lap()


def fitboard(folder: Path, watch: Stopwatch) -> None:
    """Read the folder as training does."""
    from trainer.config import parse_config
    from trainer.data import load
    from trainer.engine.backend import tf
    from trainer.engine.streamed import StreamedParts, most_streamed_steps
    from trainer.home import Home

    given = {"name": "images", "path": str(folder), "image_size": SIDE, "validation_fraction": 0, "test_fraction": 0}
    config = parse_config({"dataset": given, "layers": ["Flatten"], "loss": "SparseCategoricalCrossentropy"})
    with tempfile.TemporaryDirectory() as home:
        watch.start()
        train: Any = load(config.dataset, home=Home(Path(home)), held=0).train
        x, y = train
        pixels = x.undivided
        parts = StreamedParts(len(x), lambda rows: (pixels[rows], y[rows]), divisor=x.divisor)
        step = BATCH * most_streamed_steps(x, BATCH)
        ranges = [(first, min(first + step, len(x))) for first in range(0, len(x), step)]
        spec = tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)
        for epoch, scale in enumerate((None, None, tf.function(parts.prepare, input_signature=[spec]))):
            order = tf.constant(np.random.default_rng(epoch).permutation(len(x)))
            for (taken, *_), *_ in parts.executions((order,), ranges):
                for first in range(0, len(taken), BATCH):
                    batch = taken[first : first + BATCH]
                    _check(batch if scale is None else scale(batch))
            watch.lap()


def _check(batch: Any) -> None:
    assert batch.shape[1:] == (SIDE, SIDE, 3)


CONTESTANTS: dict[str, Callable[[Path, Stopwatch], None]] = {
    "keras": keras_guide,
    "keras, samples": keras_samples,
    "fitboard": fitboard,
}


def measure(contestant: str, folder: Path) -> tuple[list[tuple[float, float]], float]:
    """Run one contestant in a new process; return wall and processor seconds of each epoch, and its peak in GB."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(Path(__file__).parents[2])}
    given = ["--only", contestant, "--data", str(folder)]
    done = subprocess.run(
        [sys.executable, __file__, *given], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    laps, peak = json.loads(done.stdout.splitlines()[-1])
    return [tuple(lap) for lap in laps], peak


def main() -> None:
    """Compare both in turn, or run one contestant for `measure`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", choices=CONTESTANTS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.only:
        watch = Stopwatch()
        # A few pictures first, so that libraries are loaded and functions are traced.
        CONTESTANTS[given.only](given.data / "few", watch)
        watch.epochs.clear()
        CONTESTANTS[given.only](given.data / "all", watch)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        sys.stdout.write(json.dumps([watch.epochs, peak]) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(Path(folder, "few"), 2 * BATCH)
        make_pictures(Path(folder, "all"), given.pictures)
        found: dict[str, list[list[tuple[float, float]]]] = {name: [] for name in CONTESTANTS}
        for number in range(given.rounds):
            for name in CONTESTANTS if number % 2 == 0 else reversed(CONTESTANTS):
                laps, peak = measure(name, Path(folder))
                found[name].append(laps)
                shown = ", ".join(f"{wall:.2f} s ({processor:.2f} s of processor)" for wall, processor in laps)
                sys.stdout.write(f"{name}: {shown}; peak {peak:.1f} GB\n")
    for place, title in enumerate(("first epoch", "second epoch", "third epoch, scaled")):
        for kind, word in enumerate(("wall", "processor")):
            medians = {name: statistics.median(laps[place][kind] for laps in rounds) for name, rounds in found.items()}
            ratios = [f"{medians['fitboard'] / medians[name]:.2f} of {name}" for name in medians if name != "fitboard"]
            sys.stdout.write(f"{title}, {word}: {'; '.join(ratios)}\n")


if __name__ == "__main__":
    main()
