"""runs, show, stop: what looks at runs or ends them."""

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from trainer.commands.common import HomeOption, JsonOption, Place, RunArgument, UriOption, answer, console, tell
from trainer.commands.documents import brief, listed, shown, status_word
from trainer.errors import ConfigError
from trainer.execution import request_stop
from trainer.tracking import Run, RunQuery, Status

__all__ = ["runs", "show", "stop"]

_SHOWN = (
    "run_id",
    "name",
    "status",
    "experiment",
    "parameters",
    "seconds",
    "weights_sha256",
    "rerun_of",
    "failure",
)


def runs(
    text: Annotated[str, typer.Argument(help="Only runs whose name, id, params or data set hold this.")] = "",
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
        answer({"runs": [listed(run) for run in page.runs], "total": page.total})
    else:
        _print_runs(page.runs, page.total)


def _print_runs(found: tuple[Run, ...], total: int) -> None:
    table = Table("run", "status", "name", "when", "results", box=None, header_style="dim")
    for run in found:
        when = datetime.fromtimestamp((run.start_time or 0) / 1000).strftime("%Y-%m-%d %H:%M")
        results = "  ".join(f"{key} {run.metrics[key]:.4f}" for key in sorted(run.metrics) if key.startswith("test_"))
        table.add_row(run.run_id[:8], status_word(run), _plain(run.name), when, results)
    console().print(table)
    if total > len(found):
        tell(f"{len(found)} of {total:,} runs; --limit shows more.")


def _plain(text: str) -> str:
    """The text as it is, not as Rich's markup."""
    from rich.markup import escape

    return escape(text)


def show(
    run: RunArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """All of one run: status, results, history."""
    place = Place.of(home, tracking_uri)
    found = place.run(run)
    document = shown(place.reader(), found)
    if as_json:
        answer(document)
        return
    out = console()
    document["status"] = status_word(found)
    for key in _SHOWN:
        if document[key] is not None:
            out.print(f"{key:15} {document[key]}", markup=False)
    for name, value in sorted(document["metrics"].items()):
        out.print(f"{name:15} {value:.6g}", markup=False)


def stop(
    run: RunArgument,
    kill: Annotated[bool, typer.Option("--kill", help="End its process at once; nothing is evaluated.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Ask a run to finish its step, evaluate, save and end; `resume` goes on with it."""
    place = Place.of(home, tracking_uri)
    found = place.run(run)
    if found.status.ended:
        raise ConfigError(f"The run {found.run_id} has ended already ({found.status}); there is nothing to stop.")
    request_stop(place.store(), found, home=place.home, kill=kill)
    if as_json:
        answer(brief(place.reader(), found.run_id))
    tell(f"{'Killed' if kill else 'Asked'} {found.run_id}{'' if kill else ' to stop'}.")
