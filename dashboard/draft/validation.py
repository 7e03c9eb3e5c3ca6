"""Validate a draft against the schema, and what varies in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from dashboard.draft.draft import Draft
from dashboard.draft.search import SweepValidation, judge_search
from dashboard.draft.valid_part import valid_part
from trainer.config import Config
from trainer.config import validation_messages as validation_messages
from trainer.config.check import CheckReport, LayerReport

__all__ = ["Validation", "judge", "judge_sweep"]


@dataclass(frozen=True)
class Validation:
    """The result of validating a draft: the config, or each error with its place (`layers.2.units`).

    `valid_part` is the config, or its valid part: the layers before the first invalid one; `report` is what the check
    says about it, if it is known. `sweep` is the result for what varies in it, if anything does.
    """

    config: Config | None
    validation_messages: tuple[tuple[str, str], ...] = ()
    valid_part: Config | None = None
    report: CheckReport | None = None
    sweep: SweepValidation | None = None

    def built(self, where: str) -> LayerReport | None:
        """Return the report of the layer at a place such as `layers.2.layers.1`, if it can be built."""
        if self.report is None:
            return None
        layers, unbuilt = self.report.layers, self.report.unbuilt
        found: LayerReport | None = None
        for step in where.split(".")[1::2]:
            place = int(step) - 1
            found = layers[place] if place < len(layers) else None
            # Only the first layer that cannot be built is reported further inside.
            layers = found.layers if found else unbuilt if place == len(layers) else ()
            unbuilt = ()
        return found

    def at(self, where: str) -> str | None:
        """Return the error of the field itself, if there is one."""
        return next((what for place, what in self.validation_messages if place == where), None)


def judge(fields: Mapping[str, Any]) -> Validation:
    """Validate plain fields against the schema."""
    try:
        config = Config.model_validate(dict(fields))
    except ValidationError as error:
        found = tuple(validation_messages(error))
        return Validation(None, found, valid_part(fields, [place for place, _ in found]))
    return Validation(config, valid_part=config)


def judge_sweep(draft: Draft, config: Config | None) -> SweepValidation | None:
    """Validate what varies in a draft; None if its search is off, or its config is invalid."""
    if not draft.search.on or config is None:
        return None
    return judge_search(config, draft.searched(), draft.search.settings)
