"""What a person means who writes a field that is not there: a name that Keras once had, or a slip."""

from collections.abc import Collection, Container, Mapping

from trainer.config.component import nearest

__all__ = ["advice", "dropped", "likely", "renamed"]

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
"""Names of Keras 1 and 2, and what Keras 3 calls the same."""

_SHAPE = "leave it out: the shape of a sample comes from the data set."
_GONE: Mapping[str, tuple[str, str]] = {
    "input_shape": ("", _SHAPE),
    "input_dim": ("", _SHAPE),
    "batch_input_shape": ("", _SHAPE),
    "input_length": ("", _SHAPE),
    "decay": ("learning_rate", "give learning_rate a schedule, such as InverseTimeDecay, or set weight_decay."),
}
"""Names that went, each with a field that must be there for the advice to fit (or none), and the advice."""


def renamed(word: str, known: Container[str]) -> str | None:
    """The known field that is `word`, or was once called so."""
    return next((name for name in (word, _NOW.get(word)) if name is not None and name in known), None)


def dropped(word: str, known: Container[str]) -> str:
    """What to do instead where Keras once had such a field; else empty."""
    needs, told = _GONE.get(word, ("", ""))
    return told if not needs or needs in known else ""


def likely(word: str, known: Collection[str]) -> str | None:
    """The known field that `word` stands for, or None where none does."""
    return None if dropped(word, known) else renamed(word, known) or nearest(word, known)


def advice(word: str, known: Collection[str]) -> str:
    """What to write instead of `word`, as the end of a sentence."""
    near = likely(word, known)
    return dropped(word, known) or (f"did you mean {near!r}?" if near else f"known are {', '.join(known)}.")
