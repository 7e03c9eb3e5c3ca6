"""The schema against the installed Keras: every name and default, and what is left out with its reason."""

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.components import REQUIRED, made
from tests.support.configs import BUILDABLE_DATA, PATIENT, buildable_configs
from trainer.config import METRICS, REGISTRIES, Component, Config, Metric, describe
from trainer.config.layers import Composite

pytestmark = pytest.mark.slow

_EVERYWHERE = {
    "name": "Fitboard names what it makes",
    "dtype": "runs are in 32 bits",
    "autocast": "belongs to dtype",
    "trainable": "layers have freeze, its opposite",
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
    "gptq_unpacked_column_size": "for inference",
    "sparse": "layers take dense tensors",
    "unroll": "ConvLSTM takes it and does nothing with it",
    "bounding_box_format": "labels are classes or values",
    "factor": "inherited by augmentations that have other factors, without a use",
    "fill_mode": "Resizing has only one",
    **dict.fromkeys(["num_bins", "epsilon"], "Discretization's, for bins learned with adapt"),
    **dict.fromkeys(
        ["max_tokens", "idf_weights", "pad_to_max_tokens", "vocabulary_dtype", "oov_method", "salt"],
        "IntegerLookup's, for vocabularies learned with adapt and for several indices of unknown integers",
    ),
    "from_sorted_ids": "the network's outputs are scores",
    "baseline": "inherited by ReduceLROnPlateau without a use",
    "raise_error": "a run that ends with NaN is a result",
}
_OWN_NAMES = {"freeze", "wrapped"}
_OTHER_DEFAULTS = {
    "average": "Keras's None gives one number for each class, but a metric of a run is a single number",
    "sparse_y_pred": "networks output a value per class, which Keras's true would take for class ids",
}
_REQUIRED_HERE = {
    **dict.fromkeys(["mean", "variance", "bin_boundaries", "vocabulary"], "Keras learns them with adapt"),
    "num_tokens": "Keras needs it in every mode but one",
}
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
    "CTC": "labels are classes or values, not texts",
    "Circle": "compares the embeddings of samples, which are neither classes nor values",
    **dict.fromkeys(["LossScaleOptimizer", "MultiOptimizer"], "wraps other optimizers"),
    "Accuracy": "compares labels with labels; accuracy is the one that is meant",
    **dict.fromkeys(["BackupAndRestore", "ModelCheckpoint", "OrbaxCheckpoint"], "Fitboard keeps checkpoints itself"),
    **dict.fromkeys(
        ["CSVLogger", "History", "ProgbarLogger", "RemoteMonitor", "TensorBoard"], "the record is MLflow's"
    ),
    **dict.fromkeys(["LambdaCallback", "LearningRateScheduler"], "takes a function; schedules are in the config"),
    "SwapEMAWeights": "optimizers with use_ema average at the end, and during training with ema_overwrite_frequency",
}
_LEFT_OUT_LAYERS = {
    **dict.fromkeys(["Layer", "Wrapper"], "a base class"),
    "InputLayer": "the dataset gives the input",
    **dict.fromkeys(["Add", "Average", "Concatenate", "Dot"], "merges several inputs"),
    **dict.fromkeys(["Maximum", "Minimum", "Multiply", "Subtract"], "merges several inputs"),
    **dict.fromkeys(["Attention", "AdditiveAttention", "MultiHeadAttention"], "attends from one input to another"),
    "GroupQueryAttention": "attends from one input to another",
    **dict.fromkeys(["RNN", "GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"], "a cell, or made of cells"),
    **dict.fromkeys(["Lambda", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"], "carries code"),
    **dict.fromkeys(["StringLookup", "TextVectorization"], "takes strings, which a dataset's preparation encodes"),
    "HashedCrossing": "takes two inputs",
    **dict.fromkeys(["CutMix", "MixUp"], "mixes labels too, which a layer of a Sequential does not see"),
    "MaxNumBoundingBoxes": "for bounding boxes",
    "Pipeline": "a list of layers, as the config is",
    "RandomCrop": "does not crop during evaluation, so that the next layer gets another shape (Keras 3.15)",
    "ReversibleEmbedding": "its other direction is a second call; Embedding is the first",
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


_FIELDS = (
    *("layers", "loss", "optimizer", "learning_rate", "metrics"),
    *("callbacks", "initializer", "regularizer", "constraint"),
)
_PARTS = [
    pytest.param(field, member, id=f"{field}-{name}")
    for field in _FIELDS
    for name, member in REGISTRIES[field].members.items()
    if name != "accuracy" and not issubclass(member, Composite)
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
            assert theirs[name] is inspect.Parameter.empty or name in _REQUIRED_HERE, name
        elif isinstance(spec.default, Component):
            assert spec.registry is not None
            assert spec.default == type(spec.default)()
            assert spec.registry.full_name(theirs[name]) == spec.default.kind, name
        else:
            # Keras writes some defaults short: 1 for (1, 1).
            assert spec.default == getattr(made(member, **{name: theirs[name]}), name), name


@pytest.mark.parametrize("field", _FIELDS)
def test_registry_has_every_class_of_keras_or_leaves_it_out_with_a_reason(field: str) -> None:
    module = _modules()[field]
    classes = [each for name, each in vars(module).items() if name[0].isupper() and inspect.isclass(each)]
    # By their own names, since Keras gives some a second one: AvgPool1D, OrthogonalInitializer.
    theirs = {each.__name__ for each in classes} - {"GroupedQueryAttention", "InputSpec"}
    left_out = _LEFT_OUT_LAYERS if field == "layers" else _LEFT_OUT_CLASSES
    assert theirs - set(REGISTRIES[field].members) <= set(left_out)
    assert not set(left_out) & set(REGISTRIES[field].members)


@pytest.mark.parametrize("name", [name for name in METRICS.members if name != "accuracy"])
def test_metric_is_logged_and_directed_as_in_keras(name: str) -> None:
    member = METRICS.members[name]
    assert issubclass(member, Metric)
    given = {"name": None} if name == "AUC" else dict(REQUIRED.get(name, {}))
    theirs = getattr(_modules()["metrics"], name)(**given)
    assert theirs.name.rstrip("_0123456789") == made(member).logged_name.rstrip("_0123456789")
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
    fields.pop("freeze", None)
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
    keras.utils.clear_session(free_memory=False)


def test_keras_has_no_smoothing_of_integer_labels() -> None:
    import keras

    with pytest.raises(TypeError, match="label_smoothing"):
        keras.losses.SparseCategoricalCrossentropy(label_smoothing=0.1)


def test_without_smoothing_the_changed_loss_has_the_same_values() -> None:
    import keras

    random = np.random.default_rng(0)
    logits, labels = random.normal(size=(8, 10)).astype(np.float32), random.integers(0, 10, 8)
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    one_hot = keras.losses.CategoricalCrossentropy(from_logits=True)(np.eye(10, dtype=np.float32)[labels], logits)
    assert float(sparse) == pytest.approx(float(one_hot), rel=1e-6)
