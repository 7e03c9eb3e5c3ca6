"""Every field of every component reaches the Keras object that is built of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.components import made, variants
from tests.support.engine import config_on
from trainer.config import REGISTRIES, Component
from trainer.config.layers import Composite
from trainer.data import describe
from trainer.engine.backend import keras
from trainer.engine.build import (
    Names,
    build_callbacks,
    build_layer,
    build_loss,
    build_metrics,
    build_model,
    build_optimizer,
)
from trainer.home import Home

_MODULES: Mapping[str, ModuleType] = {
    "layers": keras.layers,
    "loss": keras.losses,
    "optimizer": keras.optimizers,
    "learning_rate": keras.optimizers.schedules,
    "metrics": keras.metrics,
    "callbacks": keras.callbacks,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}
_BUILDERS: Mapping[str, Callable[[Any], Any]] = {
    "layers": lambda layer: build_layer(layer, Names()),
    "loss": build_loss,
    "optimizer": build_optimizer,
    "metrics": lambda metric: build_metrics([metric])[0],
    "callbacks": lambda callback: build_callbacks([callback])[0],
}
_HOLDERS: Mapping[str, tuple[str, str]] = {
    "learning_rate": ("optimizer", "SGD"),
    "initializer": ("layers", "Dense"),
    "regularizer": ("layers", "Dense"),
    "constraint": ("layers", "Dense"),
}
"""What is only ever a part of something else, and of what."""

_LOST_BY_KERAS = {
    ("SimpleRNN", "activity_regularizer"),
    *((f"SpatialDropout{axes}D", "freeze") for axes in (1, 2, 3)),
    ("Discretization", "freeze"),
    ("IntegerLookup", "freeze"),
}
"""Arguments that Keras 3.15 takes and does nothing with."""

_KINDS = [
    pytest.param(field, member, id=f"{field}-{name}")
    for field in _MODULES
    for name, member in REGISTRIES[field].members.items()
    if name != "accuracy" and not issubclass(member, Composite)
]


def _by_hand(value: Any) -> Any:
    """What somebody writes who reads the component: every field given."""
    if not isinstance(value, Component):
        return value
    fields = {name: _by_hand(given) for name, given in value.arguments().items()}
    fields |= {"layer": fields.pop("wrapped")} if "wrapped" in fields else {}
    field = next(field for field in _MODULES if type(value) in REGISTRIES[field].members.values())
    frozen = fields.pop("freeze", False)
    built = getattr(_MODULES[field], value.kind)(**fields)
    if frozen and getattr(value, "freezes", True):
        built.trainable = False
    return built


_UNWRITTEN = ("delta", "gain", "use_cudnn")
"""What Keras leaves out of an object's config; so it does with some seeds."""


def _state(built: Any) -> dict[str, Any]:
    """All that a Keras object was made with. Callbacks have no config: what they were given are their attributes."""
    if isinstance(built, keras.callbacks.Callback):
        return {name: value for name, value in vars(built).items() if isinstance(value, int | float | str | None)}
    inner = [built, getattr(built, "_fn_kwargs", None), getattr(built, "kernel_initializer", None)]
    attributes = [each if isinstance(each, dict) else getattr(each, "__dict__", {}) for each in inner]
    unwritten = [{name: each[name] for name in _UNWRITTEN if name in each} for each in attributes]
    config = _without_names(keras.saving.serialize_keras_object(built))
    return {"config": config, "unwritten": unwritten, "seed": getattr(getattr(built, "cell", built), "seed", None)}


def _seeded(build: Callable[[Any], Any], component: Component) -> dict[str, Any]:
    """Some layers draw their seed when they are made."""
    keras.utils.set_random_seed(0)
    return _state(build(component))


def _without_names(state: Any) -> Any:
    """Names are numbered in a process, and tested elsewhere."""
    if isinstance(state, dict):
        kept = state.keys() - {"name", "registered_name", "build_config"}
        return {key: _without_names(state[key]) for key in kept}
    return state


def _held(field: str, component: Component) -> tuple[str, Component]:
    if field not in _HOLDERS:
        return field, component
    place, kind = _HOLDERS[field]
    holder = {"learning_rate": "learning_rate", "initializer": "kernel_initializer"}.get(field, f"kernel_{field}")
    return place, made(REGISTRIES[place].members[kind], **{holder: component.model_dump()})


@pytest.mark.parametrize(("field", "member"), _KINDS)
def test_every_field_reaches_keras(field: str, member: type[Component]) -> None:
    place, usual = _held(field, made(member))
    usual_state = _seeded(_BUILDERS[place], usual)
    assert usual_state == _seeded(_by_hand, usual)
    for name, others in variants(member):
        held = [_held(field, other)[1] for other in others]
        found = [_seeded(_BUILDERS[place], each) for each in held]
        assert found == [_seeded(_by_hand, each) for each in held], name
        differs = any(state != usual_state for state in found)
        assert differs or (member.kind_of(), name) in _LOST_BY_KERAS, f"{name} makes no difference to Keras"


def test_every_part_of_a_config_reaches_the_model(tmp_path: Path) -> None:
    layers = [
        "Flatten",
        {"layer": "Dense", "units": 7, "kernel_regularizer": {"name": "L2", "l2": 0.5}, "kernel_constraint": "MaxNorm"},
        {"layer": "Dense", "units": 10, "kernel_initializer": "HeNormal", "bias_initializer": "Ones"},
    ]
    config = config_on(
        layers=layers,
        loss={"name": "SparseCategoricalCrossentropy", "from_logits": True, "ignore_class": 3},
        optimizer={"name": "RMSprop", "learning_rate": 0.25, "rho": 0.5},
        metrics=[{"name": "SparseTopKCategoricalAccuracy", "k": 3}],
    )
    model = build_model(config, describe(config.dataset, home=Home(tmp_path)), steps_per_execution=3)
    built = [*model.layers, model.loss, model.optimizer, *model._compile_metrics._user_metrics]
    expected = [*config.layers, config.loss, config.optimizer, *config.metrics]
    assert [_state(each)["config"] for each in built] == [_state(_by_hand(each))["config"] for each in expected]
    assert model.steps_per_execution == 3
