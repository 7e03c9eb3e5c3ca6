"""Train one run in its own process, from its config to its record.

`python -m trainer.execution.process.run_job JOB` runs one in the foreground; the worker forks `run_job`.
"""

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from trainer.config import FailureKind
from trainer.errors import ConfigError, DataError, FitboardError, PutBackError, StoreUnreachableError
from trainer.execution.logs import LogStream
from trainer.execution.process.exit_status import PUT_BACK, STORE_AWAY
from trainer.execution.process.identity import owner_of
from trainer.execution.process.job import Job
from trainer.execution.process.transitions import failure_tags
from trainer.execution.process.workplace import Workplace
from trainer.format import clock, counted, duration, shortened_line
from trainer.home import Home
from trainer.tracking.files import EVALUATION, LOG_FILE, SAMPLES_FILE

if TYPE_CHECKING:
    from trainer.config import Config
    from trainer.data import Splits
    from trainer.engine.report import Outcome
    from trainer.execution.process.time_limit import Timekeeper
    from trainer.tracking import Kept, Status
    from trainer.tracking.predictions import Predictions
    from trainer.tracking.record.recorder import Recorder
    from trainer.tracking.write.dataset_record import DatasetRecord
    from trainer.tracking.write.store import Store

__all__ = ["run_job"]


def run_job(job: Job, place: Workplace | None = None) -> int:
    """Train the run and end it in the store; return the process's exit status.

    The status is 0 if the run has ended or another process owns it, and STORE_AWAY if training is complete but the
    store did not respond: the next process resumes from the last checkpoint, which takes a moment. SIGTERM asks the
    process to exit with a checkpoint; the status is then PUT_BACK.

    `place` is what the process keeps from one run to the next; without it nothing is kept.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if job.devices is not None:
        # TensorFlow is imported already, but looks for GPUs only when it first computes.
        os.environ["CUDA_VISIBLE_DEVICES"] = job.devices
    home, place = Home(job.home), place or Workplace()
    _write_log_to(home.run(job.run_id) / LOG_FILE)
    print(place.said(), end="")  # noqa: T201 - the run's log
    try:
        status = _recorded(job, home, place)
    except StoreUnreachableError as error:
        sys.stderr.write(f"{error}\n")
        return STORE_AWAY
    except FitboardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return status


def _recorded(job: Job, home: Home, place: Workplace) -> int:
    from trainer.tracking import Status
    from trainer.tracking.record.notes import forget_notes, note_unsaved

    folder, store = home.run(job.run_id), place.store(job.tracking_uri, home)
    recorder = _recorder(job, home, store)
    signal.signal(signal.SIGTERM, lambda *_: recorder.leave())
    failure, kind = "", None
    status = Status.FINISHED
    with recorder:
        try:
            if _train(job, home, place, recorder):
                status = Status.KILLED
        except StoreUnreachableError:
            raise
        except PutBackError as error:
            print(error)  # noqa: T201 - the run's log
            return PUT_BACK
        except FitboardError as error:
            sys.stderr.write(f"{error}\n")
            failure, kind = str(error), FailureKind.DATA if isinstance(error, DataError) else None
        except MemoryError:
            traceback.print_exc()
            failure, kind = "Out of memory; reduce the batch size or the size of the network.", FailureKind.MEMORY
        except Exception as error:
            traceback.print_exc()
            what = shortened_line(f"{type(error).__name__}: {error}", FitboardError.longest)
            failure = f"The run failed unexpectedly ({what}); see its log for details."
    if recorder.taken_over:
        print("Another process has taken over this run; exiting.")  # noqa: T201 - the run's log
        return 0
    note_unsaved(folder)
    if not recorder.is_done:
        return STORE_AWAY
    if failure:
        _fail(store, home, job, failure_tags(failure, kind), recorder.now_ms())
    else:
        _complete(store, home, job, status, recorder.now_ms())
    forget_notes(folder)
    place.end(failed=bool(failure))
    return 0


def _recorder(job: Job, home: Home, store: "Store") -> "Timekeeper":
    from trainer.execution.process.time_limit import Timekeeper
    from trainer.tracking import Tag
    from trainer.tracking.record.delivery import seed_journal

    run = store.get(job.run_id)
    if Tag.STARTED in run.tags:
        # A full disk may have kept points out of the journal that the store has; logged again, they would be doubled.
        with contextlib.suppress(OSError):
            seed_journal(store.reader, job.run_id, home.run(job.run_id))
    return Timekeeper(store, run, home, owner=owner_of())


def _complete(store: "Store", home: Home, job: Job, status: "Status", at_ms: int) -> None:
    from trainer.tracking import Status

    if status is Status.FINISHED:
        _keep_verdict(store, job)
    _keep_log(store, home, job)
    store.set_status(job.run_id, status, at_ms=at_ms)


def _keep_verdict(store: "Store", job: Job) -> None:
    """Compare a rerun with its original; a failed comparison does not make the run fail.

    Raises:
        StoreUnreachableError: the store does not respond; the process that ends the run later compares it.
    """
    from trainer.reproduce import keep_verdict

    try:
        verdict = keep_verdict(store, job.run_id)
    except StoreUnreachableError:
        raise
    except FitboardError as error:
        sys.stderr.write(f"The run could not be compared with the original run: {error}\n")
        return
    if verdict is not None:
        print(verdict.sentence())  # noqa: T201 - the run's log


def _fail(store: "Store", home: Home, job: Job, tags: Mapping[str, str], at_ms: int) -> None:
    from trainer.tracking import Status

    store.set_tags(job.run_id, tags)
    _keep_log(store, home, job)
    store.set_status(job.run_id, Status.FAILED, at_ms=at_ms)


def _train(job: Job, home: Home, place: Workplace, recorder: "Timekeeper") -> bool:
    """Train and evaluate the run; return whether a person or its time limit stopped it."""
    from trainer.engine.checkpoint_manager import CheckpointSettings
    from trainer.engine.report import Threads
    from trainer.engine.setup import prepare
    from trainer.engine.train import train
    from trainer.execution.process.logged_model import log_trained
    from trainer.execution.process.start_file import start_file
    from trainer.tracking import Tag
    from trainer.tracking.files import PREPARATION_FILE

    store = place.store(job.tracking_uri, home)
    config = _config(job, store)
    threads = None if job.threads is None else Threads(**job.threads)
    # Before the check, because it may have TensorFlow compute, and then the threads are fixed.
    taken = prepare(config, threads, runs_at_once=job.runs_at_once)
    kept = place.begin(
        job,
        config,
        taken,
        check=partial(_refuse_impossible, job, config, home),
        read=partial(_data, config, home, recorder),
    )
    splits = kept.splits
    recorder.later(partial(store.log_dataset, job.run_id, _dataset_record(config, splits, home)))
    recorder.later(partial(store.log_params, job.run_id, _found_in_data(splits)))
    outcome, model = train(
        config,
        splits,
        recorder,
        threads=threads,
        runs_at_once=job.runs_at_once,
        checkpoints=CheckpointSettings(folder=home.run(job.run_id)),
        prepared=kept.training,
        start=start_file(config, store, home, folder=home.run(job.run_id)),
    )
    if outcome.stopped and recorder.time_over:
        recorder.tag({Tag.FAILURE: recorder.sentence(outcome.epochs)})
    recorder.phase("saving")
    _record_outcome(outcome, splits, recorder, store, job.run_id)
    recorder.file(PREPARATION_FILE, json.dumps(splits.preparation()).encode())
    recorder.later(partial(log_trained, store, job.run_id, model, config, splits, outcome.epochs))
    done = counted(outcome.epochs, "epoch")
    print(f"Ended after {done} in {duration(outcome.seconds)}; weights {outcome.weights_sha256}")  # noqa: T201 - the run's log
    return outcome.stopped


def _dataset_record(config: "Config", splits: "Splits", home: Home) -> "DatasetRecord":
    from trainer.execution.process.logged_dataset import dataset_record

    return dataset_record(config, splits, home)


def _found_in_data(splits: "Splits") -> dict[str, str]:
    """Return the params that depend on the data: how they are scaled, and what else the file contains."""
    for remark in splits.schema.remarks:
        print(remark)  # noqa: T201 - the run's log
    found = {"dataset.scale": splits.scale}
    if splits.schema.is_weighted:
        found["dataset.sample_weight"] = "used"
    if splits.schema.ignored:
        found["dataset.ignored"] = splits.schema.ignored
    return found


def _record_outcome(outcome: "Outcome", splits: "Splits", recorder: "Recorder", store: "Store", run_id: str) -> None:
    from trainer.engine.judgement import judge_results
    from trainer.tracking import Tag

    tested = outcome.evaluation
    recorder.log(tested.metrics, step=outcome.epochs)
    recorder.tag({Tag.WEIGHTS: outcome.weights_sha256})
    kept = _kept(outcome)
    if kept is not None:
        recorder.tag({Tag.KEPT: kept.dumps()})
    sentence = judge_results(outcome.history, tested.metrics, splits.schema, files=tested.files)
    if sentence:
        print(sentence)  # noqa: T201 - the run's log
        recorder.tag({Tag.JUDGEMENT: sentence})
    for name, document in tested.files.items():
        recorder.file(f"{EVALUATION}/{name}", json.dumps(document).encode())
    if tested.predictions is not None:
        if tested.predictions.left_out:
            print(tested.predictions.left_out)  # noqa: T201 - the run's log
        # Compressed in the recorder's thread, while the network is being saved.
        recorder.later(partial(_log_predictions, store, run_id, tested.predictions))


def _log_predictions(store: "Store", run_id: str, predictions: "Predictions") -> None:
    store.log_file(run_id, f"{EVALUATION}/{SAMPLES_FILE}", predictions.dumps())


def _kept(outcome: "Outcome") -> "Kept | None":
    """Return which epoch's weights were kept, or None if no callback decided: then they are the last epoch's."""
    from trainer.tracking import Kept

    if outcome.kept_epoch is None and not outcome.ended_by:
        return None
    epoch = outcome.kept_epoch or outcome.epochs
    values = {name: series[epoch - 1] for name, series in outcome.history.items() if len(series) >= epoch}
    return Kept(epoch=epoch, epochs=outcome.epochs, ended_by=outcome.ended_by, values=values)


def _config(job: Job, store: "Store") -> "Config":
    from trainer.tracking.read.config import config_of, parse_recorded

    if job.config is not None:
        return parse_recorded(job.config)
    return config_of(store.reader.artifact, store.get(job.run_id))


def _refuse_impossible(job: Job, config: "Config", home: Home) -> None:
    """Refuse a network that cannot be built or does not fit into memory, before anything is allocated."""
    from trainer.engine.inspect import inspect
    from trainer.machine import total_memory

    refusal = None if job.checked else inspect(config, home=home, memory_limit=total_memory()).refusal
    if refusal is not None:
        raise ConfigError(refusal)


def _data(config: "Config", home: Home, recorder: "Timekeeper") -> "Splits":
    from trainer.data import is_available, load
    from trainer.data.npz_file import held_limit

    if not is_available(config.dataset, home=home):
        from trainer.engine.download import fetch

        fetch(config.dataset, home=home, progress=recorder.phase)
    recorder.phase("reading the data")
    return load(config.dataset, home=home, held=held_limit(recorder.memory_limit))


def _write_log_to(log: Path) -> None:
    """Redirect everything that is printed from now on, also by native code, to the run's log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())
    os.close(file)
    # A process that trains several runs has wrapped its streams at the first.
    if not isinstance(sys.stdout, LogStream):
        sys.stdout, sys.stderr = cast(TextIO, LogStream(sys.stdout)), cast(TextIO, LogStream(sys.stderr))
    print(f"{clock(time.time())} process {os.getpid()}", flush=True)  # noqa: T201 - the run's log


def _keep_log(store: "Store", home: Home, job: Job) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.suppress(OSError):
        store.log_file(job.run_id, LOG_FILE, (home.run(job.run_id) / LOG_FILE).read_bytes())


if __name__ == "__main__":
    sys.exit(run_job(Job.loads(sys.argv[1], tracking_uri=os.environ["MLFLOW_TRACKING_URI"])))
