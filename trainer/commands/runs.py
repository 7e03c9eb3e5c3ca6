"""The runs command."""

from typing import Annotated

import typer
from rich.table import Table

from trainer.commands.json_output import listed, results_of, status_word
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.errors import ConfigError
from trainer.format import clock, number, one_line
from trainer.tracking import Run, RunQuery, Status, parse_filter, unknown_keys

__all__ = ["runs"]


def runs(
    text: Annotated[
        str,
        typer.Argument(help="Words to search for in names, params, tags and ids."),
    ] = "",
    experiment: Annotated[str | None, typer.Option(help="Experiment to list.")] = None,
    filter_: Annotated[
        str | None,
        typer.Option("--filter", help='Filter in MLflow\'s syntax, such as "metrics.val_accuracy > 0.9".'),
    ] = None,
    status: Annotated[list[Status] | None, typer.Option(help="Statuses to list.", case_sensitive=False)] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of runs.")] = 50,
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
            raise ConfigError(
                f"Experiment {experiment!r} not found; expected one of {', '.join(known)}."
                if known
                else f"Experiment {experiment!r} not found; the store has no experiments yet. Train a run first, "
                "or give another store with --tracking-uri."
            )
        ids = (known[experiment],)
    filters = parse_filter(filter_ or "")
    query = RunQuery(text=text, experiment_ids=ids, statuses=tuple(status or ()), filters=filters, limit=limit)
    page = reader.page(query)
    if filters and not page.total:
        for sentence in unknown_keys(filters, reader.columns()):
            echo(sentence)
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
        echo(f"{len(found)} of {total:,} runs shown; increase --limit to see more.")


def _plain(text: str) -> str:
    """Escape the text, so that Rich does not read it as markup."""
    from rich.markup import escape

    return escape(text)
