"""The dataset of a run as an MLflow dataset input."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DatasetRecord"]

# MLflow's limit; 144 bits of a SHA-256 are enough to tell datasets apart.
_LONGEST_DIGEST = 36


@dataclass(frozen=True, kw_only=True)
class DatasetRecord:
    """A dataset: its name, the SHA-256 of its arrays, one sample's shape, and how many samples each part has.

    `columns` are the names of a table's columns and their MLflow types, such as `double`, the targets last; empty for
    arrays.
    """

    name: str
    digest: str
    input_shape: Sequence[int]
    input_dtype: str = "float32"
    target_shape: Sequence[int] = ()
    target_dtype: str = "int64"
    samples: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    columns: Sequence[tuple[str, str]] = ()

    def as_input(self) -> Any:
        """Return the entity that `MlflowClient.log_inputs` takes."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        dataset = Dataset(
            name=self.name,
            digest=self.digest[:_LONGEST_DIGEST],
            source_type="fitboard",
            source=json.dumps({"name": self.source or self.name}),
            schema=json.dumps(self._schema()),
            profile=json.dumps({"sha256": self.digest, **{f"{part}_samples": n for part, n in self.samples.items()}}),
        )
        return DatasetInput(dataset, tags=[InputTag("mlflow.data.context", "training")])

    def _schema(self) -> dict[str, Any]:
        if self.columns:
            return {"mlflow_colspec": [{"type": kind, "name": name, "required": True} for name, kind in self.columns]}
        return {"mlflow_tensorspec": self._tensors()}

    def _tensors(self) -> dict[str, str]:
        features = _tensor(self.input_dtype, self.input_shape)
        targets = _tensor(self.target_dtype, self.target_shape)
        return {"features": json.dumps([features]), "targets": json.dumps([targets])}


def _tensor(dtype: str, shape: Sequence[int]) -> dict[str, Any]:
    # MLflow requires the first dimension of tensor specs to be -1, the batch.
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": [-1, *shape]}}
