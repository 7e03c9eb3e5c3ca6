"""What a training process keeps from one run to the next: the open store, the data and the traced network.

A run gives the same bits in such a process as in a new one, since `Training.take` resets every variable. A run that
needs anything else gets a process of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.config import Config
from trainer.data.stamp import data_stamp
from trainer.engine.signature import signature
from trainer.errors import PutBackError
from trainer.execution.process.job import Job
from trainer.home import Home

if TYPE_CHECKING:
    from trainer.data import Splits
    from trainer.engine.report import Threads
    from trainer.engine.training import Training
    from trainer.tracking.write.store import Store

__all__ = ["Done", "Fit", "Kept", "Order", "Ready", "Workplace"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order to prepare for runs of a config before there is one; `config` is canonical JSON."""

    home: Path
    tracking_uri: str
    config: str
    runs_at_once: int = 1


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Describes which runs a process can train with what it has kept.

    `data` are the fields of the dataset as JSON, `stamp` is that of its file. `asked` are the requested threads
    (`intra`, `inter`, `grappler`), None if the trainer chose; `threads` are those in effect, None while unknown.
    """

    signature: str
    data: str
    stamp: tuple[int, ...]
    asked: Mapping[str, int] | None = None
    threads: Mapping[str, int] | None = None

    @classmethod
    def of(cls, config: Config, home: Home, asked: Mapping[str, int] | None = None) -> "Fit":
        """Return the fit of a process that is prepared for the config now."""
        stamp = data_stamp(config.dataset, home=home)
        return cls(signature=signature(config), data=config.dataset.model_dump_json(), stamp=stamp, asked=asked)

    def suits(self, job: Job, config: Config) -> bool:
        """Return whether the kept network can train the job, whose config is given."""
        same_threads = job.threads == self.asked or (job.threads is not None and job.threads == self.threads)
        return same_threads and signature(config) == self.signature and self._has_data(job, config)

    def suits_data(self, job: Job, config: Config) -> bool:
        """Return whether the kept data can be used for the job, with a new network."""
        return job.threads is None and self.asked is None and self._has_data(job, config)

    def _has_data(self, job: Job, config: Config) -> bool:
        # The stamp comes last, because it reads from the disk.
        same = job.may_share and config.dataset.model_dump_json() == self.data
        return same and data_stamp(config.dataset, home=Home(job.home)) == self.stamp


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Message: everything that was ordered is prepared."""

    fit: Fit


@dataclass(frozen=True, kw_only=True)
class Done:
    """Message: a run has finished with this exit status, and the process waits for another one."""

    run_id: str
    status: int
    fit: Fit


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The data of a run and, if it can be reused, the network that is already built and traced."""

    splits: "Splits"
    config: Config | None = None
    training: "Training | None" = None


class Workplace:
    """The store, data and network of a process. Without `keeps` it serves a single run."""

    def __init__(self, *, keeps: bool = False) -> None:
        self._keeps = keeps
        self._store: Store | None = None
        self._kept: Kept | None = None
        self._fit: Fit | None = None
        self._next_fit: Fit | None = None
        self.printed = ""

    def said(self) -> str:
        """Return the output of the preparation, once, for the log of the first run."""
        printed, self.printed = self.printed, ""
        return printed

    @property
    def fit(self) -> Fit | None:
        """Which further runs can be trained here; None if this process must exit after its run."""
        return self._fit

    def store(self, tracking_uri: str, home: Home) -> "Store":
        """Return the store, which is opened by the first call."""
        from trainer.tracking import open_store

        if self._store is None:
            self._store = open_store(tracking_uri, home)
        return self._store

    def prepare(self, order: Order) -> None:
        """Open the store, read the data, build and trace the network, and set `fit`.

        Nothing is downloaded, and nothing is built that the check refuses or that exceeds the free memory.
        """
        from trainer.config.layers import downloads_weights
        from trainer.data import is_available, load
        from trainer.engine.inspect import inspect
        from trainer.engine.setup import prepare
        from trainer.machine import available_memory
        from trainer.tracking.read.config import parse_recorded

        home, config = Home(order.home), parse_recorded(order.config)
        # Weights to start from are fetched by the run itself.
        if (
            config.weights is not None
            or downloads_weights(config.layers)
            or not is_available(config.dataset, home=home)
        ):
            return
        # Before the check, because it may have TensorFlow compute, and then the threads are fixed.
        threads = prepare(config, runs_at_once=order.runs_at_once)
        if inspect(config, home=home, memory_limit=available_memory()).refusal is not None:
            return
        self.store(order.tracking_uri, home).warm_up()
        # The stamp is taken before the data are read, so that a file that changes meanwhile no longer fits.
        fit = Fit.of(config, home)
        splits = load(config.dataset, home=home)
        training = _training(config, splits, threads, warm=True)
        self._kept = Kept(splits=splits, config=config, training=training)
        self._fit = replace(fit, threads=asdict(threads))

    def begin(
        self, job: Job, config: Config, threads: "Threads", *, check: "Callable[[], None]", read: "Callable[[], Splits]"
    ) -> Kept:
        """Return the data and network for a run: the kept ones, or a new network on the data that `read` returns.

        `check` raises if the config is refused; what is kept was checked before. `fit` is None until `end`.

        Raises:
            PutBackError: what is kept does not fit the run, so it needs another process.
        """
        # None while a run is in progress: one that fails leaves variables that nobody has checked, and its process
        # exits.
        fit, self._fit = self._fit, None
        if fit is None:
            fit = Fit.of(config, Home(job.home), asked=job.threads)
            check()
            splits = read()
        elif self._kept is not None and fit.suits(job, config):
            self._next_fit = fit
            return self._kept
        else:
            splits = self._kept_data(fit, job, config)
            check()
        if not (self._keeps and job.may_share) or config.weights is not None:
            return Kept(splits=splits)
        self._kept = Kept(splits=splits, config=config, training=_training(config, splits, threads))
        self._next_fit = replace(fit, signature=signature(config), threads=asdict(threads))
        return self._kept

    def _kept_data(self, fit: Fit, job: Job, config: Config) -> "Splits":
        """Return the kept data and free the memory of the kept network."""
        from trainer.engine.forget import forget_networks
        from trainer.engine.setup import choose_threads

        kept, self._kept = self._kept, None
        # Threads are fixed once TensorFlow has computed, so the network has to be one that gets the same.
        if kept is not None and kept.config is not None and fit.suits_data(job, config):
            former, wanted = (choose_threads(each, cores=2, runs_at_once=1) for each in (kept.config, config))
            if former == wanted:
                splits = kept.splits
                # The name would keep the network alive while the next one is built.
                del kept
                forget_networks()
                return splits
        raise PutBackError("The process was prepared for other data or threads; the run starts in a new one.")

    def freshen(self) -> None:
        """Prepare, between two runs, for another one like the last."""
        if self._fit is not None and self._kept is not None and self._kept.training is not None:
            self._kept.training.freshen()

    def end(self, *, failed: bool) -> None:
        """Keep everything for the next run if this one did not fail and its network can train again."""
        training = None if self._kept is None else self._kept.training
        if not failed and training is not None and training.is_reusable:
            self._fit = self._next_fit


def _training(config: Config, splits: "Splits", threads: "Threads", *, warm: bool = False) -> "Training":
    from trainer.engine.failures import translated
    from trainer.engine.training import Training

    with translated("training"):
        training = Training(config, splits, threads)
        if warm:
            training.warm_up()
    return training
