"""Measure the machine while a run trains, by MLflow's monitors and under MLflow's names, but without its thread."""

import logging
from typing import Any

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.mlflow_settings import load_mlflow
from trainer.tracking.run import Point

__all__ = ["SystemMetrics"]


class SystemMetrics:
    """Samples processor, memory, disk, network and graphics cards as `system/…`.

    The recorder's thread asks MLflow's monitor for one sample at a time, so no second thread is needed. Processor and
    network are measured since the previous sample, of which the constructor takes the first.
    """

    def __init__(self, run_id: str, tracking_uri: str, *, first_step: int = 0) -> None:
        load_mlflow()
        logging.getLogger("mlflow.system_metrics").setLevel(logging.ERROR)
        from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

        self._monitor: Any = SystemMetricsMonitor(run_id, tracking_uri=tracking_uri)
        self._step = first_step
        self._monitor.collect_metrics()
        self._forget()

    @property
    def samples(self) -> int:
        """The number of samples so far, including those of earlier attempts."""
        return self._step

    def sample(self, time_ms: int) -> list[Point]:
        """Measure the machine since the last sample, and return the points."""
        self._monitor.collect_metrics()
        found: dict[str, float] = self._monitor.aggregate_metrics()
        self._forget()
        points = [Point(SYSTEM + name, float(value), time_ms, self._step) for name, value in found.items()]
        self._step += 1
        return points

    def _forget(self) -> None:
        for monitor in self._monitor.monitors:
            monitor.clear_metrics()
