"""The runs command."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.table import Table

from trainer.commands.answers import found_experiment
from trainer.commands.grouped_runs import list_groups
from trainer.commands.json_output import listed, results_of, status_word
from trainer.commands.metric_values import AskedValues, asked_values
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.config import Directions
from trainer.data.files import write_whole
from trainer.errors import ConfigError
from trainer.format import clock, counted, number, one_line
from trainer.tracking import Run, RunPage, RunQuery, RunReader, Status, parse_filter, unknown_keys
from trainer.tracking.filter import Filters
from trainer.tracking.run_table import csv_file, matching, parquet_file, table_of
from trainer.tracking.user import USER_TAG, this_user

__all__ = ["runs"]

_A_LIST = 50
_GroupByOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD",
        help="List groups of runs with the same value of a param, a tag or `experiment`; may be repeated. "
        "`config` groups runs that differ only in their seed.",
    ),
]
_GroupExceptOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PARAM", help="List groups of runs that differ only in this param; may be repeated."),
]
_FilterOption = Annotated[
    str | None,
    typer.Option("--filter", help='Filter in MLflow\'s syntax, such as "metrics.val_accuracy > 0.9".'),
]
_StatusOption = Annotated[list[Status] | None, typer.Option(help="Statuses to list.", case_sensitive=False)]
_LimitOption = Annotated[
    int | None,
    typer.Option(min=1, help="Maximum number of runs. [default: 50; with --csv or --parquet, all]"),
]
_HigherOption = Annotated[list[str] | None, typer.Option(help="Metric for which higher values are better.")]
_LowerOption = Annotated[list[str] | None, typer.Option(help="Metric for which lower values are better.")]
_ValueOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="VALUE",
        help="Value of a metric to list: `val_loss@best`, `accuracy@best:val_loss` (at the best epoch of another "
        "metric), `val_loss@step:10`, `val_loss@smoothed:0.9`, `val_loss@kept` or `val_loss@last`; may be repeated.",
    ),
]
_SortOption = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="Value of a metric to sort by, the best first: `val_loss@best`."),
]
_CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write the runs to this CSV file instead.")
]
_ParquetOption = Annotated[
    Path | None, typer.Option("--parquet", metavar="FILE", help="Write the runs to this Parquet file instead.")
]


def runs(
    text: Annotated[str, typer.Argument(help="Words to search for in names, params, tags and ids.")] = "",
    experiment: Annotated[str | None, typer.Option(help="Experiment to list.")] = None,
    filter_: _FilterOption = None,
    status: _StatusOption = None,
    mine: Annotated[bool, typer.Option("--mine", help="List only your own runs.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="List deleted runs instead.")] = False,
    limit: _LimitOption = None,
    csv: _CsvOption = None,
    parquet: _ParquetOption = None,
    value: _ValueOption = None,
    sort: _SortOption = None,
    higher: _HigherOption = None,
    lower: _LowerOption = None,
    group_by: _GroupByOption = None,
    group_except: _GroupExceptOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """List runs, newest first, or write them to a file with a column for every metric, param and tag."""
    reader = Place.of(home, tracking_uri).reader()
    filters = parse_filter(filter_ or "")
    ids = _experiment_ids(reader, experiment)
    query = RunQuery(text=text, experiment_ids=ids, statuses=tuple(status or ()), filters=filters, deleted=deleted)
    query = replace(query, tags=((USER_TAG, this_user()),) if mine else ())
    asked = asked_values(reader, [*(value or ()), *([sort] if sort else [])], Directions.of(higher or (), lower or ()))
    query = asked.sorted_by(query, sort)
    shown = asked.only(value or ())
    if group_by or group_except:
        if csv or parquet:
            raise ConfigError("Groups cannot be written to a file; leave out --csv and --parquet, or use --json.")
        groups = replace(query, limit=_A_LIST if limit is None else limit)
        list_groups(reader, groups, group_by or (), group_except or (), asked=shown, as_json=as_json)
        return
    if csv or parquet:
        if value:
            raise ConfigError("--value cannot be combined with --csv or --parquet; use --json, or leave out --value.")
        found = _write(matching(reader, query, limit), csv, parquet, as_json=as_json)
        _warn_of_keys(reader, filters, found)
        return
    page = reader.page(replace(query, limit=_A_LIST if limit is None else limit))
    _warn_of_keys(reader, filters, page.total)
    _list(page, shown, shown.read(reader, page.runs), as_json=as_json)


def _list(page: RunPage, asked: AskedValues, values: Mapping[str, Mapping[str, float]], *, as_json: bool) -> None:
    if as_json:
        documents = [listed(run) | ({"values": values[run.run_id]} if asked.values else {}) for run in page.runs]
        print_json({"runs": documents, "total": page.total})
    else:
        _print_runs(page.runs, page.total, asked, values)


def _experiment_ids(reader: RunReader, experiment: str | None) -> tuple[str, ...]:
    if experiment is None:
        return ()
    return (found_experiment(reader, experiment).experiment_id,)


def _warn_of_keys(reader: RunReader, filters: Filters, found: int) -> None:
    """Say which keys of the filter no run has, if it found nothing."""
    if filters and not found:
        for sentence in unknown_keys(filters, reader.columns()):
            echo(sentence)


def _write(runs: Iterable[Run], csv: Path | None, parquet: Path | None, *, as_json: bool) -> int:
    """Write the runs to one file or both, and return their number."""
    table = table_of(runs)
    files = [(csv, csv_file), (parquet, parquet_file)]
    written = [str(write_whole(path, partial(_put, make(table)), private=False)) for path, make in files if path]
    if as_json:
        print_json({"files": written, "runs": table.length})
    echo(f"Wrote {counted(table.length, 'run')} to {' and '.join(written)}.")
    return table.length


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)


def _print_runs(
    found: tuple[Run, ...], total: int, asked: AskedValues, values: Mapping[str, Mapping[str, float]]
) -> None:
    heads = [_plain(one_line(value.label)) for value in asked.values.values()]
    is_shared = len({run.author for run in found}) > 1
    authors = ["user"] if is_shared else []
    table = Table("run", "status", "name", *authors, "when", *heads, "results", box=None, header_style="dim")
    for run in found:
        when = clock((run.start_time or 0) / 1000, to="minutes")
        results = "  ".join(f"{one_line(name)} {number(value)}" for name, value in results_of(run))
        numbers = [number(values[run.run_id].get(name)) for name in asked.values]
        whose = [_plain(one_line(run.author or ""))] if is_shared else []
        table.add_row(run.short_id, status_word(run), _plain(run.title), *whose, when, *numbers, _plain(results))
    console().print(table)
    if total > len(found):
        echo(f"{len(found)} of {total:,} runs shown; increase --limit to see more.")


def _plain(text: str) -> str:
    """Escape the text, so that Rich does not read it as markup."""
    from rich.markup import escape

    return escape(text)
