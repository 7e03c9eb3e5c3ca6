"""Rules about the layers that change the images of training batches."""

from collections.abc import Iterator

from trainer.config.check import Problem, Severity
from trainer.data.schema import is_gray
from trainer.engine.rules.images import COLORS, is_out_of_range
from trainer.engine.rules.situation import Situation, put, removed

__all__ = ["augment_problems"]

_IMAGE_RANK = 3


def augment_problems(situation: Situation) -> Iterator[Problem]:
    """Find augmentations of samples that are no images, and those that do not fit their values or channels."""
    schema = situation.schema
    shape = (*schema.input_shape, 1) if is_gray(schema) else schema.input_shape
    for index, layer in enumerate(situation.config.augment):
        where, remove = f"augment.{index + 1}", removed("augment", index)
        if len(shape) != _IMAGE_RANK:
            sizes = " × ".join(map(str, shape))
            yield Problem(
                severity=Severity.ERROR,
                where=where,
                message=f"{layer.kind} expects images of height × width × channels, got samples of {sizes}.",
                fix=f"Remove {layer.kind}.",
                edits=(remove,),
            )
        elif layer.kind in COLORS and shape[-1] != 3:
            yield Problem(
                severity=Severity.ERROR,
                where=where,
                message=f"{layer.kind} expects images with 3 channels (red, green, blue), got {shape[-1]}.",
                fix=f"Remove {layer.kind}.",
                edits=(remove,),
            )
        elif is_out_of_range(situation, layer):
            yield Problem(
                severity=Severity.WARNING,
                where=f"{where}.value_range",
                message=f"{layer.kind} expects values from 0 to 255, but the dataset's `scale: unit` gives values from "
                "0 to 1.",
                fix="Set value_range to 0, 1.",
                edits=(put("augment", index, "value_range", value=[0, 1]),),
            )
