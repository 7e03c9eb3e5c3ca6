"""Log the trained network of a run, for serving. It imports TensorFlow, so only a training process does this."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainer.config.file_datasets import RowFile, TableFile
from trainer.config.series import Series
from trainer.data.sources.missing import MISSING

if TYPE_CHECKING:
    from trainer.config import Config
    from trainer.data import Splits
    from trainer.tracking.write.model import Rows
    from trainer.tracking.write.store import Store

__all__ = ["log_trained"]


def log_trained(store: "Store", run_id: str, model: Any, config: "Config", splits: "Splits", epochs: int) -> None:
    """Log the network: it takes raw samples, and answers with class names if there are any."""
    from trainer.engine.serving import answer_kind, raw_sample, takes_raw
    from trainer.tracking.write.model import Classes, log_model

    names, outputs = splits.schema.class_names, answer_kind(config.loss, splits)
    fits = outputs is not None and model.output_shape[1:] in {(len(names),), (1,)} and len(model.output_shape) == 2
    classes = Classes(names=names, outputs=str(outputs)) if names and fits else None
    rows = _rows(model, config, splits, named=classes is not None)
    served, sample = takes_raw(model, splits), raw_sample(splits)
    log_model(store, run_id, served, sample, step=epochs, classes=classes, rows=rows)


def _rows(model: Any, config: "Config", splits: "Splits", *, named: bool) -> "Rows | None":
    """Return the raw rows that the network takes, None unless its data are rows of a file, or pictures."""
    from trainer.data.preparation import ImagePreparation
    from trainer.engine.serving import answer_kind, raw_columns
    from trainer.tracking.write.model import Rows

    dataset = config.dataset
    columns = raw_columns(splits, dataset.date_formats if isinstance(dataset, TableFile | Series) else {})
    if columns is not None and isinstance(dataset, Series):
        return _series(columns, model, dataset, splits)
    if columns is None or not isinstance(dataset, RowFile):
        return None
    fits = not named and model.output_shape[1:] == (len(dataset.target),)
    return Rows(
        columns=columns,
        missing=(*MISSING, *dataset.missing),
        decimal=str(splits.details.get("decimal", ".")),
        targets=dataset.target if fits else (),
        outputs=str(answer_kind(config.loss, splits) or "") if fits else "",
        pictures=splits.fitted.state() if isinstance(splits.fitted, ImagePreparation) else None,
    )


def _series(columns: Sequence[Mapping[str, str]], model: Any, dataset: Series, splits: "Splits") -> "Rows":
    from trainer.tracking.write.model import Rows

    fits = model.output_shape[1:] == (dataset.horizon * len(dataset.target),)
    order = {"past": dataset.past, "horizon": dataset.horizon, "id": dataset.id, "time": dataset.time}
    if dataset.time in dataset.date_formats:
        order["time_format"] = dataset.date_formats[dataset.time]
    return Rows(
        columns=columns,
        missing=(*MISSING, *dataset.missing),
        decimal=str(splits.details.get("decimal", ".")),
        targets=dataset.target if fits else (),
        series=order,
    )
