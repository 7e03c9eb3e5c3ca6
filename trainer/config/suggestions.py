"""Suggestions for unknown fields: names of earlier Keras versions, and misspellings."""

from collections.abc import Collection, Container, Mapping

from trainer.config.component import nearest

__all__ = ["advice", "dropped", "likely", "renamed"]

# Names in Keras 1 and 2, and their names in Keras 3.
_NOW: Mapping[str, str] = {
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "output_dim": "units",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "p": "rate",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
    "inner_activation": "recurrent_activation",
}

_SHAPE = "omit it: the input shape comes from the dataset."
# Removed names, each with the field that a component must have for the advice to apply (or none), and the advice.
_GONE: Mapping[str, tuple[str, str]] = {
    "input_shape": ("", _SHAPE),
    "input_dim": ("", _SHAPE),
    "batch_input_shape": ("", _SHAPE),
    "input_length": ("", _SHAPE),
    "decay": ("learning_rate", "set learning_rate to a schedule, such as InverseTimeDecay, or set weight_decay."),
}


def renamed(word: str, known: Container[str]) -> str | None:
    """Return the known field that is, or was once, called `word`."""
    # The word itself first: `output_dim`, once Dense's `units`, is still a field of Embedding.
    return next((name for name in (word, _NOW.get(word)) if name is not None and name in known), None)


def dropped(word: str, known: Container[str]) -> str:
    """Return what to do instead of a field that Keras has removed, or an empty string."""
    needs, instead = _GONE.get(word, ("", ""))
    return instead if not needs or needs in known else ""


def likely(word: str, known: Collection[str]) -> str | None:
    """Return the known field that `word` most likely means, or None."""
    return None if dropped(word, known) else renamed(word, known) or nearest(word, known)


def advice(word: str, known: Collection[str]) -> str:
    """Return what to write instead of `word`, as the end of a sentence."""
    near = likely(word, known)
    return dropped(word, known) or (f"did you mean {near!r}?" if near else f"expected one of {', '.join(known)}.")
