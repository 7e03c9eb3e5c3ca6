"""The sweep list command."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trainer.commands.json_output import status_word
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.commands.sweep.document import listed_sweep, summary_line
from trainer.format import clock, number
from trainer.sweeps import Summary
from trainer.sweeps.records import sweeps
from trainer.tracking import Tag

__all__ = ["list_sweeps"]


def list_sweeps(
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Number of sweeps to list.")] = 20,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """List sweeps, newest first."""
    found = sweeps(Place.of(home, tracking_uri).reader(), limit)
    if as_json:
        print_json({"sweeps": [listed_sweep(run) for run in found]})
        return
    if not found:
        echo("No sweeps yet; `fitboard sweep FILE` starts one.")
        return
    table = Table("sweep", "status", "name", "when", "trials", "best", box=None, header_style="dim")
    for run in found:
        summary = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
        best = ", ".join(map(number, summary.results))
        when = clock((run.start_time or 0) / 1000, to="minutes")
        status = run.tags.get(Tag.SWEEP_WISH) == "pause" and not run.status.ended
        word = "paused" if status else status_word(run)
        table.add_row(run.short_id, word, escape(run.title), when, summary_line(summary), best)
    console().print(table)
