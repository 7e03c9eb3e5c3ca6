"""Layers that encode numbers and integers, crop or resize images, and compute spectrograms (`keras.layers`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import option
from trainer.config.layers.base import Layer
from trainer.config.values import Flag, Integer, Number, Positive, Size

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "Hashing",
    "IntegerLookup",
    "MelSpectrogram",
    "Normalization",
    "Resizing",
    "STFTSpectrogram",
]

_Values = Annotated[tuple[Number, ...], Field(min_length=1)]
_ENCODED = "Form of the output: int: the index; one_hot: a vector each; multi_hot or count: one vector per sample."
_HEIGHT, _WIDTH = "Height of the output in pixels.", "Width of the output in pixels."


class Normalization(Layer):
    """Subtracts a mean and divides by the square root of a variance, both given."""

    layer: Literal["Normalization"] = "Normalization"
    # Keras also learns both with `adapt`; here the dataset's `scale` does that.
    mean: Number | _Values = option(..., "Mean of the inputs: one number, or one per feature.")
    variance: Number | _Values = option(..., "Variance of the inputs: one number, or one per feature.")
    axis: Integer | tuple[Integer, ...] | None = option(
        -1, "Axis or axes with a mean and a variance for each index; null for a single one.", advanced=True
    )
    invert: Flag = option(False, "Whether to undo the normalization instead.", advanced=True)


class Discretization(Layer):
    """Replaces each number by the index of the bin that it falls into."""

    freezes: ClassVar[bool] = False
    layer: Literal["Discretization"] = "Discretization"
    bin_boundaries: _Values = option(..., "Boundaries between the bins, in increasing order.")
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = option("int", _ENCODED)


class CategoryEncoding(Layer):
    """Encodes integers, such as word ids, as vectors of zeros and ones or of counts."""

    layer: Literal["CategoryEncoding"] = "CategoryEncoding"
    num_tokens: Size = option(..., "Number of different integers: the largest plus 1.")
    output_mode: Literal["one_hot", "multi_hot", "count"] = option(
        "multi_hot", "Form of the output: one_hot: a vector each; multi_hot or count: one vector per sample."
    )


class IntegerLookup(Layer):
    """Replaces integers of a vocabulary by their indices; all others share index 0."""

    freezes: ClassVar[bool] = False
    layer: Literal["IntegerLookup"] = "IntegerLookup"
    vocabulary: Annotated[tuple[Integer, ...], Field(min_length=1)] = option(..., "Integers to look up, in order.")
    num_oov_indices: Annotated[Integer, Field(ge=0)] = option(
        1, "Number of indices for integers outside the vocabulary.", advanced=True
    )
    mask_token: Integer | None = option(None, "Integer that stands for padding and gets index 0.", advanced=True)
    oov_token: Integer = option(-1, "Integer that an unknown index is converted to if invert is true.", advanced=True)
    invert: Flag = option(False, "Whether to look up integers by their indices instead.", advanced=True)
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = option("int", _ENCODED)


class Hashing(Layer):
    """Replaces integers by hashes within a fixed number of bins."""

    layer: Literal["Hashing"] = "Hashing"
    num_bins: Size = option(..., "Number of bins.")
    mask_value: Integer | None = option(None, "Integer that stands for padding and gets bin 0.", advanced=True)
    salt: Integer | None = option(None, "Salt of the hash; with one, SipHash64 is used.", advanced=True)
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = option("int", _ENCODED)


class Resizing(Layer):
    """Resizes images to a given height and width."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["Resizing"] = "Resizing"
    height: Size = option(..., _HEIGHT)
    width: Size = option(..., _WIDTH)
    interpolation: Literal["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"] = option(
        "bilinear", "Interpolation between the pixels."
    )
    crop_to_aspect_ratio: Flag = option(False, "Whether to crop the images instead of distorting them.", advanced=True)
    pad_to_aspect_ratio: Flag = option(False, "Whether to pad the images instead of distorting them.", advanced=True)
    fill_value: Number = option(0.0, "Value of the padding.", advanced=True)
    antialias: Flag = option(False, "Whether to smooth before the size is reduced.", advanced=True)


class CenterCrop(Layer):
    """Crops images to their center; smaller images are resized first."""

    input_rank: ClassVar[int | None] = 4
    layer: Literal["CenterCrop"] = "CenterCrop"
    height: Size = option(..., _HEIGHT)
    width: Size = option(..., _WIDTH)


class MelSpectrogram(Layer):
    """Converts raw audio to a spectrogram on the mel scale, of shape (mel bins, time)."""

    input_rank: ClassVar[int | None] = 2
    layer: Literal["MelSpectrogram"] = "MelSpectrogram"
    fft_length: Size = option(2048, "Length of the FFT window in samples.")
    sequence_stride: Size = option(512, "Samples between successive windows.")
    sequence_length: Size | None = option(
        None, "Length of the part of each window that is used; by default fft_length.", advanced=True
    )
    window: Literal["hann", "hamming"] | None = option("hann", "Window function; null for none.", advanced=True)
    sampling_rate: Size = option(16000, "Samples per second of the audio.")
    num_mel_bins: Size = option(128, "Number of mel bins.")
    min_freq: Annotated[Number, Field(ge=0)] = option(20.0, "Lowest frequency of the bins in Hz.", advanced=True)
    max_freq: Positive | None = option(
        None, "Highest frequency of the bins in Hz; by default half the sampling rate.", advanced=True
    )
    power_to_db: Flag = option(True, "Whether to convert the powers to decibels.", advanced=True)
    top_db: Positive = option(80.0, "Range of the decibels below the maximum.", advanced=True)
    mag_exp: Positive = option(2.0, "Exponent of the magnitudes: 1 for magnitudes, 2 for powers.", advanced=True)
    min_power: Positive = option(1e-10, "Smallest power.", advanced=True)
    ref_power: Positive = option(1.0, "Power that corresponds to 0 decibels.", advanced=True)


class STFTSpectrogram(Layer):
    """Computes the spectrogram of a signal by the short-time Fourier transform, with fixed kernels."""

    input_rank: ClassVar[int | None] = 3
    layer: Literal["STFTSpectrogram"] = "STFTSpectrogram"
    mode: Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"] = option("log", "Kind of the output.")
    frame_length: Size = option(256, "Length of each frame in samples.")
    frame_step: Size | None = option(None, "Samples between successive frames; by default half the frame_length.")
    fft_length: Size | None = option(None, "Length of the FFT; by default the frame_length.", advanced=True)
    window: Literal["hann", "hamming", "rectangular"] | None = option(
        "hann", "Window function; null for none.", advanced=True
    )
    periodic: Flag = option(False, "Whether the window is periodic.", advanced=True)
    scaling: Literal["density", "spectrum"] | None = option("density", "Scaling of the window.", advanced=True)
    padding: Literal["valid", "same"] = option("valid", "Padding of the signal. valid: none; same: with zeros.")
    expand_dims: Flag = option(False, "Whether the output has the frequencies as an axis of their own.", advanced=True)
