"""Groups of runs, as the runs command lists them."""

from collections.abc import Sequence
from dataclasses import replace

from rich.markup import escape
from rich.table import Table

from trainer.commands.metric_values import AskedValues
from trainer.commands.options import console, echo, print_json
from trainer.comparison.groups import group_document, group_metric
from trainer.config import Directions, main_metrics
from trainer.errors import ConfigError
from trainer.format import counted, number, one_line
from trainer.tracking import (
    GroupBy,
    Grouping,
    GroupPage,
    MetricValue,
    Reading,
    RunGroup,
    RunQuery,
    RunReader,
    Sort,
    parse_field,
)

__all__ = ["list_groups"]

_RECENT = 50


def list_groups(
    reader: RunReader,
    query: RunQuery,
    group_by: Sequence[str],
    group_except: Sequence[str],
    *,
    asked: AskedValues,
    as_json: bool,
) -> None:
    """Print one line, or one JSON object, a group; the metrics are the main results of the newest runs, or those asked.

    Args:
        reader: the store.
        query: which runs to group, and the most groups to list.
        group_by: fields, or the word `config`.
        group_except: params that may differ within a group.
        asked: the values to summarize.
        as_json: whether to print JSON.

    Raises:
        ConfigError: no run has such a field, or both ways to group were given.
    """
    by = _group_by(reader, group_by, group_except)
    recent = reader.page(replace(query, sort=Sort(), limit=_RECENT)).runs
    main = tuple(asked.values) or tuple(main_metrics([run.metrics for run in recent]))
    sorted_by = [query.sort.name] if query.sort.kind == "metric" else []
    by = replace(by, metrics=tuple(dict.fromkeys([*main, *sorted_by])))
    page = reader.groups(query, by)
    fields = tuple(map(str, by.fields)) if by.mode is Grouping.FIELDS else ()
    if as_json:
        groups = [group_document(group, by.metrics, fields, query.directions) for group in page.groups]
        print_json({"groups": groups, "total": page.total, "runs": page.runs, "complete": page.complete})
    else:
        _print(reader, page, by, fields, query.directions)


def _group_by(reader: RunReader, group_by: Sequence[str], group_except: Sequence[str]) -> GroupBy:
    if group_by and group_except:
        raise ConfigError("--group-by and --group-except are mutually exclusive; give only one.")
    known = reader.columns()
    if group_except:
        fields = tuple(parse_field(text, known) for text in group_except)
        if others := [str(each) for each in fields if each.kind != "param"]:
            raise ConfigError(
                f"--group-except accepts only params, got {others[0]!r}; give a param, such as params.optimizer."
            )
        return GroupBy(mode=Grouping.EXCEPT, fields=fields)
    if Grouping.CONFIG in group_by:
        if len(group_by) > 1:
            raise ConfigError("--group-by config cannot be combined with other fields; give one or the other.")
        return GroupBy(mode=Grouping.CONFIG)
    return GroupBy(mode=Grouping.FIELDS, fields=tuple(dict.fromkeys(parse_field(text, known) for text in group_by)))


def _print(reader: RunReader, page: GroupPage, by: GroupBy, fields: Sequence[str], directions: Directions) -> None:
    titles = {run.run_id: run.title for run in reader.get([group.newest for group in page.groups])}
    heads = [escape(one_line(_head(metric))) for metric in by.metrics]
    table = Table(*(fields or ["group"]), "runs", *heads, box=None, header_style="dim")
    for group in page.groups:
        names = ["–" if value is None else one_line(value) for value in group.values] if fields else []
        names = names or [titles.get(group.newest, "")]
        table.add_row(
            *map(escape, names), f"{group.runs:,}", *(_cell(group, metric, directions) for metric in by.metrics)
        )
    console().print(table)
    if page.total > len(page.groups):
        echo(f"{len(page.groups)} of {counted(page.total, 'group')} shown; increase --limit to see more.")
    if not page.complete:
        echo(f"Only the newest {counted(page.runs, 'run')} were read, since an MLflow server cannot group runs.")
    echo(
        "Means with 95 % intervals over finished runs, each with the values of the weights it kept; reruns of the "
        "same config and seed count once."
    )


def _head(metric: str) -> str:
    """Return the name of a metric, or the words for one of its values."""
    value = MetricValue.parse(metric, bare=Reading.KEPT)
    return metric if value.metric == metric else value.label


def _cell(group: RunGroup, metric: str, directions: Directions) -> str:
    found = group_metric(group, metric, directions)
    return found.words if found.best is None else f"{found.words}, best {number(found.best)}"
