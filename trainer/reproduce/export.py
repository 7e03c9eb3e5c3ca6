"""Export a run of the store as a script, a `.keras` file or a bundle."""

import contextlib
import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

from trainer.config import Config, FileDataset, FileWeights, dump_config
from trainer.config.layers import has_composites
from trainer.config.search import SweepFile
from trainer.data.files import write_whole
from trainer.data.packed import pack_folder
from trainer.data.sources.file import find_file
from trainer.errors import ConfigError, DataError, StoreError
from trainer.format import readable_bytes
from trainer.home import Home
from trainer.reproduce.bundle import (
    CONFIG,
    ENVIRONMENT,
    FOLDER,
    HISTORY,
    LIMITS,
    MANIFEST,
    MODEL,
    SCRIPT,
    data_name,
    dump_values,
)
from trainer.reproduce.facts import DataFacts, data_facts
from trainer.reproduce.keras_model import has_model_within
from trainer.reproduce.record import RunRecord, read_record
from trainer.reproduce.script import Origin, write_script
from trainer.reproduce.sweep_script import write_sweep_script
from trainer.reproduce.verdict import nondeterminism
from trainer.reproduce.verify import own_threads
from trainer.tracking.files import ENVIRONMENT_FILE
from trainer.tracking.read.stored import as_mapping
from trainer.tracking.reader import RunReader
from trainer.tracking.run import Run, Status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["export_bundle", "export_keras", "export_script", "export_sweep_script"]


def export_script(reader: RunReader, run: Run, config: Config, *, home: Home) -> str:
    """Return the run as a plain Keras script.

    Raises:
        DataError: the config's file is missing or does not match the config.
    """
    return _script(reader, run, config, read_record(reader, run), home)


def export_sweep_script(reader: RunReader, sweep: SweepFile, trial: Run | None, *, home: Home) -> str:
    """Return a sweep as a plain Optuna and Keras program, which computes as one of its trials did.

    Raises:
        ConfigError: something varies in a way that a script cannot express.
        DataError: the config's file is missing or does not match the config.
    """
    facts = data_facts(sweep.config, home)
    origin = Origin() if trial is None else _origin(reader, trial, read_record(reader, trial))
    origin = replace(origin, starts_within=_starts_within(sweep.config, facts, home))
    return write_sweep_script(sweep, facts, origin)


def _script(
    reader: RunReader, run: Run, config: Config, record: RunRecord, home: Home, *, portable: bool = False
) -> str:
    origin = _origin(reader, run, record)
    facts = data_facts(config, home)
    origin = replace(origin, starts_within=_starts_within(config, facts, home))
    return write_script(_portable(config, home) if portable else config, facts, origin)


def _origin(reader: RunReader, run: Run, record: RunRecord) -> Origin:
    threads = own_threads(reader, run) or {}
    finished = run.status is Status.FINISHED
    one_dnn = as_mapping(record.environment.get("variables")).get("TF_ENABLE_ONEDNN_OPTS")
    return Origin(
        **threads,
        one_dnn=None if one_dnn is None else str(one_dnn),
        deterministic=not tuple(nondeterminism(record, record)),
        # The script quotes the digest in a comment, where a tag with a line break could add code.
        weights=record.weights if finished and record.weights and record.weights.isalnum() else None,
        ended_early=None if finished else str(run.status),
    )


def _starts_within(config: Config, facts: DataFacts, home: Home) -> bool:
    """Return whether the weights to start from are those of a model within the model of the file."""
    if config.weights is None or not has_composites(config.layers):
        return False
    if isinstance(config.weights, FileWeights):
        return has_model_within(find_file(config.weights.path, home))
    # A run saves its network behind the layers that prepare raw samples.
    about = facts.about
    scale = getattr(config.dataset, "scale", None) or about.scale
    is_scaled = about.input_dtype != "int32" and scale != "none"
    return facts.table is not None or is_scaled or getattr(config.dataset, "channels", "last") == "first"


def export_keras(store: "Store", run: Run, target: Path) -> Path:
    """Write the trained model as a `.keras` file at `target`.

    Raises:
        StoreError: the run has no model.
        ResourceError: `target` cannot be written.
    """
    from trainer.tracking.read.model_file import copy_keras_file

    with TemporaryDirectory(prefix="fitboard-") as scratch:
        file = copy_keras_file(store, run.run_id, Path(scratch, MODEL))
        return write_whole(target, lambda stream: _copy(file, stream), private=False)


def export_bundle(
    store: "Store", run: Run, config: Config, target: Path, *, home: Home, with_data: bool = False
) -> Path:
    """Write a zip with everything needed to verify the run to `target`.

    Raises:
        ConfigError: the run is not FINISHED, or `with_data` is True and the dataset is not the user's own file or
            folder.
        DataError: that file or folder is missing or too large.
        ResourceError: `target` cannot be written.
    """
    if run.status is not Status.FINISHED:
        raise ConfigError(f"Run {run.run_id} is {run.status}; only a FINISHED run can be exported as a bundle.")
    files = _files(store.reader, run, config, home)
    if with_data:
        name, content = _data(config, home)
        files[name] = content
    with TemporaryDirectory(prefix="fitboard-") as scratch:
        model = _model(store, run, Path(scratch, MODEL))
        return write_whole(target, lambda stream: _write_zip(stream, run, files, model), private=False)


def _files(reader: RunReader, run: Run, config: Config, home: Home) -> dict[str, bytes]:
    record = read_record(reader, run)
    manifest = {
        "format": 1,
        "run_id": run.run_id,
        "name": run.name,
        "weights_sha256": record.weights,
        "data_digest": as_mapping(record.environment.get("training")).get("data_digest"),
        "threads": own_threads(reader, run),
    }
    files = {
        MANIFEST: json.dumps(manifest).encode(),
        CONFIG: dump_config(_portable(config, home)).encode(),
        ENVIRONMENT: reader.artifact(run, ENVIRONMENT_FILE) or b"{}",
        HISTORY: dump_values(record.values),
    }
    # The script depends on the user's own file; if that is missing, the rest can still be verified.
    with contextlib.suppress(DataError):
        files[SCRIPT] = _script(reader, run, config, record, home, portable=True).encode()
    return files


def _portable(config: Config, home: Home) -> Config:
    """Shorten a path of this machine to its file name; on another machine, the file or folder is beside the script."""
    if isinstance(config.weights, FileWeights):
        config = config.model_copy(update={"weights": config.weights.replace(path=Path(config.weights.path).name)})
    if not isinstance(config.dataset, FileDataset):
        return config
    path = find_file(config.dataset.path, home)
    name = path.name if path.is_dir() else data_name(config.dataset) or Path(config.dataset.path).name
    return config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": name})})


def _data(config: Config, home: Home) -> tuple[str, bytes]:
    """Return the name in the bundle and the content of the user's own file."""
    if not isinstance(config.dataset, FileDataset):
        raise ConfigError(f"The dataset {config.dataset.kind} is not your own file; remove --with-data.")
    path, name = find_file(config.dataset.path, home), data_name(config.dataset)
    if path.is_dir():
        return FOLDER, pack_folder(path, limit=LIMITS[FOLDER])
    is_list = config.dataset.kind == "images" and name != FOLDER
    if name is None or is_list:
        what = "a list of files" if is_list else f"a file named {path.name}"
        raise ConfigError(f"A bundle cannot include {what}; remove --with-data, and replay it with --data.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); remove --with-data.") from error
    most = LIMITS[name]
    if len(content) > most:
        size, limit = readable_bytes(len(content)), readable_bytes(most)
        raise DataError(f"{path} is {size}; a bundle can include at most {limit} of data. Remove --with-data.")
    return name, content


def _model(store: "Store", run: Run, target: Path) -> Path | None:
    from trainer.tracking.read.model_file import copy_keras_file

    try:
        return copy_keras_file(store, run.run_id, target)
    except StoreError:
        return None


def _write_zip(stream: BinaryIO, run: Run, files: Mapping[str, bytes], model: Path | None) -> None:
    # The manifest cannot contain its own digest.
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != MANIFEST}
    if model is not None:
        with model.open("rb") as file:
            digests[MODEL] = hashlib.file_digest(file, "sha256").hexdigest()
    manifest: dict[str, Any] = json.loads(files[MANIFEST]) | {"sha256": digests}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        for name, content in files.items():
            if name != MANIFEST:
                archive.writestr(name, content)
        if model is not None:
            archive.write(model, MODEL)


def _copy(file: Path, stream: BinaryIO) -> None:
    with file.open("rb") as content:
        shutil.copyfileobj(content, stream)
