"""Check a config and then train it as a foreground run, in one process.

`python -m trainer.execution.process.checked_job DESCRIPTOR` reads a `Question` from the first line of its standard
input and writes the answer to the descriptor: a JSON line with why the config is refused, or null. A second line is
the job. Keras is loaded once for both.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.execution.process.job import Job
from trainer.execution.process.run_job import run_job
from trainer.home import Home

__all__ = ["Question", "main"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A config to check as canonical JSON, the home of its data, and the threads that it will use."""

    config: str
    home: Path
    threads: Mapping[str, Any] | None = None

    def dumps(self) -> str:
        """Return the question as one line of JSON."""
        return json.dumps({**vars(self), "home": str(self.home)})

    @classmethod
    def loads(cls, text: str) -> "Question":
        """Read what `dumps` wrote."""
        fields = json.loads(text)
        return cls(**{**fields, "home": Path(fields["home"])})


def main(answers: int) -> int:
    """Answer the question on the descriptor `answers`, then do the job; return 0 if none arrives."""
    # The command handles Ctrl-C and asks this process to stop, so that it can still evaluate and save.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked = sys.stdin.readline()
    if not asked:
        return 0
    refusal = _refusal(Question.loads(asked))
    with open(answers, "w") as pipe:
        pipe.write(json.dumps(refusal) + "\n")
    line = sys.stdin.readline()
    return run_job(Job.loads(line, tracking_uri=os.environ["MLFLOW_TRACKING_URI"])) if line else 0


def _refusal(asked: Question) -> str | None:
    from trainer.engine.inspect import inspect
    from trainer.engine.report import Threads
    from trainer.engine.setup import prepare
    from trainer.machine import total_memory
    from trainer.tracking.read.config import parse_recorded

    config = parse_recorded(asked.config)
    # Before the check, which may run an operation, after which TensorFlow's threads cannot be changed.
    prepare(config, None if asked.threads is None else Threads(**asked.threads))
    return inspect(config, home=Home(asked.home), memory_limit=total_memory()).refusal


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
