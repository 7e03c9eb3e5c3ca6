"""Base classes of the layers."""

from typing import Any, ClassVar

from pydantic import ConfigDict, SerializerFunctionWrapHandler, model_serializer

from trainer.config.component import Component, option, without_defaults
from trainer.config.initializers import AnyInitializer, GlorotUniform, Zeros
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Flag

__all__ = ["Composite", "KernelLayer", "Layer"]

# Fields that layers of earlier versions did not have.
_LATER = frozenset({"freeze"})


class Layer(Component):
    """One layer of a Sequential model.

    `input_rank` is the number of input dimensions that the layer requires, batch included; None for any.
    """

    key: ClassVar[str] = "layer"
    input_rank: ClassVar[int | None] = None
    freezes: ClassVar[bool] = True
    """Whether Keras's class takes `trainable`; a few without weights do not."""

    freeze: Flag = option(
        False, "Whether training leaves the layer's weights unchanged (`trainable=False` in Keras).", advanced=True
    )

    @model_serializer(mode="wrap")
    def _without_later_fields(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return without_defaults(self, serialize, _LATER)


class Composite(Layer):
    """Base class of the layers that are built and exported as several layers of Keras."""

    # Composites contain composites, so their schema is complete only when all layers are known.
    model_config = ConfigDict(defer_build=True)


class KernelLayer(Layer):
    """Base class of the layers with a kernel and a bias."""

    use_bias: Flag = option(True, "Whether the layer uses a bias vector.", advanced=True)
    kernel_initializer: AnyInitializer = option(GlorotUniform(), "Initializer of the kernel.", advanced=True)
    bias_initializer: AnyInitializer = option(Zeros(), "Initializer of the bias vector.", advanced=True)
    kernel_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to the kernel.", advanced=True)
    bias_regularizer: AnyRegularizer | None = option(None, "Regularizer applied to the bias vector.", advanced=True)
    activity_regularizer: AnyRegularizer | None = option(
        None, "Regularizer applied to the output of the layer.", advanced=True
    )
    kernel_constraint: AnyConstraint | None = option(None, "Constraint applied to the kernel.", advanced=True)
    bias_constraint: AnyConstraint | None = option(None, "Constraint applied to the bias vector.", advanced=True)
