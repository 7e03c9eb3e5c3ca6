"""Optimizers: how weights are changed by gradients (`keras.optimizers`)."""

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
_RATE = "How far each step goes: the most important number of all. A schedule changes it over time."
_EPSILON = "A small number that keeps the division from 0."
_BETA_1 = "How slowly the mean of gradients follows them."
_BETA_2 = "How slowly the mean of squared gradients follows them."


class Optimizer(Component):
    """What every optimizer of Keras has."""

    first: ClassVar[tuple[str, ...]] = ("learning_rate",)
    learning_rate: LearningRate = option(0.001, _RATE)
    weight_decay: _Weight | None = option(None, "How much every weight shrinks at each step.", advanced=True)
    clipnorm: Positive | None = option(None, "The largest norm of each weight's gradient.", advanced=True)
    clipvalue: Positive | None = option(None, "The largest value in a gradient.", advanced=True)
    global_clipnorm: Positive | None = option(None, "The largest norm of all gradients together.", advanced=True)
    use_ema: Flag = option(False, "Whether a moving average of the weights is kept and used.", advanced=True)
    ema_momentum: Probability = option(0.99, "How slowly that average follows.", advanced=True)
    ema_overwrite_frequency: Size | None = option(
        None, "After how many steps weights become the average.", advanced=True
    )
    loss_scale_factor: Positive | None = option(
        None, "What the loss is multiplied by for low precision.", advanced=True
    )
    gradient_accumulation_steps: Annotated[Size, Field(ge=2)] | None = option(
        None, "Over how many batches gradients are gathered before a step.", advanced=True
    )


class _Moments(Optimizer):
    beta_1: _Decay = option(0.9, _BETA_1)
    beta_2: _Decay = option(0.999, _BETA_2)
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)


class SGD(Optimizer):
    """Stochastic gradient descent: each step goes down the gradient, with momentum if wished."""

    name: Literal["SGD"] = "SGD"
    learning_rate: LearningRate = option(0.01, _RATE)
    momentum: Probability = option(0.0, "How much of the last step is kept; 0.9 is usual.")
    nesterov: Flag = option(False, "Whether the gradient is taken where momentum leads.")


class RMSprop(Optimizer):
    """Divides each step by the recent size of its gradients."""

    name: Literal["RMSprop"] = "RMSprop"
    rho: Probability = option(0.9, "How slowly the size of gradients follows them.")
    momentum: Probability = option(0.0, "How much of the last step is kept.")
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)
    centered: Flag = option(False, "Whether gradients are measured from their mean.", advanced=True)


class Adam(_Moments):
    """RMSprop with momentum: a good first choice."""

    name: Literal["Adam"] = "Adam"
    amsgrad: Flag = option(False, "Whether the largest size of gradients so far is used.", advanced=True)


class AdamW(_Moments):
    """Adam with weight decay beside the gradient."""

    name: Literal["AdamW"] = "AdamW"
    weight_decay: _Weight | None = option(0.004, "How much every weight shrinks at each step.")
    amsgrad: Flag = option(False, "Whether the largest size of gradients so far is used.", advanced=True)


class Adamax(_Moments):
    """Adam by the largest gradient instead of the mean square."""

    name: Literal["Adamax"] = "Adamax"


class Nadam(_Moments):
    """Adam with Nesterov momentum."""

    name: Literal["Nadam"] = "Nadam"


class Lamb(_Moments):
    """Adam scaled layer by layer, for very large batches."""

    name: Literal["Lamb"] = "Lamb"


class Adadelta(Optimizer):
    """Steps by the ratio of recent updates to recent gradients."""

    name: Literal["Adadelta"] = "Adadelta"
    rho: Probability = option(0.95, "How slowly both follow.")
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)


class Adagrad(Optimizer):
    """Smaller and smaller steps for weights with large gradients so far."""

    name: Literal["Adagrad"] = "Adagrad"
    initial_accumulator_value: _Weight = option(0.1, "What the sum of squares starts at.")
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)


class Adafactor(Optimizer):
    """Like Adam with far less memory."""

    name: Literal["Adafactor"] = "Adafactor"
    beta_2_decay: Number = option(-0.8, "How the memory of squared gradients grows.", advanced=True)
    epsilon_1: Positive = option(1e-30, "A small number that keeps the division from 0.", advanced=True)
    epsilon_2: Positive = option(0.001, "The smallest relative step.", advanced=True)
    clip_threshold: Positive = option(1.0, "Where updates are cut.", advanced=True)
    relative_step: Flag = option(True, "Whether the step shrinks with time by itself.")


class Ftrl(Optimizer):
    """Follow the regularized leader: for sparse, linear problems."""

    name: Literal["Ftrl"] = "Ftrl"
    learning_rate_power: Annotated[Number, Field(le=0)] = option(
        -0.5, "How the step shrinks with time; 0 is not at all."
    )
    initial_accumulator_value: _Weight = option(0.1, "What the sum of squares starts at.")
    l1_regularization_strength: _Weight = option(0.0, "A penalty on absolute values.")
    l2_regularization_strength: _Weight = option(0.0, "A penalty on squares.")
    l2_shrinkage_regularization_strength: _Weight = option(0.0, "A penalty on the size alone.", advanced=True)
    beta: _Weight = option(0.0, "The paper's β.", advanced=True)


class Lion(Optimizer):
    """Steps by the sign of the momentum alone; wants a smaller learning rate."""

    name: Literal["Lion"] = "Lion"
    beta_1: _Decay = option(0.9, _BETA_1)
    beta_2: _Decay = option(0.99, "How slowly the momentum follows.")


class Muon(Optimizer):
    """Orthogonal steps for matrices, Adam for the rest."""

    name: Literal["Muon"] = "Muon"
    weight_decay: _Weight | None = option(0.004, "How much every matrix shrinks at each step.")
    momentum: Probability = option(0.95, "How much of the last step is kept.")
    nesterov: Flag = option(True, "Whether the gradient is taken where momentum leads.")
    ns_steps: Size = option(5, "Newton–Schulz iterations a step.", advanced=True)
    adam_lr_ratio: Positive = option(1.0, "Adam's learning rate as a multiple of Muon's.")
    adam_beta_1: _Decay = option(0.9, "Adam's β₁.", advanced=True)
    adam_beta_2: _Decay = option(0.999, "Adam's β₂.", advanced=True)
    adam_weight_decay: _Weight | None = option(0.004, "Adam's weight decay.", advanced=True)
    epsilon: Positive = option(1e-7, _EPSILON, advanced=True)
    exclude_layers: tuple[Text, ...] | None = option(
        None, "Layers, by a pattern of their name, left to Adam.", advanced=True
    )
    exclude_embeddings: Flag = option(True, "Whether embeddings are left to Adam.", advanced=True)
    muon_a: Number = option(3.4445, "First coefficient of the iteration.", advanced=True)
    muon_b: Number = option(-4.775, "Second coefficient of the iteration.", advanced=True)
    muon_c: Number = option(2.0315, "Third coefficient of the iteration.", advanced=True)
    rms_rate: Positive | None = option(0.2, "The size that updates are brought to.", advanced=True)


class ScheduleFreeAdamW(_Moments):
    """AdamW that needs no schedule: it averages the weights along the way."""

    name: Literal["ScheduleFreeAdamW"] = "ScheduleFreeAdamW"
    learning_rate: LearningRate = option(0.0025, _RATE)
    epsilon: Positive = option(1e-8, _EPSILON, advanced=True)
    warmup_steps: Count = option(0, "How many updates the learning rate rises for.")


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
