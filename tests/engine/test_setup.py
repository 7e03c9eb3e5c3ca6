from typing import Any

import pytest

from tests.support.engine import config_on
from trainer.engine.backend import keras, tf
from trainer.engine.report import Threads
from trainer.engine.setup import choose_threads, prepare
from trainer.engine.steps_per_execution import choose_steps_per_execution, seconds_per_step

_IMAGE = {"layer": "Reshape", "target_shape": [8, 8, 1]}
_WIDE = {"layer": "Dense", "units": 1024}
_CONV = {"layer": "Conv2D", "filters": 3, "kernel_size": 3}


@pytest.mark.parametrize(
    ("layers", "batch_size", "runs_at_once", "intra"),
    [
        (["Flatten", {"layer": "Dense", "units": 128}], 32, 1, 1),
        (["Flatten", {"layer": "Dense", "units": 512}, {"layer": "Dense", "units": 512}], 32, 1, 1),
        (["Flatten", {"layer": "Dense", "units": 512}, {"layer": "Dense", "units": 512}], 128, 1, 8),
        (["Flatten", {"layer": "Dense", "units": 1024}, {"layer": "Dropout", "rate": 0.1}, _WIDE], 32, 1, 8),
        (["Flatten", {"layer": "Dense", "units": 4096}], 32, 1, 8),
        ([{"layer": "LSTM", "units": 64}], 32, 1, 1),
        ([{"layer": "LSTM", "units": 256}], 32, 1, 1),
        ([{"layer": "Bidirectional", "wrapped": {"layer": "LSTM", "units": 512}}], 32, 1, 8),
        ([_IMAGE, _CONV], 32, 1, 8),
        ([_IMAGE, _CONV], 32, 4, 2),
        ([_IMAGE, _CONV], 32, 100, 1),
    ],
)
def test_threads_go_by_network_and_runs_at_once(
    layers: list[Any], batch_size: int, runs_at_once: int, intra: int
) -> None:
    config = config_on(layers=layers, batch_size=batch_size)
    assert choose_threads(config, cores=8, runs_at_once=runs_at_once) == Threads(intra=intra, inter=1)


def test_graph_optimizer_is_as_recorded_and_else_off_on_a_processor() -> None:
    def is_off() -> bool:
        return tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"] is True

    on_a_processor = not tf.config.list_physical_devices("GPU")
    assert prepare(config_on()).grappler is not on_a_processor
    assert is_off() is on_a_processor
    assert prepare(config_on(), Threads(intra=1, inter=1)).grappler, "earlier versions did not record it: it was on"
    assert not is_off()
    assert not prepare(config_on(), Threads(intra=1, inter=1, grappler=False)).grappler
    assert is_off()


def test_recurrent_networks_have_unused_operations_removed_and_no_arithmetic_replaced() -> None:
    off = Threads(intra=1, inter=1, grappler=False)

    def options() -> dict[str, bool]:
        found: dict[str, bool] = tf.config.optimizer.get_experimental_options()
        return found

    assert not prepare(config_on(layers=[{"layer": "LSTM", "units": 4}]), off).grappler
    assert options()["disable_meta_optimizer"] is False
    assert options()["remapping"] is options()["arithmetic_optimization"] is options()["loop_optimization"] is False
    wrapped = {"layer": "Bidirectional", "wrapped": {"layer": "GRU", "units": 4}}
    prepare(config_on(layers=[wrapped]), off)
    assert options()["disable_meta_optimizer"] is False
    prepare(config_on(layers=[wrapped]), Threads(intra=1, inter=1, grappler=True))
    assert options()["disable_meta_optimizer"] is False
    assert "remapping" not in options(), "where grappler is on, all of its defaults are"
    prepare(config_on(), off)
    assert options()["disable_meta_optimizer"] is True


def _steps(layers: list[Any], shape: tuple[int, ...], *, batch_size: int = 32, steps: int = 10_000) -> int:
    model = keras.Sequential([keras.Input(shape), *layers])
    return choose_steps_per_execution(model, batch_size=batch_size, steps=steps, threads=1)


def test_small_networks_run_many_steps_at_once() -> None:
    layers = [keras.layers.Flatten(), keras.layers.Dense(128), keras.layers.Dense(10)]
    assert 25 <= _steps(layers, (28, 28)) <= 50


def test_an_epoch_is_the_most() -> None:
    assert _steps([keras.layers.Dense(3)], (4,), steps=3) == 3


def test_large_networks_run_one_step_at_once() -> None:
    assert _steps([keras.layers.Conv2D(64, 3), keras.layers.Conv2D(64, 3)], (128, 128, 3)) == 1


def test_large_samples_run_few_steps_at_once() -> None:
    assert _steps([keras.layers.GlobalAveragePooling2D()], (512, 512, 3)) == 1
    assert 1 < _steps([keras.layers.GlobalAveragePooling2D()], (256, 256, 3)) < 10


def test_recurrent_layers_count_by_their_turns() -> None:
    short, long = (keras.Sequential([keras.Input((length, 4)), keras.layers.LSTM(8)]) for length in (5, 500))
    assert seconds_per_step(long, batch_size=32, threads=1) > 10 * seconds_per_step(short, batch_size=32, threads=1)
