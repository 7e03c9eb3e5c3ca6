"""Names of runs that nobody named."""

from typing import Any

import pytest

from tests.support.store import config_of
from trainer.config import RECIPES, Config, parse_config
from trainer.config.naming import LONGEST_NAME, Named, run_name


def _unnamed(**fields: Any) -> Config:
    return config_of(name=None, **fields)


def _changed(**fields: Any) -> Config:
    return parse_config(_unnamed().model_dump(mode="json") | fields)


FIRST = Named("Dense 128 · Adam 0.001", _unnamed())


def test_name_without_neighbors_is_the_network_in_short() -> None:
    assert run_name(_unnamed()) == FIRST.name


def test_name_that_was_typed_is_kept() -> None:
    assert run_name(config_of(name="mine"), [FIRST]) is None


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (_unnamed(rate=0.01), "lr 0.01 · Dense 128"),
        (_unnamed(units=64), "Dense 64 · Adam 0.001"),
        (_unnamed(units=64, rate=1e-5), "lr 1e-5 · Dense 64"),
        (_unnamed(seed=3), "Dense 128 · Adam 0.001 · seed 3"),
        (_unnamed(), "Dense 128 · Adam 0.001 (2)"),
        (_changed(epochs=20), "20 epochs · Dense 128"),
        (_changed(batch_size=64), "batch 64 · Dense 128"),
        (_changed(optimizer={"name": "SGD", "learning_rate": 0.5}), "SGD 0.5 · Dense 128"),
        (_changed(callbacks=["EarlyStopping"]), "EarlyStopping · Dense 128"),
        (_changed(dataset={"name": "mnist"}), "mnist · Dense 128"),
    ],
)
def test_name_says_what_differs_from_the_nearest_neighbor(config: Config, name: str) -> None:
    assert run_name(config, [FIRST]) == name


@pytest.mark.parametrize(
    ("layers", "name"),
    [
        ([{"layer": "Dense", "units": 64}, {"layer": "Dense", "units": 64}], "2 × Dense 64"),
        ([{"layer": "Conv2D", "filters": 16, "kernel_size": 3}, "Flatten"], "Conv2D 16"),
        ([{"layer": "Dense", "units": 64}, "BatchNormalization", {"layer": "Dense", "units": 32}], "Dense 64, 32"),
    ],
)
def test_network_is_told_by_its_sizes(layers: list[Any], name: str) -> None:
    config = _changed(layers=[*layers, {"layer": "Dense", "units": 10}])
    assert run_name(config) == f"{name} · Adam 0.001"


def test_field_within_a_layer_is_told_by_its_short_name() -> None:
    layers = _unnamed().model_dump(mode="json")["layers"]
    more, without = [dict(each) for each in layers], layers[:2] + layers[3:]
    more[2]["rate"] = 0.5
    assert run_name(_changed(layers=more), [FIRST]) == "dropout 0.5 · Dense 128"
    assert run_name(_changed(layers=without), [FIRST]) == "no Dropout · Dense 128"


def test_added_layer_is_told_with_its_first_field() -> None:
    layers = _unnamed().model_dump(mode="json")["layers"]
    reshaped = [{"layer": "Reshape", "target_shape": [8, 8, 1]}, *layers]
    assert run_name(_changed(layers=reshaped), [FIRST]) == "Reshape 8×8×1 · Dense 128"


def test_repeats_that_are_queued_together_tell_their_seeds() -> None:
    first = run_name(_unnamed(rate=0.1, seed=4), [FIRST], seeded=True)
    assert first == "lr 0.1 · Dense 128 · seed 4"
    neighbors = [Named(first, _unnamed(rate=0.1, seed=4)), FIRST]
    assert run_name(_unnamed(rate=0.1, seed=5), neighbors, seeded=True) == "lr 0.1 · Dense 128 · seed 5"
    assert run_name(config_of(name="mine", seed=5), seeded=True) == "mine · seed 5"


def test_rerun_is_called_after_the_run_that_it_repeats() -> None:
    rerun = run_name(_unnamed(), [FIRST], source=FIRST)
    assert rerun == "Dense 128 · Adam 0.001 · rerun"
    again = Named(rerun, _unnamed())
    assert run_name(_unnamed(), [again, FIRST], source=again) == "Dense 128 · Adam 0.001 · rerun (2)"


def test_variant_says_what_was_changed_in_the_run_that_it_comes_from() -> None:
    mine = Named("mine", config_of(name="mine"))
    assert run_name(config_of(name="mine", rate=0.01), source=mine) == "mine · lr 0.01"
    assert run_name(config_of(name="other", rate=0.01), source=mine) is None
    assert run_name(_unnamed(rate=0.01), source=FIRST) == "lr 0.01 · Dense 128"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_name_fits_the_table_whatever_the_config_is_beside(recipe: Any) -> None:
    config = recipe.config.model_copy(update={"name": None})
    others = [Named(str(place), other.config) for place, other in enumerate(RECIPES)]
    for neighbors in ([], others):
        name = run_name(config, neighbors, seeded=True)
        assert name is not None
        assert len(name) <= LONGEST_NAME
        assert name == run_name(config, neighbors, seeded=True)


def test_long_name_gives_way_to_what_distinguishes_it() -> None:
    long = Named("x" * 60, config_of(name="x" * 60))
    rerun = run_name(long.config, source=long)
    assert rerun == "x" * 39 + "… · rerun"
    assert run_name(long.config, [Named(rerun, long.config)], source=long) == "x" * 35 + "… · rerun (2)"
