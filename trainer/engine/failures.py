"""Translate the exceptions of Keras and TensorFlow into Fitboard's errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from trainer.engine.backend import tf
from trainer.errors import FitboardError, ResourceError, TrainingError
from trainer.format import cut, one_line

__all__ = ["BUILD_ERRORS", "is_nondeterminism", "reason", "translated"]

BUILD_ERRORS: tuple[type[Exception], ...] = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    ArithmeticError,
    RuntimeError,
    tf.errors.OpError,
)
"""What Keras and TensorFlow raise for an unsuitable network or unsuitable data."""

_LONGEST = 400


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Translate exceptions of Keras and TensorFlow into one sentence; `doing` names the activity.

    Raises:
        ResourceError: memory ran out.
        TrainingError: anything else of theirs.
    """
    try:
        yield
    # Some of Fitboard's errors are ValueErrors too, which are caught below.
    except FitboardError:
        raise
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        raise ResourceError(
            f"Out of memory while {doing}; reduce batch_size, units or the number of parallel runs. {reason(error)}"
        ) from error
    except BUILD_ERRORS as error:
        raise TrainingError(f"Keras failed while {doing}{_culprit(error)}: {reason(error)}") from error


def is_nondeterminism(error: Exception) -> bool:
    """Return whether an operation refused to run because it has no deterministic form."""
    # TensorFlow has no class of its own for these errors.
    return isinstance(error, tf.errors.UnimplementedError) and "determini" in str(error).lower()


def reason(error: BaseException) -> str:
    """Return the message of Keras or TensorFlow as one sentence, without colors, arguments and stack trace."""
    # Keras formats the names in its messages with terminal codes.
    text = re.sub(r"\x1b\[\d*m", "", str(error)).strip()
    text = re.sub(r"^Exception encountered when calling [^\n]*\n+", "", text)
    # Keras appends the arguments of the call, TensorFlow the node and the trace of the graph.
    text = re.split(r"\n+Arguments received by |\n*Detected at node |\n*Stack trace for op |\n\t \[\[", text)[0]
    text = re.sub(r"\{\{(?:function_)?node [^}]*\}\}\s*", "", text)
    text = one_line(text) or type(error).__name__
    text = cut(text, _LONGEST)
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def _culprit(error: BaseException) -> str:
    """Return the layer that the text names, such as ` (layer dense_1)`."""
    found = re.search(r"layer [\"']([\w/]+)[\"']|sequential(?:_\d+)?/([\w]+?)(?:_\d+)?/", str(error))
    return f" (layer {found[1] or found[2]})" if found else ""
