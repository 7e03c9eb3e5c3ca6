"""Every layer that a config can hold."""

from typing import Annotated

from trainer.config.component import Registry
from trainer.config.layers.base import KernelLayer, Layer
from trainer.config.layers.convolution import Conv1D, Conv2D
from trainer.config.layers.core import (
    Activation,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GaussianNoise,
    Rescaling,
    Reshape,
)
from trainer.config.layers.normalization import BatchNormalization, LayerNormalization
from trainer.config.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from trainer.config.layers.recurrent import GRU, LSTM, RECURRENT, Bidirectional, SimpleRNN

__all__ = [
    "GRU",
    "LAYERS",
    "LSTM",
    "RECURRENT",
    "Activation",
    "AnyLayer",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Bidirectional",
    "Conv1D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "KernelLayer",
    "Layer",
    "LayerNormalization",
    "MaxPooling1D",
    "MaxPooling2D",
    "Rescaling",
    "Reshape",
    "SimpleRNN",
]

LAYERS = Registry.of(
    "layer",
    [
        Dense,
        Dropout,
        Flatten,
        Activation,
        Conv2D,
        MaxPooling2D,
        AveragePooling2D,
        GlobalAveragePooling2D,
        GlobalMaxPooling2D,
        Conv1D,
        MaxPooling1D,
        AveragePooling1D,
        GlobalAveragePooling1D,
        GlobalMaxPooling1D,
        Embedding,
        SimpleRNN,
        LSTM,
        GRU,
        Bidirectional,
        BatchNormalization,
        LayerNormalization,
        GaussianNoise,
        Rescaling,
        Reshape,
    ],
    exact=True,
)

AnyLayer = Annotated[Layer, LAYERS]
