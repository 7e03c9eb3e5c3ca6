"""The queue command: the queued runs, their order, and when each is expected to start."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.execution import Move, Outlook, look_ahead, move, queue_name, recent_durations
from trainer.tracking import RunQuery, RunReader, Status, Tag, pages

__all__ = ["queue"]


def _mover(where: str) -> Any:
    return typer.Option(f"--{where}", metavar="RUN", help=f"Move this queued run {_WHERE[where]}.")


_WHERE = {"first": "to the front", "up": "one place forward", "down": "one place back"}


def queue(
    first: Annotated[str | None, _mover("first")] = None,
    up: Annotated[str | None, _mover("up")] = None,
    down: Annotated[str | None, _mover("down")] = None,
    every: Annotated[bool, typer.Option("--all", help="Include the queues of other homes and hosts.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """List queued runs in the order they will start; --first, --up and --down change the order."""
    place = Place.of(home, tracking_uri)
    for where, word in ((Move.FIRST, first), (Move.UP, up), (Move.DOWN, down)):
        if word is not None:
            move(place.store(), place.run(word).run_id, where, home=place.home)
    reader = place.reader()
    own = queue_name(place.home)
    names = (own, *(name for name in _queues(reader) if name != own)) if every else (own,)
    durations = recent_durations(reader)
    found = [look_ahead(reader, name, home=place.home, durations=durations) for name in names]
    if as_json:
        print_json({"queues": [_document(each) for each in found]})
        return
    for each in found:
        _print(each, named=every)


def _queues(reader: RunReader) -> list[str]:
    waiting = pages(reader, RunQuery(statuses=(Status.SCHEDULED,), limit=200))
    return sorted({run.tags[Tag.QUEUE] for run in waiting if Tag.QUEUE in run.tags})


def _document(outlook: Outlook) -> dict[str, Any]:
    queued = [
        {
            "run_id": run.run_id,
            "name": run.name,
            "ahead": each.ahead,
            "starts_in": each.seconds,
            "guessed": each.guessed,
            "waits": each.waits or None,
        }
        for run in outlook.queued
        # A run that is being stopped is not expected to start.
        if (each := outlook.expected.get(run.run_id)) is not None
    ]
    running = [{"run_id": run.run_id, "name": run.name} for run in outlook.running]
    return {"queue": outlook.queue, "jobs": outlook.jobs, "running": running, "queued": queued}


def _print(outlook: Outlook, *, named: bool) -> None:
    if named:
        echo(f"{outlook.queue}:")
    table = Table("", "run", "name", "expected", box=None, header_style="dim")
    for run in outlook.running:
        table.add_row("", run.short_id, escape(run.title), run.status.word)
    for number, run in enumerate(outlook.queued, start=1):
        expected = outlook.expected.get(run.run_id)
        words = "stopping" if expected is None else expected.words()
        table.add_row(str(number), run.short_id, escape(run.title), words)
    if outlook.running or outlook.queued:
        console().print(table)
    else:
        echo("No runs are running or queued.")
    if outlook.queued and outlook.jobs is None:
        echo("No worker serves this queue; start one for this home with `fitboard up` or `fitboard worker`.")
