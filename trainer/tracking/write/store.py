"""Write the store: the only place where runs are created and changed in MLflow."""

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from trainer.errors import FitboardError, RunNotFoundError
from trainer.home import Home
from trainer.tracking.artifact_root import VARIABLE, artifact_root, refuse_other_location
from trainer.tracking.errors import mlflow_errors
from trainer.tracking.files import CONFIG_FILE
from trainer.tracking.note import NOTE_TAG, run_note, with_generated
from trainer.tracking.read.find import queued_runs, running_runs
from trainer.tracking.read.open_reader import open_reader
from trainer.tracking.reader import RunReader
from trainer.tracking.run import Point, Run, Status
from trainer.tracking.user import USER_TAG, this_user
from trainer.tracking.write.database import prepare_database, probe
from trainer.tracking.write.dataset_record import DatasetRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["Store", "open_store"]

_POINTS_AT_ONCE = 1_000
_PARAMS_AT_ONCE = 100


def open_store(tracking_uri: str, home: Home) -> "Store":
    """Return the store without connecting to it.

    Raises:
        StoreError: the environment names an artifact root that is not valid.
    """
    is_chosen = bool(os.environ.get(VARIABLE))
    return Store(tracking_uri, artifact_root(home), is_chosen=is_chosen, dashboard=lambda: home.dashboard)


class Store:
    """Writes runs through MLflow's client, and reads them through the matching reader.

    Every method raises `StoreUnreachableError` if the store does not respond, and `StoreError` if it refuses.

    Args:
        tracking_uri: the store.
        root: URI below which the artifacts of new experiments are kept.
        is_chosen: whether a person chose the root; experiments elsewhere are then refused.
        dashboard: returns the address of the dashboard for links in notes.
    """

    def __init__(
        self,
        tracking_uri: str,
        root: str,
        *,
        is_chosen: bool = False,
        dashboard: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.tracking_uri = tracking_uri
        self._root, self._is_chosen = root, is_chosen
        self._dashboard = dashboard
        self.is_server = tracking_uri.startswith(("http://", "https://"))

    @cached_property
    def reader(self) -> RunReader:
        """The reader of the same store."""
        return open_reader(self.tracking_uri)

    @cached_property
    def client(self) -> "MlflowClient":
        """MLflow's client of this store; the first call imports MLflow."""
        if not self.is_server:
            probe(self.tracking_uri)
        with mlflow_errors(self.tracking_uri):
            from mlflow import MlflowClient

            return MlflowClient(self.tracking_uri)

    def prepare(self) -> None:
        """Create MLflow's tables where there are none, and check that the store responds."""
        if not self.is_server:
            prepare_database(self.tracking_uri, self._root)
        with self._errors():
            self.client.search_experiments(max_results=1)

    def warm_up(self) -> None:
        """Connect, so that MLflow and SQLAlchemy have prepared what the first queries of a run need."""
        self.reader.get([])
        with self._errors():
            self.client.search_experiments(max_results=1)

    def create(
        self,
        *,
        config_text: str,
        experiment: str,
        name: str | None,
        tags: Mapping[str, str],
        params: Mapping[str, str],
    ) -> str:
        """Queue a run and return its id; the run becomes SCHEDULED only after everything else is written."""
        own = {USER_TAG: this_user(), "mlflow.source.name": "fitboard", "mlflow.source.type": "LOCAL"}
        with self._errors():
            content = config_text.encode()
            folder = self.experiment_id(experiment)
            run_id: str = self.client.create_run(folder, run_name=name, tags=own | _plain(tags)).info.run_id
        try:
            made = Run(
                run_id=run_id,
                name=name or "",
                experiment_id=folder,
                experiment=experiment,
                status=Status.SCHEDULED,
                start_time=None,
                end_time=None,
                artifact_uri="",
                params=params,
                tags=_plain(tags),
            )
            # The note links to the run, whose id is known only now: it goes with the params, in one transaction.
            self.log_batch(run_id, params=params, tags=self._note(made) if made.by_fitboard else {})
            self.log_file(run_id, CONFIG_FILE, content)
            # `create_run` always stores RUNNING, so the run must be queued by an update, and last: a worker may start
            # it then.
            self._change_status(run_id, Status.SCHEDULED)
        except FitboardError:
            # A run that lacks its params or its config cannot be trained.
            with contextlib.suppress(FitboardError):
                self.delete(run_id)
            raise
        return run_id

    def create_parent(
        self,
        *,
        experiment: str,
        name: str,
        tags: Mapping[str, str],
        files: Mapping[str, str],
        user: str | None = None,
    ) -> str:
        """Create a run that others are nested in, with its files, and return its id; it is RUNNING, but has no process.

        It belongs to `user`, by default that of this process. Its tags are set last, so that whoever finds it by them
        finds it complete.
        """
        with self._errors():
            own = {USER_TAG: user or this_user(), "mlflow.source.name": "fitboard", "mlflow.source.type": "LOCAL"}
            run_id: str = self.client.create_run(self.experiment_id(experiment), run_name=name, tags=own).info.run_id
        try:
            for path, text in files.items():
                self.log_file(run_id, path, text.encode())
            self.set_tags(run_id, tags)
        except FitboardError:
            with contextlib.suppress(FitboardError):
                self.delete(run_id)
            raise
        return run_id

    def set_status(self, run_id: str, status: Status, *, at_ms: int | None = None) -> None:
        """Change a run's status and update its description; a final status sets the end time, by default now.

        The start of training leaves the description as it is, which already says that results will follow.
        """
        if status is not Status.RUNNING:
            self._renew_note(run_id, status, at_ms)
        self._change_status(run_id, status, at_ms)

    def _change_status(self, run_id: str, status: Status, at_ms: int | None = None) -> None:
        with self._errors():
            if status.ended:
                self.client.set_terminated(run_id, str(status), at_ms)
            else:
                self.client.update_run(run_id, status=str(status))

    def _renew_note(self, run_id: str, status: Status, at_ms: int | None) -> None:
        """Write the current description below what people wrote, unless they have changed Fitboard's part."""
        for run in self.reader.get([run_id]):
            if run.by_fitboard:
                ended = (at_ms or round(time.time() * 1000)) if status.ended else None
                told = self._note(replace(run, status=status, end_time=ended))
                if told[NOTE_TAG] != run.tags.get(NOTE_TAG):
                    self.set_tags(run_id, told)

    def _note(self, run: Run) -> dict[str, str]:
        return {NOTE_TAG: with_generated(run.tags.get(NOTE_TAG), self.generated_note(run))}

    def generated_note(self, run: Run) -> str:
        """Return what Fitboard writes into the description of a run."""
        return run_note(run, dashboard=self._dashboard())

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags in one write."""
        self.log_batch(run_id, tags=tags)

    def rename(self, run_id: str, name: str) -> None:
        """Change the name of a run."""
        with self._errors():
            self.client.update_run(run_id, name=name)

    def delete_tag(self, run_id: str, tag: str) -> None:
        """Remove a tag if it is set."""
        if tag in self.get(run_id).tags:
            with self._errors():
                self.client.delete_tag(run_id, str(tag))

    def tag_experiment(self, experiment_id: str, tag: str, value: str | None) -> None:
        """Set a tag of an experiment; None removes it, if it is set."""
        from mlflow.exceptions import MlflowException

        with self._errors():
            if value is not None:
                self.client.set_experiment_tag(experiment_id, tag, value)
                return
            try:
                self.client.delete_experiment_tag(experiment_id, tag)
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise

    def log_params(self, run_id: str, params: Mapping[str, str]) -> None:
        """Set params; MLflow refuses to change existing ones."""
        self.log_batch(run_id, params=params)

    def log_metrics(self, run_id: str, points: Sequence[Point]) -> None:
        """Write points of metrics; writing a point again does not duplicate it."""
        self.log_batch(run_id, points=points)

    def log_batch(
        self,
        run_id: str,
        *,
        points: Sequence[Point] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Write all three in as few transactions as MLflow's limits allow."""
        client = self.client
        from mlflow.entities import Metric, Param, RunTag

        metrics = [Metric(point.key, point.value, point.time_ms, point.step) for point in points]
        told = [Param(key, value) for key, value in (params or {}).items()]
        labels = [RunTag(key, value) for key, value in _plain(tags or {}).items()]
        with self._errors():
            while metrics or told or labels:
                # MLflow limits a batch to 1,000 entities in all, of which 100 params.
                room = _POINTS_AT_ONCE - _PARAMS_AT_ONCE - len(labels)
                client.log_batch(run_id, metrics[:room], told[:_PARAMS_AT_ONCE], labels)
                metrics, told, labels = metrics[room:], told[_PARAMS_AT_ONCE:], []

    def log_file(self, run_id: str, path: str, content: bytes) -> None:
        """Write one artifact; `path` may contain folders."""
        inside = PurePosixPath(path)
        parent = None if inside.parent == PurePosixPath(".") else str(inside.parent)
        with self._errors(), tempfile.TemporaryDirectory(prefix="fitboard-") as folder:
            file = Path(folder, inside.name)
            file.write_bytes(content)
            self.client.log_artifact(run_id, str(file), parent)

    def remove_file(self, run_id: str, path: str) -> None:
        """Remove one artifact, where the storage can."""
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        with self._errors():
            root = self.get(run_id).artifact_uri
            get_artifact_repository(root, tracking_uri=self.tracking_uri).delete_artifacts(path)

    def log_dataset(self, run_id: str, dataset: DatasetRecord) -> None:
        """Record the dataset of a run as an MLflow dataset input."""
        with self._errors():
            self.client.log_inputs(run_id, datasets=[dataset.as_input()])

    def delete(self, run_id: str) -> None:
        """Mark a run as deleted; `restore` undoes it."""
        with self._errors():
            self.client.delete_run(run_id)

    def restore(self, run_id: str) -> None:
        """Restore a deleted run."""
        with self._errors():
            self.client.restore_run(run_id)

    def get(self, run_id: str) -> Run:
        """Return the run with this id.

        Raises:
            RunNotFoundError: there is none.
        """
        found = self.reader.get([run_id])
        if not found:
            raise RunNotFoundError(f"Run {run_id!r} not found in the store.")
        return found[0]

    def queued(self, queue: str) -> tuple[Run, ...]:
        """Return the first 200 queued runs of a queue, in order."""
        return queued_runs(self.reader, queue)

    def running(self, queue: str) -> tuple[Run, ...]:
        """Return the running runs of a queue, oldest first."""
        return running_runs(self.reader, queue)

    def experiment_id(self, name: str) -> str:
        """Return the experiment of that name; create it if it does not exist, and restore it if it is deleted.

        Raises:
            StoreError: its artifacts are kept where this home must not or cannot keep any.
        """
        with self._errors():
            return self._experiment_id(name)

    def _experiment_id(self, name: str) -> str:
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self.client.create_experiment(name, **self._location(name)))
            # Another process may have created it in the meantime.
            except MlflowException as error:
                found = self.client.get_experiment_by_name(name)
                if found is None:
                    raise error from None
        if not self.is_server and (self._is_chosen or not self.tracking_uri.startswith("sqlite")):
            refuse_other_location(name, found.artifact_location, self._root, given=self._is_chosen)
        if found.lifecycle_stage == "deleted":
            self.client.restore_experiment(found.experiment_id)
        return str(found.experiment_id)

    def _location(self, name: str) -> dict[str, str]:
        """Return an explicit location, since MLflow's default is the current folder of whoever used the store first."""
        if self.is_server:
            return {}
        word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]
        return {"artifact_location": f"{self._root}/{word}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"}

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return mlflow_errors(self.tracking_uri)


def _plain(tags: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): value for key, value in tags.items()}
