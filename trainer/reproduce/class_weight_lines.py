"""The lines of a script that weight the training samples by their classes."""

from collections.abc import Iterator, Mapping

from trainer.data.class_weights import class_number
from trainer.data.source import About

__all__ = ["class_weight_lines"]


def class_weight_lines(
    class_weight: str | Mapping[str, float] | None, about: About, *, is_weighted: bool
) -> Iterator[str]:
    """Yield the lines that create `weight_train`, or multiply it if the samples have weights of their own.

    They stand before the labels are converted, where `y_train` still holds the numbers of the classes.

    Raises:
        DataError: a class is unknown.
    """
    if class_weight is None or about.classes is None:
        return
    if isinstance(class_weight, str):
        yield f"counts = np.bincount(y_train, minlength={about.classes})"
        yield "by_class = len(y_train) / (np.count_nonzero(counts) * np.maximum(counts, 1))"
    else:
        yield f"by_class = np.ones({about.classes})"
        for name, weight in class_weight.items():
            number = class_number(name, about.class_names, about.classes)
            yield f"by_class[{number}] = {weight!r}"
    weights = 'by_class.astype("float32")[y_train]'
    yield f"weight_train = weight_train * {weights}" if is_weighted else f"weight_train = {weights}"
