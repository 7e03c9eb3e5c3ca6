"""What Keras says about a config: shapes, parameters, memory, problems with their fixes, and augmented samples."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from trainer.config.config import Config
from trainer.config.registry import registry_of_field

__all__ = ["AugmentedSample", "CheckReport", "Edit", "LayerReport", "Problem", "Severity", "apply_edits"]

_MOST_NAMED = 3
_LISTS = ("layers", "metrics", "callbacks", "augment", "missing")
_MAPPINGS = ("columns", "labels", "date_formats")


class Severity(StrEnum):
    """How serious a problem is: an error keeps a run from starting, a warning does not."""

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
    """A problem in a config: where it is (`layers.2`, counted from 1), what is wrong, and how to fix it.

    `fix` describes the fix in words; `edits` apply it.
    """

    severity: Severity
    where: str
    message: str
    fix: str | None = None
    edits: tuple[Edit, ...] = ()


class LayerReport(_Frozen):
    """One layer of the network. `output_shape` includes the batch dimension, None.

    `layers` are those inside a block that holds layers, up to the first that cannot be built.
    """

    layer: str
    output_shape: tuple[int | None, ...]
    parameters: int
    layers: tuple["LayerReport", ...] = ()


class CheckReport(_Frozen):
    """Everything known about a config before it is trained.

    `layers` stops at the first layer that cannot be built; if that is a block, `unbuilt` are the layers inside it up to
    the first that cannot be built. `memory_bytes` estimates the memory that training needs:
    weights, gradients, the optimizer's state, one batch's activations, and the data.
    """

    ok: bool
    input_shape: tuple[int | None, ...]
    layers: tuple[LayerReport, ...] = ()
    unbuilt: tuple[LayerReport, ...] = ()
    parameters: int = 0
    trainable_parameters: int = 0
    memory_bytes: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def refusal(self) -> str | None:
        """The first errors of the config, each with its place, or None if the config can be trained."""
        errors = [each for each in self.problems if each.severity is Severity.ERROR]
        words = [f"{each.where}: {each.message}" if each.where else each.message for each in errors[:_MOST_NAMED]]
        return " ".join(words) or (
            None if self.ok else "The config cannot be trained; run `fitboard check` to see why."
        )


class AugmentedSample(_Frozen):
    """A sample of a dataset, and variants that the augmentation of a config makes of it.

    `images` is the base64 of bytes of shape `shape`, (1 + variants, height, width[, channels]), the sample first. Both
    are empty where `problem` says why there are none.
    """

    shape: tuple[int, ...] = ()
    images: str = ""
    problem: str | None = None


def apply_edits(fields: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """Return a deep copy of a config's plain fields with the edits applied in order.

    Shorthand along a path is written out first: a bare name (`Dense`, `adam`), one metric without its brackets, or
    an optimizer that was left out.
    """
    changed: dict[str, Any] = _plain(fields)
    for edit in edits:
        holder: Any = changed
        field = ""
        for step in edit.path[:-1]:
            field = step if isinstance(step, str) else field
            holder = _opened(holder, step, field)
        last: Any = edit.path[-1]
        if edit.action == "set":
            holder[last] = _plain(edit.value)
        elif edit.action == "insert":
            # Copied, so that applying the edits twice does not share lists with the problem that they belong to.
            holder.insert(last, _plain(edit.value))
        else:
            del holder[last]
    return changed


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _opened(holder: Any, step: str | int, field: str) -> Any:
    """Return what `step` leads to, written out in place as a list or as fields if it was shorthand."""
    value = holder.get(step) if isinstance(step, str) else holder[step]
    # A single metric without brackets has to become a list before an edit can address it by number.
    if step in _LISTS:
        value = [] if value is None else value if isinstance(value, list) else [value]
    elif value is None and step in _MAPPINGS:
        value = {}
    elif value is None and step == "optimizer":
        value = Config.model_fields["optimizer"].default.kind
    registry = registry_of_field(field)
    holder[step] = registry.expand(value) if registry and isinstance(value, str) else value
    return holder[step]
