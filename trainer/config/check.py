"""What a check of a config finds: shapes, counts, memory, and problems with their fix."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["CheckReport", "Edit", "LayerReport", "Problem", "Severity", "apply_edits"]


class Severity(StrEnum):
    """An error keeps a run from starting; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Edit(_Frozen):
    """One change to a config's plain fields: `path` such as ("layers", 1, "units"), counted from 0."""

    action: Literal["set", "insert", "remove"]
    path: tuple[str | int, ...]
    value: Any = None


class Problem(_Frozen):
    """What is wrong, where (`layers.2`, counted from 1), and how it can be mended.

    `fix` says the mending in words; `edits` do it.
    """

    severity: Severity
    where: str
    message: str
    fix: str | None = None
    edits: tuple[Edit, ...] = ()


class LayerReport(_Frozen):
    """One layer of the network. `output_shape` begins with None for the batch."""

    layer: str
    output_shape: tuple[int | None, ...]
    parameters: int


class CheckReport(_Frozen):
    """All that is known of a config before it is trained.

    `layers` end where a layer cannot be built. `memory_bytes` estimates what training takes:
    weights, gradients, the optimizer's state, one batch's activations, and the data.
    """

    ok: bool
    input_shape: tuple[int | None, ...]
    layers: tuple[LayerReport, ...] = ()
    parameters: int = 0
    trainable_parameters: int = 0
    memory_bytes: int = 0
    problems: tuple[Problem, ...] = ()


def apply_edits(fields: dict[str, Any], edits: tuple[Edit, ...]) -> dict[str, Any]:
    """A deep copy of a config's plain fields with the edits done, in order.

    A bare name in the way of a path (`Dense`, `adam`) becomes fields first.
    """
    import copy

    changed = copy.deepcopy(fields)
    for edit in edits:
        holder: Any = changed
        for depth, step in enumerate(edit.path[:-1]):
            if isinstance(holder[step], str):
                key = {"layers": "layer", "callbacks": "callback"}.get(str(edit.path[0]), "name")
                holder[step] = {key: holder[step]}
            holder = holder[step]
            del depth
        last: Any = edit.path[-1]
        if edit.action == "set":
            holder[last] = edit.value
        elif edit.action == "insert":
            holder.insert(last, edit.value)
        else:
            del holder[last]
    return changed
