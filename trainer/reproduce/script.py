"""Write a run as a short, plain Keras script that prints exactly the numbers of the run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from trainer.config import Config, FileWeights, StartWeights
from trainer.config.metrics.names import TEST
from trainer.reproduce.data_lines import data_lines, parts_of
from trainer.reproduce.expressions import expression, literal
from trainer.reproduce.facts import DataFacts
from trainer.reproduce.network_source import augment_source, compile_source, list_source, model_source
from trainer.reproduce.source_lines import Source, source_lines

__all__ = ["START", "Origin", "Preamble", "fit_arguments", "start_source", "write_script"]

START = "start.keras"
"""The file in the script's folder that has the weights of the run that it starts from."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The facts of a run that its script needs besides the config: how it was computed, and its weights' digest.

    `grappler` is False for a run that was computed without TensorFlow's graph optimizer; `deterministic` is False for
    one with an operation that has no deterministic implementation; `one_dnn` is its `TF_ENABLE_ONEDNN_OPTS`, None if
    that was not set; `ended_early` is the status of a run that is not FINISHED.
    """

    intra: int = 1
    inter: int = 1
    grappler: bool = True
    one_dnn: str | None = None
    deterministic: bool = True
    weights: str | None = None
    ended_early: str | None = None
    starts_within: bool = False
    """Whether the file of the weights to start from has the network as a model within the model."""


# A Template rather than a format string, because the script contains the braces of f-strings.
_SCRIPT = Template("""\
# $title
# It prints the history, the results on the test part and the weights' SHA-256$expected.

$standard

os.environ["KERAS_BACKEND"] = "tensorflow"
$one_dnn
$imports

EPOCHS, BATCH_SIZE, SEED = $epochs, $batch_size, $seed

# The same bits every time: $promise
tf.config.threading.set_intra_op_parallelism_threads($intra)
tf.config.threading.set_inter_op_parallelism_threads($inter)
$grappler$determinism
# The data: $samples
$data

# The order of each epoch's samples depends only on the seed and the epoch.
$constants


def batches_of(epoch):
    order = tf.random.experimental.stateless_shuffle(tf.range(len(x)), seed=[SEED, epoch])
    samples = tf.data.Dataset.from_tensor_slices($gathered)
    return samples.batch(BATCH_SIZE)


keras.utils.set_random_seed(SEED)
$model
$compile
$fit

for name, values in history.history.items():
    print(f"{name}: {values}")
${evaluate}weights = b"".join(weight.tobytes() for weight in model.get_weights())
print("weights:", hashlib.sha256(weights).hexdigest())
""")

_SPLITTERS = ("GroupKFold", "GroupShuffleSplit", "KFold", "StratifiedKFold", "train_test_split")
_WITHOUT_GRAPPLER = 'tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})\n'


@dataclass(frozen=True, kw_only=True)
class Preamble:
    """What stands in a script around its network: its imports, how it is computed, and what its data are."""

    title: str
    standard: str
    one_dnn: str
    imports: str
    promise: str
    intra: int
    inter: int
    grappler: str
    determinism: str
    samples: str
    data: str
    constants: str
    gathered: str

    @classmethod
    def of(cls, config: Config, facts: DataFacts, origin: Origin, *, search: str = "") -> "Preamble":
        """Return the parts for a config; `search` are the lines with Optuna."""
        source = source_lines(config.dataset, facts.about, facts.npz, facts.table)
        data = "\n".join(data_lines(config, facts, source))
        is_weighted = source.has_weights or config.class_weight is not None
        return cls(
            title=_title(config),
            one_dnn=_one_dnn(origin),
            standard="\n".join(_standard(f"{data}\n{search}", is_search=bool(search))),
            imports="\n".join(_imports(data, source, is_search=bool(search))),
            promise=_promise(origin),
            intra=origin.intra,
            inter=origin.inter,
            grappler="" if origin.grappler else _WITHOUT_GRAPPLER,
            determinism=_determinism(origin),
            samples=_samples(facts),
            data=data,
            constants=_constants(is_weighted=is_weighted),
            gathered="(tf.gather(x, order), tf.gather(y, order))"
            if not is_weighted
            else "tuple(tf.gather(part, order) for part in (x, y, weight))",
        )


def write_script(config: Config, facts: DataFacts, origin: Origin) -> str:
    """Return the script of a config; it does not import Fitboard."""
    parts = parts_of(facts)
    return _SCRIPT.substitute(
        vars(Preamble.of(config, facts, origin)),
        expected=_expected(origin),
        epochs=config.epochs,
        batch_size=config.batch_size,
        seed=config.seed,
        model=model_source(config, facts.schema) + start_source(config.weights, origin),
        compile=compile_source(config, deterministic=origin.deterministic) + augment_source(config, facts.schema),
        fit=_fit(config, parts),
        evaluate=_evaluate() if "test" in parts else "",
    )


def start_source(weights: StartWeights | None, origin: Origin) -> str:
    """Return the lines that load the weights to start from; those of a run have to be exported to a file first."""
    if weights is None:
        return ""
    lines, path = [""], START
    if isinstance(weights, FileWeights):
        path = weights.path
    else:
        lines.append(f"# Written by: fitboard export {weights.arguments()['run']} --to keras --output {START}")
    target = "model"
    if origin.starts_within:
        target = "outer"
        lines.append("outer = keras.Sequential([model])  # the file has the network within a model of raw samples")
        lines.append("outer.built = True")
    skip = ", skip_mismatch=True" if weights.skip_mismatch else ""
    return "\n".join([*lines, f"{target}.load_weights({literal(path)}{skip})"])


def _constants(*, is_weighted: bool) -> str:
    line = "x, y = tf.constant(x_train), tf.constant(y_train)"
    return f"{line}\nweight = tf.constant(weight_train)" if is_weighted else line


def _expected(origin: Origin) -> str:
    if origin.ended_early:
        return f".\n# The run is {origin.ended_early}; the script trains to the end, so its numbers differ"
    return f":\n# {origin.weights}" if origin.weights else ""


def _title(config: Config) -> str:
    named = f"{config.name}: " if config.name else ""
    return f"{named}a network for {config.dataset.kind}, in plain Keras.".encode(errors="replace").decode()


def _standard(data: str, *, is_search: bool) -> list[str]:
    """Return the imports of the standard library."""
    plain = {"math", "os"} | ({"hashlib"} if not is_search else set())
    plain |= {name for name in ("hashlib", "io", "stat", "time", "zipfile") if re.search(rf"\b{name}\.", data)}
    used = [f"import {name}" for name in sorted(plain | ({"string"} if "string.punct" in data else set()))]
    used += ["from collections import Counter"] if "Counter(" in data else []
    used += ["from decimal import Decimal"] if "Decimal(" in data else []
    paths = [name for name in ("Path", "PurePosixPath") if re.search(rf"\b{name}\(", data)]
    return [*used, *([f"from pathlib import {', '.join(paths)}"] if paths else [])]


def _imports(data: str, source: Source, *, is_search: bool) -> list[str]:
    imports = [f"import {name}" for name in ("collections", "string") if f"{name}." in data] + ["import keras"]
    if "np." in data:
        imports.append("import numpy as np")
    if is_search:
        imports.append("import optuna")
    if "pd." in data:
        imports.append("import pandas as pd")
    imports.append("import tensorflow as tf")
    if "Image.open(" in data:
        imports.append("from PIL import Image, ImageOps")
    if source.scikit:
        imports.append(f"from sklearn.datasets import {source.scikit}")
    splitters = [name for name in _SPLITTERS if re.search(rf"\b{name}\(", data)]
    if splitters:
        imports.append(f"from sklearn.model_selection import {', '.join(splitters)}")
    return imports


# TensorFlow reads this variable when it is imported, so the template sets it before the imports.
def _one_dnn(origin: Origin) -> str:
    if origin.one_dnn is None:
        return ""
    comment = "oneDNN rounds differently" if origin.one_dnn == "0" else "the results depend on it"
    return f'os.environ["TF_ENABLE_ONEDNN_OPTS"] = {literal(origin.one_dnn)}  # {comment}\n'


def _promise(origin: Origin) -> str:
    kept = [*(["deterministic operations"] if origin.deterministic else []), "as many threads as the run had"]
    if not origin.grappler:
        kept.append("no graph optimizer")
    return f"{', '.join(kept)}."


def _determinism(origin: Origin) -> str:
    if origin.deterministic:
        return "tf.config.experimental.enable_op_determinism()\n"
    return "# An operation of this network has no deterministic implementation, so the last bits may differ.\n"


def _samples(facts: DataFacts) -> str:
    schema = facts.schema
    told = [f"{schema.train:,} training samples"]
    if schema.validation:
        told.append(f"{schema.validation:,} validation samples")
    if schema.test:
        told.append(f"{schema.test:,} test samples")
    return ", ".join(told) + "."


def _fit(config: Config, parts: Sequence[str]) -> str:
    arguments = fit_arguments(parts, epochs="EPOCHS", batch_size="BATCH_SIZE")
    if config.callbacks:
        arguments.append(f"callbacks={list_source([expression(callback, indent=4) for callback in config.callbacks])}")
    inner = "".join(f"    {argument},\n" for argument in [*arguments, "verbose=2"])
    return f"history = model.fit(\n{inner})"


def fit_arguments(parts: Sequence[str], *, epochs: str, batch_size: str) -> list[str]:
    """Return the arguments of `fit` that say what it trains on, given the names of two variables."""
    arguments = [
        f"tf.data.Dataset.range({epochs}).flat_map(batches_of)",
        f"epochs={epochs}",
        "shuffle=False",
        # One dataset holds the batches of all epochs; Keras has to know where each one ends.
        f"steps_per_epoch=math.ceil(len(x_train) / {batch_size})",
    ]
    if "val" in parts:
        arguments += ["validation_data=(x_val, y_val)", f"validation_batch_size={batch_size}"]
    return arguments


def _evaluate() -> str:
    evaluated = "model.evaluate(x_test, y_test, batch_size=BATCH_SIZE, return_dict=True, verbose=0)"
    return f'results = {evaluated}\nfor name, value in results.items():\n    print(f"{TEST}{{name}}: {{value}}")\n'
