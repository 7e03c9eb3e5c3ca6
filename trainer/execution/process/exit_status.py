"""Explain in one sentence how a training process ended."""

import signal
from pathlib import Path

from trainer.execution.logs import tail

__all__ = ["PUT_BACK", "STORE_AWAY", "reason_of"]

STORE_AWAY = 75
"""Exit status if the store did not respond when the run ended; `EX_TEMPFAIL` of sysexits.h."""

PUT_BACK = 76
"""Exit status of a training process that exited with a checkpoint, as requested."""

_SIGNALS = {
    signal.SIGKILL: "was killed from outside (SIGKILL), usually because the machine ran out of memory",
    signal.SIGSEGV: "crashed in native code (SIGSEGV)",
    signal.SIGABRT: "was aborted in native code (SIGABRT)",
    signal.SIGBUS: "was ended by a memory error (SIGBUS), for example because the disk or /dev/shm is full",
    signal.SIGTERM: "was terminated from outside (SIGTERM)",
    signal.SIGXFSZ: "was ended by the limit on file sizes (SIGXFSZ)",
}


def reason_of(exit_code: int | None, log: Path, *, known: str = "") -> str:
    """Return what ended the process (a signal, an exit code, or unknown) and the end of its log.

    `known` is the first of these in a sentence, where somebody knows more than the exit code says.
    """
    what, said = known or _what_ended_it(exit_code), tail(log)
    return f"{what} Its log ends: {said}" if said else what


def _what_ended_it(exit_code: int | None) -> str:
    if exit_code is None:
        return "The training process no longer exists; how it ended is unknown."
    if exit_code < 0:
        name = signal.Signals(-exit_code) if -exit_code in set(signal.Signals) else None
        other = f"was ended by signal {-exit_code}"
        return f"The training process {_SIGNALS.get(name, other) if name else other}."
    if exit_code == STORE_AWAY:
        return "The training process ended while the store did not respond."
    if exit_code == PUT_BACK:
        return "The training process exited with a checkpoint, as requested."
    return f"The training process ended with exit code {exit_code} before the run was complete."
