"""A network as plain Keras: `keras.Sequential([...])` and the call that compiles it."""

from collections.abc import Sequence

from trainer.config import Config
from trainer.config.layers import has_composites
from trainer.data import Schema
from trainer.data.schema import is_gray
from trainer.reproduce.expressions import call, expression, literal, metric_expressions
from trainer.reproduce.functional_source import functional_lines

__all__ = ["augment_source", "compile_source", "list_source", "model_source", "network_source"]

# ScheduleFreeAdamW copies the weights when it is built. Inside `fit` Keras builds it while tracing, where the copy is
# lost and the first step sets every weight to about zero, so the script builds it first, as the engine does.
_STARTS_FROM_WEIGHTS = frozenset({"ScheduleFreeAdamW"})
_COMPILE_STEPS = (
    "\n# `jit_compile=True` has no effect on a model whose operations are deterministic.",
    "\nmodel.train_step = tf.function(model.train_step, jit_compile=True, reduce_retracing=True)",
    "\nmodel.test_step = tf.function(model.test_step, jit_compile=True, reduce_retracing=True)",
)
_BUILD = "\nmodel.optimizer.build(model.trainable_variables)  # fit would build it from zeros"


def network_source(config: Config, schema: Schema | None) -> str:
    """Return the network and its compilation as a script that runs by itself.

    Args:
        config: the config.
        schema: the data's shapes; `keras.Input` is omitted if they are not known.
    """
    return f"import keras\n\n{model_source(config, schema)}\n{compile_source(config)}\n"


def model_source(config: Config, schema: Schema | None, layers: Sequence[str] | None = None) -> str:
    """Return the statement that creates `model`, with one layer per line; before it the dtype policy, if it is set.

    `layers` are the layers of a Sequential as Python, by default those of the config.
    """
    *hidden, last = config.layers
    is_mixed = config.precision != "float32"
    policy = f"keras.config.set_dtype_policy({literal(config.precision)})\n" if is_mixed else ""
    if has_composites(config.layers):
        # An ellipsis stands for a shape that is not known yet.
        return policy + functional_lines(config, _input(schema) if schema else "keras.Input(...)")
    given = layers or [
        *(expression(layer, indent=4) for layer in hidden),
        expression(last, indent=4, **({"dtype": "float32"} if is_mixed else {})),
    ]
    items = [*([_input(schema)] if schema else []), *given]
    inner = "".join(f"    {item},\n" for item in items)
    return f"{policy}model = keras.Sequential([\n{inner}])"


def compile_source(
    config: Config, *, deterministic: bool = False, optimizer: str | None = None, loss: str | None = None
) -> str:
    """Return the statements that compile `model`; `deterministic` is whether operations are.

    `optimizer` and `loss` are their Python, by default that of the config.
    """
    arguments = [
        f"optimizer={optimizer or expression(config.optimizer, indent=4)}",
        f"loss={loss or expression(config.loss, indent=4)}",
    ]
    if config.metrics:
        arguments.append(f"metrics={list_source(metric_expressions(config))}")
    if config.jit_compile and not deterministic:
        arguments.append("jit_compile=True")
    inner = "".join(f"    {argument},\n" for argument in arguments)
    compiled = "".join(_COMPILE_STEPS) if config.jit_compile and deterministic else ""
    return f"model.compile(\n{inner}){compiled}{_BUILD if config.optimizer.kind in _STARTS_FROM_WEIGHTS else ''}"


def augment_source(config: Config, schema: Schema) -> str:
    """Return the statements that change the samples of each training batch; empty if the config has none."""
    if not config.augment:
        return ""
    # The dtype policy of the network is not that of the augmentation.
    policy = {} if config.precision == "float32" else {"dtype": "float32"}
    items = [expression(layer, indent=4, **policy) for layer in config.augment]
    if is_gray(schema):
        shape = schema.input_shape
        items = [_reshape((*shape, 1)), *items, _reshape(shape)]
    items = [_input(schema), *items]
    inner = "".join(f"    {item},\n" for item in items)
    return (
        f"\naugment = keras.Sequential([\n{inner}])\n"
        "train_step = model.train_step\n"
        "model.train_step = lambda batch: train_step((augment(batch[0], training=True), *batch[1:]))"
    )


def _reshape(shape: Sequence[int]) -> str:
    return call("keras.layers.Reshape", [literal(tuple(shape))])


def list_source(items: Sequence[str]) -> str:
    """Return a list as an argument of a call: on one line if it fits, otherwise with one item per line."""
    line = f"[{', '.join(items)}]"
    if len(line) <= 80 and "\n" not in line:
        return line
    return "[\n" + "".join(f"        {item.replace(chr(10), chr(10) + '    ')},\n" for item in items) + "    ]"


def _input(schema: Schema) -> str:
    dtype = [] if schema.input_dtype == "float32" else [f"dtype={literal(schema.input_dtype)}"]
    return call("keras.Input", [literal(schema.input_shape), *dtype])
