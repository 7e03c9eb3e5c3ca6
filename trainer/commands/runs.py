"""runs: lists the runs of a store."""

from typing import Annotated

import typer
from rich.table import Table

from trainer.commands.json_output import listed, results_of, status_word
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.errors import ConfigError
from trainer.format import clock, number, one_line
from trainer.tracking import Run, RunQuery, Status

__all__ = ["runs"]


def runs(
    text: Annotated[
        str,
        typer.Argument(help="Words that a run's name, params, tags or id hold."),
    ] = "",
    experiment: Annotated[str | None, typer.Option(help="Only this experiment.")] = None,
    status: Annotated[list[Status] | None, typer.Option(help="Only these statuses.", case_sensitive=False)] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")] = 50,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """List runs, newest first."""
    reader = Place.of(home, tracking_uri).reader()
    ids: tuple[str, ...] = ()
    if experiment is not None:
        known = {each.name: each.experiment_id for each in reader.experiments()}
        if experiment not in known:
            raise ConfigError(f"There is no experiment {experiment!r}; there are: {', '.join(known) or 'none yet'}.")
        ids = (known[experiment],)
    page = reader.page(RunQuery(text=text, experiment_ids=ids, statuses=tuple(status or ()), limit=limit))
    if as_json:
        print_json({"runs": [listed(run) for run in page.runs], "total": page.total})
    else:
        _print_runs(page.runs, page.total)


def _print_runs(found: tuple[Run, ...], total: int) -> None:
    table = Table("run", "status", "name", "when", "results", box=None, header_style="dim")
    for run in found:
        when = clock((run.start_time or 0) / 1000, to="minutes")
        results = "  ".join(f"{one_line(name)} {number(value)}" for name, value in results_of(run))
        table.add_row(run.short_id, status_word(run), _plain(run.title), when, _plain(results))
    console().print(table)
    if total > len(found):
        echo(f"{len(found)} of {total:,} runs; --limit shows more.")


def _plain(text: str) -> str:
    """The text as it is, not as Rich's markup."""
    from rich.markup import escape

    return escape(text)
