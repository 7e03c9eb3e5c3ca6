"""The schema against the installed Keras: every name and default, and what is left out with its reason."""

import inspect
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.configs import BUILDABLE_DATA, PATIENT, buildable_configs
from trainer.config import METRICS, REGISTRIES, Component, Config, Metric, describe

pytestmark = pytest.mark.slow

_EVERYWHERE = {
    "name": "Fitboard names what it makes",
    "dtype": "runs are in 32 bits",
    "autocast": "belongs to dtype",
    "trainable": "a run trains all it has",
    "seed": "initializers are seeded by the config's own seed",
    "data_format": "arrays have their channels last",
    "activity_regularizer": "only layers that document it have it",
    "lora_rank": "for fine-tuning, which starts from weights",
    "lora_alpha": "for fine-tuning, which starts from weights",
    "quantization_config": "for inference",
    "weights": "a run starts from the seed",
    "rank": "an inner argument of the base class",
    "pool_dimensions": "an inner argument of the base class",
    "pool_mode": "an inner argument of the base class",
    "input_axes": "the layers' own axes are right",
    "output_axes": "the layers' own axes are right",
    "axis": "classes and values lie on the last axis; layers and constraints have their own",
    "verbose": "nothing is printed",
}
_LEFT_OUT = {
    **dict.fromkeys(
        ["return_state", "stateful", "cell", "zero_output_for_mask"], "makes no sense in a Sequential of one input"
    ),
    "layer": "names the layer itself; Bidirectional's is called wrapped",
    "backward_layer": "the wrapped layer reads both ways",
    "renorm_clipping": "a dictionary of tensors",
    "synchronized": "for several devices",
    "thresholds": "AUC's own list; num_thresholds makes it",
    "label_weights": "AUC's, for several labels a sample",
    "from_sorted_ids": "the network's outputs are scores",
    "baseline": "inherited by ReduceLROnPlateau without a use",
    "raise_error": "a run that ends with NaN is a result",
}
_OWN_NAMES = {"wrapped"}
_OTHER_DEFAULTS = {"average": "Keras's None gives one number for each class, but a metric of a run is a single number"}
_LEFT_OUT_CLASSES = {
    **dict.fromkeys(
        [
            "Loss",
            "Optimizer",
            "OptimizerMap",
            "Metric",
            "Callback",
            "CallbackList",
            "Initializer",
            "Regularizer",
            "Constraint",
        ],
        "a base class",
    ),
    **dict.fromkeys(["LearningRateSchedule", "MeanMetricWrapper", "Mean", "Sum"], "a base class"),
    **dict.fromkeys(["CTC", "Circle", "Dice", "Tversky"], "for text, embeddings and masks, not for classes or values"),
    **dict.fromkeys(["LossScaleOptimizer", "MultiOptimizer"], "wraps other optimizers"),
    **dict.fromkeys(["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"], "for masks of images"),
    "Accuracy": "compares labels with labels; accuracy is the one that is meant",
    **dict.fromkeys(["ConcordanceCorrelation", "PearsonCorrelation"], "a correlation along an axis within one batch"),
    **dict.fromkeys(["PrecisionAtRecall", "RecallAtPrecision"], "a point of the curve that AUC and the results show"),
    **dict.fromkeys(["SensitivityAtSpecificity", "SpecificityAtSensitivity"], "a point of that curve"),
    **dict.fromkeys(["BackupAndRestore", "ModelCheckpoint", "OrbaxCheckpoint"], "Fitboard keeps checkpoints itself"),
    **dict.fromkeys(
        ["CSVLogger", "History", "ProgbarLogger", "RemoteMonitor", "TensorBoard"], "the record is MLflow's"
    ),
    **dict.fromkeys(["LambdaCallback", "LearningRateScheduler"], "takes a function; schedules are in the config"),
    "SwapEMAWeights": "optimizers have ema_overwrite_frequency",
    **dict.fromkeys(["STFT", "STFTInitializer"], "for audio"),
    **dict.fromkeys(["IdentityInitializer", "OrthogonalInitializer"], "another name of one that is there"),
}


def _modules() -> dict[str, ModuleType]:
    import keras

    return {
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


def _arguments(cls: type[Any]) -> dict[str, Any]:
    """The arguments of a Keras class by name with their defaults, those that go on to its base classes too."""
    found: dict[str, Any] = {}
    for ancestor in cls.__mro__[:-1]:
        if "__init__" in vars(ancestor):
            own = inspect.signature(ancestor).parameters.values()
            kinds = {parameter.kind for parameter in own}
            named = (
                parameter
                for parameter in own
                if parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
            )
            for parameter in named:
                found.setdefault(parameter.name, parameter.default)
            if inspect.Parameter.VAR_KEYWORD not in kinds:
                break
    return found


_PARTS = [
    pytest.param(field, member, id=f"{field}-{name}")
    for field, registry in REGISTRIES.items()
    if field not in {"dataset", "wrapped"}
    for name, member in registry.members.items()
    if name != "accuracy"
]


@pytest.mark.parametrize(("field", "member"), _PARTS)
def test_part_has_the_arguments_and_defaults_of_keras(field: str, member: type[Component]) -> None:
    theirs = _arguments(getattr(_modules()[field], member.kind_of()))
    ours = {spec.name: spec for spec in describe(member)}
    assert set(ours) - set(theirs) <= _OWN_NAMES
    assert set(theirs) - set(ours) <= set(_EVERYWHERE) | set(_LEFT_OUT)
    for name in set(ours) & set(theirs) - set(_OTHER_DEFAULTS):
        spec = ours[name]
        if spec.required:
            assert theirs[name] is inspect.Parameter.empty, name
        elif isinstance(spec.default, Component):
            assert spec.registry is not None
            assert spec.default == type(spec.default)()
            assert spec.registry.full_name(theirs[name]) == spec.default.kind, name
        else:
            assert spec.default == theirs[name], name


@pytest.mark.parametrize("field", [field for field in REGISTRIES if field not in {"dataset", "wrapped", "layers"}])
def test_registry_has_every_class_of_keras_or_leaves_it_out_with_a_reason(field: str) -> None:
    module = _modules()[field]
    theirs = {name for name in dir(module) if name[0].isupper() and inspect.isclass(getattr(module, name))}
    assert theirs - set(REGISTRIES[field].members) <= set(_LEFT_OUT_CLASSES)


@pytest.mark.parametrize("name", [name for name in METRICS.members if name != "accuracy"])
def test_metric_is_logged_and_directed_as_in_keras(name: str) -> None:
    member = METRICS.members[name]
    assert issubclass(member, Metric)
    theirs = (
        getattr(_modules()["metrics"], name)(name=None) if name == "AUC" else getattr(_modules()["metrics"], name)()
    )
    assert theirs.name.rstrip("_0123456789") == member().logged_name.rstrip("_0123456789")
    assert getattr(theirs, "_direction", None) == member.better


def test_activations_are_those_of_keras() -> None:
    import keras

    from trainer.config.values import ACTIVATIONS

    theirs = {name for name in dir(keras.activations) if inspect.isfunction(getattr(keras.activations, name))}
    not_offered = {"deserialize", "get", "serialize"} | {"glu", "threshold"} | {"swish", "hard_swish"}
    assert theirs - not_offered == set(ACTIVATIONS)
    assert keras.activations.swish is keras.activations.silu


def _keras_argument(value: Any) -> Any:
    if not isinstance(value, Component):
        return value
    fields = {name: _keras_argument(item) for name, item in value.arguments().items()}
    fields |= {"layer": fields.pop("wrapped")} if "wrapped" in fields else {}
    field = next(field for field, registry in REGISTRIES.items() if type(value) in registry.members.values())
    return getattr(_modules()[field], value.kind)(**fields)


@settings(PATIENT, max_examples=15)
@given(st.data())
@pytest.mark.parametrize("kind", BUILDABLE_DATA)
def test_buildable_configs_build(kind: str, data: st.DataObject) -> None:
    import keras

    config: Config = data.draw(buildable_configs(kind))
    network = keras.Sequential([keras.Input(BUILDABLE_DATA[kind][1]), *map(_keras_argument, config.layers)])
    assert network.output_shape == (None, 3)
    keras.utils.clear_session()
