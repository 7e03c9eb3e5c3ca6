"""Filling the draft from an uploaded Keras model."""

import io
from typing import Protocol

from dashboard import loaders, state
from trainer.data.uploads import keep_model
from trainer.errors import FitboardError
from trainer.reproduce.keras_model import read_keras_model

__all__ = ["Upload", "take_keras_model"]


class Upload(Protocol):
    """An uploaded file, as Streamlit returns it."""

    name: str

    def getvalue(self) -> bytes:
        """Return the content."""
        ...


def take_keras_model(given: Upload, *, with_weights: bool) -> str | None:
    """Replace the layers of the draft, and its loss and optimizer if the model has them; Undo restores them.

    Args:
        given: a `.keras` file or the text of `to_json()`.
        with_weights: whether training starts from the weights in it, which are then kept in home.

    Returns:
        Why the file cannot be used; None if the draft has been changed.
    """
    try:
        found = read_keras_model(io.BytesIO(given.getvalue()), given.name)
        fields = {**state.drafts().now.plain(), **found.fields}
        if with_weights and found.has_weights:
            kept = keep_model(given.getvalue(), home=loaders.context().home, name=given.name)
            fields["weights"] = {"source": "file", "path": str(kept)}
    except FitboardError as error:
        return str(error)
    state.build.rejected_text = None
    state.edit(state.drafts().now.replaced(fields))
    return None
