"""What is recorded of a run's dataset as its MLflow input."""

from typing import TYPE_CHECKING

from trainer.data.library import Library
from trainer.home import Home

if TYPE_CHECKING:
    from trainer.config import Config
    from trainer.data import Splits
    from trainer.tracking.write.dataset_record import DatasetRecord

__all__ = ["dataset_record"]

_TYPES = {"numeric": "double", "date": "datetime"}


def dataset_record(config: "Config", splits: "Splits", home: Home) -> "DatasetRecord":
    """Return the record of a dataset, under the name that home keeps it under if it does."""
    from trainer.tracking.write.dataset_record import DatasetRecord

    schema = splits.schema
    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    return DatasetRecord(
        name=_kept_name(config, home) or schema.name,
        digest=splits.digest,
        input_shape=schema.input_shape,
        input_dtype=schema.input_dtype,
        target_shape=splits.train.y.shape[1:],
        target_dtype=str(splits.train.y.dtype),
        samples={name: len(part.y) for name, part in parts.items()},
        source=getattr(config.dataset, "path", schema.name),
        columns=_columns(config, splits),
    )


def _kept_name(config: "Config", home: Home) -> str | None:
    path = getattr(config.dataset, "path", None)
    entries = Library(home).entries() if path else ()
    found = (
        entry
        for entry in entries
        if (entry.dataset.get("path"), entry.dataset.get("name")) == (path, config.dataset.kind)
    )
    return next((entry.name for entry in found), None)


def _columns(config: "Config", splits: "Splits") -> list[tuple[str, str]]:
    """Return the columns of a table in a file with their MLflow types, the targets last; empty for all other data."""
    state = splits.fitted.state() if splits.fitted else {}
    if state.get("kind") not in {"table", "series"}:
        return []
    columns = [(str(each["name"]), _TYPES.get(each["role"], "string")) for each in state["columns"]]
    answer = "string" if splits.schema.class_names else "double"
    # The past of a series' target is one of its inputs.
    known = {name for name, _ in columns}
    targets = (name for name in getattr(config.dataset, "target", ()) if name not in known)
    return [*columns, *((name, answer) for name in targets)]
