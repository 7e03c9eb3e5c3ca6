"""The inspector: a program that checks configs against their data, one JSON object per line over a Unix socket.

A line `{"config": {…plain fields…}}` is answered by a line with a `CheckReport`; with `"augment": {"sample": 0,
"count": 6}` beside the config, by one with an `AugmentedSample`. Keras is loaded once, after the
lock on this home is held and before the socket is there: no socket means "not yet".
"""

import argparse
import asyncio
import contextlib
import fcntl
import gc
import json
import os
import signal
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from trainer.config import Config
from trainer.config import validation_messages as validation_messages
from trainer.config.check import AugmentedSample, CheckReport, Problem, Severity
from trainer.home import Home
from trainer.machine import total_memory

__all__ = ["Answers", "answer", "main", "serve"]

_LONGEST_LINE = 2_000_000
_PARENT_EVERY_SECONDS = 0.5


class Answers(NamedTuple):
    """What answers the questions: a check of a config, and one of its samples, augmented."""

    inspect: Callable[[Config], CheckReport]
    augment: Callable[[Config, int, int], AugmentedSample]


def serve(home: Home, *, parent: int | None = None, lock: int | None = None, wait: bool = True) -> None:
    """Answer until SIGTERM or SIGINT, or until the parent process, by default the one that started this, has ended.

    One inspector a home: another one waits for its turn, or returns at once where `wait` is false. `lock` is a
    file descriptor on which the lock is held already.
    """
    home.make()
    asyncio.run(_live(home, parent or os.getppid(), lock, wait=wait))


async def _live(home: Home, parent: int, lock: int | None, *, wait: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, ended.set)
    watching = asyncio.create_task(_watch_parent(parent, ended))
    held = lock if lock is not None else await _take_lock(home.inspector_lock, ended, wait=wait)
    if held is not None:
        await _listen(home, ended)
    watching.cancel()


async def _watch_parent(parent: int, ended: asyncio.Event) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_EVERY_SECONDS)
    ended.set()


async def _take_lock(path: Path, ended: asyncio.Event, *, wait: bool) -> int | None:
    """Return the descriptor on which the lock is held, or None where another inspector lives and is not outlived."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while not ended.is_set():
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        if not wait:
            break
        await asyncio.sleep(_PARENT_EVERY_SECONDS)
    os.close(file)
    return None


async def _listen(home: Home, ended: asyncio.Event) -> None:
    path = home.inspector_socket
    path.unlink(missing_ok=True)
    answers = _load(home)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while line := await _read(reader):
                writer.write(answer(line, answers).encode() + b"\n")
                await writer.drain()
        writer.close()

    # With the chmod below alone, other users could connect in between.
    before = os.umask(0o177)
    server = await asyncio.start_unix_server(converse, path, limit=_LONGEST_LINE)
    os.umask(before)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    await ended.wait()
    server.close()
    path.unlink(missing_ok=True)


async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return the next line; empty at the end. A line beyond the limit is dropped and read as one that is no JSON."""
    too_long = False
    while True:
        try:
            line = await reader.readuntil(b"\n")
            return b"?" if too_long else line
        except asyncio.IncompleteReadError as error:
            return error.partial
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
            too_long = True


def _load(home: Home) -> Answers:
    """Load Keras, and exclude its objects from later garbage collections."""
    from trainer.engine.augment_preview import augment_sample
    from trainer.engine.inspect import inspect

    gc.collect()
    gc.freeze()
    limit = total_memory()
    return Answers(
        inspect=lambda config: inspect(config, home=home, memory_limit=limit),
        augment=lambda config, sample, count: augment_sample(config, home=home, sample=sample, count=count),
    )


def answer(line: bytes, answers: Answers) -> str:
    """Return the answer to one line, as JSON on one line. Whatever came and whatever happens, there is one."""
    try:
        asked = json.loads(line)
        if not isinstance(asked, Mapping) or not isinstance(asked.get("config"), Mapping):
            return _refusal("", 'Expected a line such as {"config": {…}}.').model_dump_json()
        return _answered(asked, answers).model_dump_json()
    except (ValueError, RecursionError) as error:
        return _refusal("", f"The line is not valid JSON ({error}).").model_dump_json()
    except Exception as error:  # the outermost edge of this process: one question must not end it
        return _refusal("", f"Internal error in the check ({type(error).__name__}: {error}).").model_dump_json()


def _answered(asked: Mapping[str, Any], answers: Answers) -> BaseModel:
    try:
        config = Config.model_validate(dict(asked["config"]))
        chosen = asked.get("augment")
        if isinstance(chosen, Mapping):
            return answers.augment(config, int(chosen.get("sample", 0)), int(chosen.get("count", 1)))
        return answers.inspect(config)
    except ValidationError as error:
        return _refused(validation_messages(error))


def _refused(found: Sequence[tuple[str, str]]) -> CheckReport:
    problems = tuple(Problem(severity=Severity.ERROR, where=where, message=what) for where, what in found)
    return CheckReport(ok=False, input_shape=(), problems=problems)


def _refusal(where: str, message: str) -> CheckReport:
    return _refused([(where, message)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the inspector from a command line; return at once if one of this home is already running."""
    parser = argparse.ArgumentParser(prog="python -m trainer.engine.inspector")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--parent", type=int, help="exit with this process, which started the inspector")
    parser.add_argument("--lock", type=int, help="descriptor that already holds the home's lock")
    given = parser.parse_args(arguments)
    serve(Home.resolve(given.home), parent=given.parent, lock=given.lock, wait=False)


if __name__ == "__main__":
    main()
