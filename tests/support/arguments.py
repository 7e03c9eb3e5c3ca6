"""The command lines of all processes that a test starts, which every user of the machine can read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

__all__ = ["watched_arguments"]


@contextmanager
def watched_arguments() -> Iterator[set[str]]:
    """The command lines of all processes below this one while the block runs."""
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            for process in psutil.Process().children(recursive=True):
                try:
                    seen.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        done.set()
        watching.join()
