"""Start the training processes of foreground runs: a new Python for each, not affected by the terminal's Ctrl-C."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from trainer.errors import ConfigError, TrainingError
from trainer.execution.executors.local import Process
from trainer.execution.process.checked_job import Question
from trainer.execution.process.job import Job
from trainer.home import Home

__all__ = ["CheckedProgram", "Program", "program", "temporary_worker"]

_LAST_WORDS = 500
_ENDING_SECONDS = 20.0


class Program:
    """A process that runs a command. `descriptors` stay open in it; `output` receives what it prints."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        stdin: int = subprocess.DEVNULL,
        output: IO[bytes] | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        self._popen = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            pass_fds=descriptors,
            # Ctrl-C signals the terminal's whole foreground process group, but the command decides when its child ends.
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )

    @property
    def pid(self) -> int:
        """Its id."""
        return self._popen.pid

    @property
    def exitcode(self) -> int | None:
        """Its exit status, negative for a signal; None while it lives."""
        return self._popen.poll()

    def is_alive(self) -> bool:
        """Return whether it lives."""
        return self._popen.poll() is None

    def tell(self, line: str) -> None:
        """Write a line to its standard input; do nothing if it has exited."""
        with contextlib.suppress(BrokenPipeError):
            if self._popen.stdin is not None:
                self._popen.stdin.write(line.encode() + b"\n")
                self._popen.stdin.flush()

    def hang_up(self) -> None:
        """Close its standard input."""
        with contextlib.suppress(BrokenPipeError):
            if self._popen.stdin is not None:
                self._popen.stdin.close()

    def terminate(self, seconds: float) -> None:
        """Ask it to end, and kill it if it has not after some seconds."""
        self._popen.terminate()
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill it and wait for its end."""
        self._popen.kill()
        self._popen.wait()


@contextlib.contextmanager
def temporary_worker(home: Home, tracking_uri: str, *, jobs: int) -> Iterator[Program]:
    """Run a worker of a home until the context ends; it also ends with the thread that entered the context.

    It trains every run of the home's queue meanwhile, and returns those that are running at the end to the queue.
    """
    home.logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "trainer.execution.worker", "--home", str(home.path), "--jobs", str(jobs)]
    with (home.logs / "worker.log").open("ab") as output:
        worker = Program([*command, "--end-with-parent"], {"MLFLOW_TRACKING_URI": tracking_uri}, output=output)
    try:
        yield worker
    finally:
        worker.terminate(_ENDING_SECONDS)


def program(job: Job) -> Process:
    """Return a fresh Python for one run, which has to import TensorFlow first.

    The store's address may hold a password, which a command line would show to every user of the machine.
    """
    command = [sys.executable, "-m", "trainer.execution.process.run_job", job.dumps()]
    return Program(command, {"MLFLOW_TRACKING_URI": job.tracking_uri})


class CheckedProgram:
    """A process that first checks a config, before a run of it exists, and then trains the run.

    Use it as a context manager: on exit, a process without a job is killed. Its output before the job, which has no
    log yet, is kept for the error message if it dies.
    """

    def __init__(self, config: str, *, home: Path, tracking_uri: str, threads: Mapping[str, int] | None = None) -> None:
        """`config` is canonical JSON; `threads` (`intra`, `inter`) are those that the run will use."""
        reading, writing = os.pipe()
        self._files = contextlib.ExitStack()
        self._answers = self._files.enter_context(open(reading))  # noqa: SIM115 - closed with the others
        self._output = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the others
        self._is_free = True
        try:
            self._process = Program(
                [sys.executable, "-m", "trainer.execution.process.checked_job", str(writing)],
                {"MLFLOW_TRACKING_URI": tracking_uri},
                stdin=subprocess.PIPE,
                output=self._output,
                descriptors=(writing,),
            )
        finally:
            # Only the child may hold the writing end: reading then ends when the child dies.
            os.close(writing)
        self._process.tell(Question(config=config, home=home, threads=threads).dumps())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.hang_up()
        if self._is_free:
            self._process.kill()
        self._files.close()

    def refuse_impossible(self) -> None:
        """Wait for the check.

        Raises:
            ConfigError: the config is refused.
            TrainingError: the process died during the check.
        """
        answer = self._answers.readline()
        if not answer:
            raise TrainingError(
                f"The process that checks configs ended unexpectedly; its last output was: {self._last_words()}"
            )
        refusal = json.loads(answer)
        if refusal is not None:
            raise ConfigError(refusal)

    def is_alive(self) -> bool:
        """Return whether the process lives."""
        return self._process.is_alive()

    def start(self, job: Job) -> Process:
        """Pass the job to the process; start a new process for any further job."""
        if not self._is_free:
            return program(job)
        self._is_free = False
        self._process.tell(job.dumps())
        self._process.hang_up()
        return self._process

    def _last_words(self) -> str:
        self._output.seek(0)
        words = self._output.read().decode(errors="replace").split()
        return " ".join(words)[-_LAST_WORDS:] or "nothing"
