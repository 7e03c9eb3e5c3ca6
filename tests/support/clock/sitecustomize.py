"""A clock that tests can move. Python imports this module at start if a test puts its folder into PYTHONPATH.

The file that FITBOARD_TEST_CLOCK names holds the number of seconds by which the clock is ahead.
"""

import os
import time


def _install(file: str) -> None:
    true_ns = time.time_ns

    def moved_ns() -> int:
        try:
            # Read at every call, so that a test can move the clock of a running process.
            with open(file) as content:
                return true_ns() + int(content.read() or 0) * 10**9
        except OSError:
            return true_ns()

    time.time_ns = moved_ns
    time.time = lambda: moved_ns() / 1e9


if "FITBOARD_TEST_CLOCK" in os.environ:
    _install(os.environ["FITBOARD_TEST_CLOCK"])
