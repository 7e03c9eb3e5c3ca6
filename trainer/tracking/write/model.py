"""The trained network as an MLflow logged model, which `mlflow models serve` and `mlflow.keras.load_model` accept."""

import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.tracking.errors import mlflow_errors
from trainer.tracking.run import Run
from trainer.tracking.write import class_answers
from trainer.tracking.write.pending_models import failed_if_refused, pending_models
from trainer.tracking.write.store import Store

__all__ = ["MODEL", "Classes", "Rows", "log_model", "warm"]

MODEL = "model"
_REQUIREMENTS = ("mlflow", "keras", "tensorflow", "numpy", "pandas")


@dataclass(frozen=True, kw_only=True)
class Classes:
    """What a classifier's outputs stand for: the names of its classes, and how outputs become probabilities.

    `outputs` is one of the words of `class_answers`.
    """

    names: Sequence[str]
    outputs: str


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The raw rows that a model takes, as `class_answers` reads them.

    `outputs` is `sigmoid` if the targets are labels whose probabilities are the sigmoid of the network's outputs.
    `pictures` is how pictures are prepared, if the rows are pictures.
    `series` has `past`, `horizon`, `id` and `time` if the rows are the steps of time series.
    """

    columns: Sequence[Mapping[str, str]]
    missing: Sequence[str] = ()
    decimal: str = "."
    targets: Sequence[str] = ()
    outputs: str = ""
    pictures: Mapping[str, Any] | None = None
    series: Mapping[str, Any] | None = None


def log_model(
    store: Store,
    run_id: str,
    model: Any,
    sample_x: NDArray[Any],
    *,
    step: int = 0,
    classes: Classes | None = None,
    rows: Rows | None = None,
) -> str:
    """Log a Keras model as the run's output, and return the logged model's id.

    This uses only the client, since `mlflow.keras.log_model` works on the process's active run, and passes the
    requirements, since MLflow otherwise starts a second TensorFlow process to infer them.

    Args:
        store: the store of the run.
        run_id: the run.
        model: a built `keras.Model` with one output.
        sample_x: `(batch, …)`, one sample or more; only shape and type are recorded.
        step: the number of completed epochs.
        classes: the classes of a classifier if they have names, which its pyfunc then predicts.
        rows: the raw rows that the model takes, one input for each column; `sample_x` is then not used.
    """
    client = store.client
    with mlflow_errors(store.tracking_uri), tempfile.TemporaryDirectory(prefix="fitboard-") as folder:
        from mlflow.entities import LoggedModelOutput
        from mlflow.models import Model

        run = store.get(run_id)
        logged = _begun(store, run)
        described = Model(
            artifact_path=logged.artifact_location,
            model_uuid=logged.model_id,
            run_id=run_id,
            model_id=logged.model_id,
        )
        answers = None if classes is None and rows is None else {**asdict(classes or _NONE), **_document(rows)}
        _save(model, Path(folder, MODEL), described, _signature(model, sample_x, classes, rows), answers)
        with failed_if_refused(store, logged.model_id):
            client.log_model_artifacts(logged.model_id, str(Path(folder, MODEL)))
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=step)])
    return str(logged.model_id)


_NONE = Classes(names=(), outputs="")


def _begun(store: Store, run: Run) -> Any:
    """Return a logged model without files: what an attempt left that the storage interrupted, or a new one."""
    for left in pending_models(store, run):
        return left
    return store.client.create_logged_model(run.experiment_id, MODEL, source_run_id=run.run_id, params=dict(run.params))


def _document(rows: Rows | None) -> dict[str, Any]:
    # A model on other rows has the file that earlier versions wrote.
    return {} if rows is None else {"rows": {name: value for name, value in asdict(rows).items() if value is not None}}


def _save(model: Any, folder: Path, described: Any, signature: Any, answers: Mapping[str, Any] | None) -> None:
    import mlflow.keras

    pictures = answers is not None and "pictures" in answers.get("rows", {})
    requirements = [*_requirements(), *([_pinned("pillow")] if pictures else [])]
    # MLflow refuses columns for its Keras flavor; a table's rows are taken by the pyfunc of `class_answers` alone.
    of_keras = None if signature.inputs.has_input_names() else signature
    mlflow.keras.save_model(
        model, str(folder), mlflow_model=described, signature=of_keras, pip_requirements=requirements
    )
    described.signature = signature
    if answers is not None:
        _answer_with_names(described, folder, answers)


def _answer_with_names(described: Any, folder: Path, answers: Mapping[str, Any]) -> None:
    """Make a copy of `class_answers` load the model's pyfunc; its Keras flavor remains unchanged."""
    Path(folder, class_answers.FILE).write_text(json.dumps(answers, ensure_ascii=False), "utf-8")
    code = Path(folder, "code")
    code.mkdir()
    shutil.copy(class_answers.__file__, code)
    if "pictures" in answers.get("rows", {}):
        from trainer.data.sources.pictures import decoding, resizing  # Pillow, which other models do without

        for name, module in ((class_answers.DECODING, decoding), (class_answers.RESIZING, resizing)):
            shutil.copy(str(module.__file__), code / f"{name}.py")
    described.flavors["python_function"] |= {"loader_module": Path(class_answers.__file__).stem, "code": code.name}
    described.save(str(folder / "MLmodel"))


def _signature(model: Any, sample_x: NDArray[Any], classes: Classes | None, rows: Rows | None) -> Any:
    """Tensors with a first dimension of −1, as serving needs them; raw rows, named classes and targets are columns."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, DataType, Schema, TensorSpec

    inputs = Schema([TensorSpec(np.dtype(sample_x.dtype), (-1, *sample_x.shape[1:]))])
    if rows is not None:
        # MLflow would refuse whole numbers in a column of doubles; `class_answers` checks every cell itself.
        inputs = Schema([ColSpec(AnyType(), name, required=False) for name in class_answers.raw_names(asdict(rows))])
    if rows is not None and rows.series is not None and rows.targets:
        # An id is as the request has it.
        ids = [ColSpec(AnyType(), rows.series["id"], required=False)] if rows.series["id"] else []
        step = ColSpec(DataType.long, class_answers.STEP)
        return ModelSignature(inputs, Schema([*ids, step, *(ColSpec(DataType.double, name) for name in rows.targets)]))
    names = rows.targets if classes is None and rows is not None else [] if classes is None else classes.names
    if names:
        columns = [ColSpec(DataType.double, name) for name in names]
        first = [] if classes is None else [ColSpec(DataType.string, class_answers.CLASS)]
        return ModelSignature(inputs, Schema([*first, *columns]))
    shape = tuple(-1 if size is None else size for size in model.output_shape)
    outputs = TensorSpec(np.dtype(str(model.compute_dtype)), (-1, *shape[1:]))
    return ModelSignature(inputs=inputs, outputs=Schema([outputs]))


def warm() -> None:
    """Make MLflow examine the installed packages, which otherwise delays the first model by about half a second."""
    import mlflow.pyfunc  # noqa: F401 - the flavours load it with their first model
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    warn_dependency_requirement_mismatches(list(_requirements()))


@cache
def _requirements() -> tuple[str, ...]:
    return tuple(_pinned(name) for name in _REQUIREMENTS)


def _pinned(name: str) -> str:
    return f"{name}=={importlib.metadata.version(name)}"
