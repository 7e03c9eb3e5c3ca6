"""Rules about the networks of `keras.applications`: their weights, and the pixels that they expect."""

from collections.abc import Iterator

from trainer.config.check import Problem, Severity
from trainer.config.layers.application import Application
from trainer.engine.applications import weights_file, weights_folder
from trainer.engine.rules.situation import Situation, put

__all__ = ["application_problems"]


def application_problems(situation: Situation) -> Iterator[Problem]:
    """Find weights that a run has to download first, and pixels that are not from 0 to 1."""
    for index, layer in enumerate(situation.layers):
        if not isinstance(layer, Application):
            continue
        yield from _download(situation, index, layer)
        if index == 0 and layer.preprocess:
            yield from _scale(situation, layer)


def _download(situation: Situation, index: int, layer: Application) -> Iterator[Problem]:
    shape = situation.schema.input_shape if index == 0 else (situation.shapes[index - 1] or (None,))[1:]
    if layer.weights is None or len(shape) != 3:
        return
    file = weights_file(layer.model, tuple(shape))
    if (weights_folder() / file).is_file():
        return
    yield Problem(
        severity=Severity.WARNING,
        where=f"layers.{index + 1}.weights",
        message=(
            f"The weights of {layer.model} are not on this machine, so the run downloads them from Keras's server "
            f"first. Without a network, put {file} into {weights_folder()}."
        ),
        fix="Set weights to null.",
        edits=(put("layers", index, "weights", value=None),),
    )


def _scale(situation: Situation, layer: Application) -> Iterator[Problem]:
    scale = getattr(situation.config.dataset, "scale", None)
    if scale is not None and scale != "unit":
        yield Problem(
            severity=Severity.WARNING,
            where="dataset.scale",
            message=f"{layer.model} expects pixels from 0 to 1, but `scale` is {scale}.",
            fix="Set scale to unit.",
            edits=(put("dataset", "scale", value="unit"),),
        )
