"""What layers share: the base class, and the fields of layers with a kernel."""

from typing import ClassVar

from trainer.config.component import Component, option
from trainer.config.initializers import AnyInitializer, GlorotUniform, Zeros
from trainer.config.regularizers import AnyConstraint, AnyRegularizer
from trainer.config.values import Flag

__all__ = ["KernelLayer", "Layer"]


class Layer(Component):
    """One layer of a Sequential.

    `input_rank` is the number of dimensions, batch included, that the layer takes; None is any.
    """

    key: ClassVar[str] = "layer"
    input_rank: ClassVar[int | None] = None


class KernelLayer(Layer):
    """A layer that multiplies by a kernel and adds a bias."""

    use_bias: Flag = option(True, "Whether a bias is added.", advanced=True)
    kernel_initializer: AnyInitializer = option(GlorotUniform(), "How the kernel starts.", advanced=True)
    bias_initializer: AnyInitializer = option(Zeros(), "How the bias starts.", advanced=True)
    kernel_regularizer: AnyRegularizer | None = option(None, "A penalty on the kernel.", advanced=True)
    bias_regularizer: AnyRegularizer | None = option(None, "A penalty on the bias.", advanced=True)
    activity_regularizer: AnyRegularizer | None = option(None, "A penalty on the layer's output.", advanced=True)
    kernel_constraint: AnyConstraint | None = option(None, "A rule the kernel is held to.", advanced=True)
    bias_constraint: AnyConstraint | None = option(None, "A rule the bias is held to.", advanced=True)
