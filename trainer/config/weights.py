"""The weights that a training starts from, instead of freshly drawn ones."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import Component, Registry, option
from trainer.config.values import RUN_ID, Flag, Text

__all__ = ["WEIGHTS", "AnyWeights", "FileWeights", "RunWeights", "StartWeights"]


class StartWeights(Component):
    """Base class of the sources of weights. Layers take them in order, each from the next layer of its kind."""

    key: ClassVar[str] = "source"
    skip_mismatch: Flag = option(
        False, "Whether layers whose weights are missing or have another shape keep their initial weights."
    )


class RunWeights(StartWeights):
    """The final weights of a finished run; the new run is then fine-tuned from it."""

    source: Literal["run"] = "run"
    run: Annotated[Text, Field(pattern=RUN_ID)] = option(..., "Id of the run, 32 hexadecimal digits.")


class FileWeights(StartWeights):
    """The weights in a .keras or .weights.h5 file. Nothing in the file is executed."""

    source: Literal["file"] = "file"
    path: Text = option(..., "Path of the file.", min_length=1)


WEIGHTS = Registry.of("source of weights", [RunWeights, FileWeights], exact=True)

AnyWeights = Annotated[StartWeights, WEIGHTS]
