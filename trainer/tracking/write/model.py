"""The trained network as an MLflow logged model, which `mlflow models serve` and `mlflow.keras.load_model` accept."""

import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.tracking.errors import mlflow_errors
from trainer.tracking.write import class_answers
from trainer.tracking.write.store import Store

__all__ = ["MODEL", "Classes", "log_model", "warm"]

MODEL = "model"
_REQUIREMENTS = ("mlflow", "keras", "tensorflow", "numpy", "pandas")


@dataclass(frozen=True, kw_only=True)
class Classes:
    """What a classifier's outputs stand for: the names of its classes, and how outputs become probabilities.

    `outputs` is one of the words of `class_answers`.
    """

    names: Sequence[str]
    outputs: str


def log_model(
    store: Store,
    run_id: str,
    model: Any,
    sample_x: NDArray[Any],
    *,
    step: int = 0,
    classes: Classes | None = None,
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
    """
    client = store.client
    with mlflow_errors(store.tracking_uri), tempfile.TemporaryDirectory(prefix="fitboard-") as folder:
        from mlflow.entities import LoggedModelOutput
        from mlflow.models import Model

        run = store.get(run_id)
        logged = client.create_logged_model(run.experiment_id, MODEL, source_run_id=run_id, params=dict(run.params))
        described = Model(
            artifact_path=logged.artifact_location,
            model_uuid=logged.model_id,
            run_id=run_id,
            model_id=logged.model_id,
        )
        _save(model, Path(folder, MODEL), described, _signature(model, sample_x, classes), classes)
        client.log_model_artifacts(logged.model_id, str(Path(folder, MODEL)))
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=step)])
    return str(logged.model_id)


def _save(model: Any, folder: Path, described: Any, signature: Any, classes: Classes | None) -> None:
    import mlflow.keras

    requirements = list(_requirements())
    mlflow.keras.save_model(
        model, str(folder), mlflow_model=described, signature=signature, pip_requirements=requirements
    )
    if classes is not None:
        _answer_with_names(described, folder, classes)


def _answer_with_names(described: Any, folder: Path, classes: Classes) -> None:
    """Make a copy of `class_answers` load the model's pyfunc; its Keras flavor remains unchanged."""
    Path(folder, class_answers.FILE).write_text(json.dumps(asdict(classes), ensure_ascii=False), "utf-8")
    code = Path(folder, "code")
    code.mkdir()
    shutil.copy(class_answers.__file__, code)
    described.flavors["python_function"] |= {"loader_module": Path(class_answers.__file__).stem, "code": code.name}
    described.save(str(folder / "MLmodel"))


def _signature(model: Any, sample_x: NDArray[Any], classes: Classes | None) -> Any:
    """Tensors with a first dimension of −1, as serving needs them; named classes are columns."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, DataType, Schema, TensorSpec

    inputs = TensorSpec(np.dtype(sample_x.dtype), (-1, *sample_x.shape[1:]))
    if classes is not None:
        columns = [ColSpec(DataType.double, name) for name in classes.names]
        return ModelSignature(Schema([inputs]), Schema([ColSpec(DataType.string, class_answers.CLASS), *columns]))
    shape = tuple(-1 if size is None else size for size in model.output_shape)
    outputs = TensorSpec(np.dtype(str(model.compute_dtype)), (-1, *shape[1:]))
    return ModelSignature(inputs=Schema([inputs]), outputs=Schema([outputs]))


def warm() -> None:
    """Make MLflow examine the installed packages, which otherwise delays the first model by about half a second."""
    import mlflow.pyfunc  # noqa: F401 - the flavours load it with their first model
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    warn_dependency_requirement_mismatches(list(_requirements()))


@cache
def _requirements() -> tuple[str, ...]:
    return tuple(f"{name}=={importlib.metadata.version(name)}" for name in _REQUIREMENTS)
