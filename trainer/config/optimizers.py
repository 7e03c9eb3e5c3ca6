"""Optimizers (`keras.optimizers`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import Component, Registry, option
from trainer.config.schedules import LearningRate
from trainer.config.values import Count, Flag, Number, Positive, Probability, Size, Text

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "AnyOptimizer",
    "Ftrl",
    "Lamb",
    "Lion",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "ScheduleFreeAdamW",
]

_Weight = Annotated[Number, Field(ge=0)]
_Decay = Annotated[Number, Field(ge=0, lt=1)]
_RATE = "Learning rate: the size of each update. A schedule changes it during training."
_EPSILON = "Small constant for numerical stability."
_BETA_1 = "Exponential decay rate of the first-moment estimates."
_BETA_2 = "Exponential decay rate of the second-moment estimates."


class Optimizer(Component):
    """Base class of the optimizers, with the fields that they share."""

    first: ClassVar[tuple[str, ...]] = ("learning_rate",)
    learning_rate: LearningRate = option(0.001, _RATE)
    weight_decay: _Weight | None = option(None, "Weight decay applied at each update.", advanced=True)
    clipnorm: Positive | None = option(None, "Maximum norm of the gradient of each weight.", advanced=True)
    clipvalue: Positive | None = option(None, "Maximum absolute value of each gradient entry.", advanced=True)
    global_clipnorm: Positive | None = option(None, "Maximum global norm of all gradients.", advanced=True)
    use_ema: Flag = option(
        False, "Whether to maintain an exponential moving average of the weights and use it at the end.", advanced=True
    )
    ema_momentum: Probability = option(0.99, "Momentum of the moving average of the weights.", advanced=True)
    ema_overwrite_frequency: Size | None = option(
        None, "Number of steps after which the weights are overwritten by their average.", advanced=True
    )
    loss_scale_factor: Positive | None = option(
        None, "Factor that the loss is multiplied by before gradients are computed, to avoid underflow.", advanced=True
    )
    # Keras raises ValueError below 2, and does not accumulate with None.
    gradient_accumulation_steps: Annotated[Size, Field(ge=2)] | None = option(
        None, "Number of batches whose gradients are accumulated before each update.", advanced=True
    )


class _Moments(Optimizer):
    beta_1: _Decay = option(0.9, _BETA_1)
    beta_2: _Decay = option(0.999, _BETA_2)
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)


class SGD(Optimizer):
    """Stochastic gradient descent, optionally with momentum."""

    name: Literal["SGD"] = "SGD"
    learning_rate: LearningRate = option(0.01, _RATE)
    momentum: Probability = option(0.0, "Momentum: fraction of the previous update to keep; 0.9 is common.")
    nesterov: Flag = option(False, "Whether to use Nesterov momentum.")


class RMSprop(Optimizer):
    """Divides the gradient by the root of the moving average of its square."""

    name: Literal["RMSprop"] = "RMSprop"
    rho: Probability = option(0.9, "Decay rate of the moving average of squared gradients.")
    momentum: Probability = option(0.0, "Momentum: fraction of the previous update to keep.")
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)
    centered: Flag = option(
        False,
        "Whether to normalize by the estimated variance of the gradient instead of its second moment.",
        advanced=True,
    )


class Adam(_Moments):
    """Adaptive moment estimation: a good default."""

    name: Literal["Adam"] = "Adam"
    amsgrad: Flag = option(False, "Whether to use the AMSGrad variant.", advanced=True)


class AdamW(_Moments):
    """Adam with decoupled weight decay."""

    name: Literal["AdamW"] = "AdamW"
    weight_decay: _Weight | None = option(0.004, "Weight decay applied at each update.")
    amsgrad: Flag = option(False, "Whether to use the AMSGrad variant.", advanced=True)


class Adamax(_Moments):
    """Variant of Adam based on the infinity norm."""

    name: Literal["Adamax"] = "Adamax"


class Nadam(_Moments):
    """Adam with Nesterov momentum."""

    name: Literal["Nadam"] = "Nadam"


class Lamb(_Moments):
    """Adam with layer-wise adaptive rates, for very large batches."""

    name: Literal["Lamb"] = "Lamb"


class Adadelta(Optimizer):
    """Adapts the learning rate of each weight to a moving window of its gradients."""

    name: Literal["Adadelta"] = "Adadelta"
    rho: Probability = option(0.95, "Decay rate of the moving averages.")
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)


class Adagrad(Optimizer):
    """Adapts the learning rate of each weight to the sum of its past squared gradients."""

    name: Literal["Adagrad"] = "Adagrad"
    initial_accumulator_value: _Weight = option(0.1, "Initial value of the accumulators.")
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)


class Adafactor(Optimizer):
    """Adaptive optimizer that needs much less memory than Adam."""

    name: Literal["Adafactor"] = "Adafactor"
    beta_2_decay: Number = option(-0.8, "Decay exponent of the second-moment estimates.", advanced=True)
    epsilon_1: Positive = option(1e-30, "Small constant for numerical stability.", advanced=True)
    epsilon_2: Positive = option(
        0.001, "Lower bound of the weights' root mean square, which scales each update.", advanced=True
    )
    clip_threshold: Positive = option(1.0, "Threshold at which updates are clipped.", advanced=True)
    relative_step: Flag = option(True, "Whether to limit a constant learning rate to 1 / √(number of updates).")


class Ftrl(Optimizer):
    """Follow The Regularized Leader (FTRL), for large, sparse, shallow models."""

    name: Literal["Ftrl"] = "Ftrl"
    learning_rate_power: Annotated[Number, Field(le=0)] = option(
        -0.5, "Exponent by which the learning rate decreases; 0 for a constant rate."
    )
    initial_accumulator_value: _Weight = option(0.1, "Initial value of the accumulators.")
    l1_regularization_strength: _Weight = option(0.0, "L1 regularization strength.")
    l2_regularization_strength: _Weight = option(0.0, "L2 regularization strength.")
    l2_shrinkage_regularization_strength: _Weight = option(
        0.0, "Magnitude penalty that is independent of the gradients.", advanced=True
    )
    beta: _Weight = option(0.0, "Value of β in the FTRL paper (McMahan et al., 2013).", advanced=True)


class Lion(Optimizer):
    """Updates with the sign of the momentum; needs a smaller learning rate than Adam."""

    name: Literal["Lion"] = "Lion"
    beta_1: _Decay = option(0.9, _BETA_1)
    beta_2: _Decay = option(0.99, "Exponential decay rate of the momentum.")


class Muon(Optimizer):
    """Orthogonalized momentum for matrices, AdamW for all other weights."""

    name: Literal["Muon"] = "Muon"
    weight_decay: _Weight | None = option(0.004, "Weight decay applied to matrices at each update.")
    momentum: Probability = option(0.95, "Momentum: fraction of the previous update to keep.")
    nesterov: Flag = option(True, "Whether to use Nesterov momentum.")
    ns_steps: Size = option(5, "Number of Newton–Schulz iterations per update.", advanced=True)
    adam_lr_ratio: Positive = option(1.0, "Ratio of Adam's learning rate to Muon's.")
    adam_beta_1: _Decay = option(0.9, "Exponential decay rate of Adam's first-moment estimates.", advanced=True)
    adam_beta_2: _Decay = option(0.999, "Exponential decay rate of Adam's second-moment estimates.", advanced=True)
    adam_weight_decay: _Weight | None = option(0.004, "Weight decay of the weights updated with Adam.", advanced=True)
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)
    exclude_layers: tuple[Text, ...] | None = option(
        None, "Name patterns of the layers to update with Adam.", advanced=True
    )
    exclude_embeddings: Flag = option(True, "Whether to update embeddings with Adam.", advanced=True)
    muon_a: Number = option(3.4445, "First coefficient of the Newton–Schulz iteration.", advanced=True)
    muon_b: Number = option(-4.775, "Second coefficient of the Newton–Schulz iteration.", advanced=True)
    muon_c: Number = option(2.0315, "Third coefficient of the Newton–Schulz iteration.", advanced=True)
    rms_rate: Positive | None = option(0.2, "Target root mean square of the updates.", advanced=True)


class ScheduleFreeAdamW(_Moments):
    """AdamW that averages the weights instead of using a learning-rate schedule."""

    name: Literal["ScheduleFreeAdamW"] = "ScheduleFreeAdamW"
    learning_rate: LearningRate = option(0.0025, _RATE)
    epsilon: Positive = option(1e-8, _EPSILON, advanced=True)
    warmup_steps: Count = option(0, "Number of updates over which the learning rate warms up.")


# In the order in which forms list them, the most common first.
OPTIMIZERS = Registry.of(
    "optimizer",
    [
        Adam,
        SGD,
        RMSprop,
        AdamW,
        Nadam,
        Adamax,
        Adagrad,
        Adadelta,
        Adafactor,
        Ftrl,
        Lion,
        Lamb,
        Muon,
        ScheduleFreeAdamW,
    ],
)

AnyOptimizer = Annotated[Optimizer, OPTIMIZERS]
