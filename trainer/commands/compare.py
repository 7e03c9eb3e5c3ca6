"""The compare command."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.comparison import (
    Basis,
    Between,
    Compared,
    ReportRequest,
    ReportWriter,
    Side,
    bases_of,
    comparison_document,
    network_difference,
    predictions_of,
    rank_titles,
    ranking_words,
    side_titles,
    sides_of,
)
from trainer.comparison import compare as compare_sides
from trainer.config import Directions, main_metrics
from trainer.data.files import write_whole
from trainer.errors import ConfigError
from trainer.format import number
from trainer.reproduce import finished_in_group
from trainer.statistics import difference_words, interval_words, mean_words
from trainer.sweeps.records import refuse_sweep
from trainer.tracking import Run, RunReader, Tag
from trainer.tracking.predictions import Predictions
from trainer.tracking.read.config import known_config
from trainer.tracking.read.find import find_run

__all__ = ["compare"]

_MOST_METRICS = 3

_GroupOption = Annotated[
    bool,
    typer.Option(
        "--group", help="Include all finished repeats of each RUN: other seeds, or also other splits or folds."
    ),
]
_HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the comparison as one HTML file that opens offline."),
]


def compare(
    context: typer.Context,
    run: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Run ids, unique prefixes of at least four characters, or `latest`."),
    ],
    baseline: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Run to compare the others with. [default: the first]"),
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="Metric to compare; may be repeated. [default: the main results]")
    ] = None,
    group: _GroupOption = False,
    higher: Annotated[list[str] | None, typer.Option(help="Metric for which higher values are better.")] = None,
    lower: Annotated[list[str] | None, typer.Option(help="Metric for which lower values are better.")] = None,
    html: _HtmlOption = None,
    notes: Annotated[str, typer.Option(help="Notes in Markdown for the HTML file.")] = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Compare configs by their runs: means with 95 % intervals, and which differences are significant.

    Repeats of a config (other seeds, splits or folds) count as one. Intervals are corrected for multiple comparisons
    (Holm). Two configs with one run each are compared as networks. Configs on several datasets are ranked.
    """
    writer = _writer(context, html, notes)
    reader = Place.of(home, tracking_uri).reader()
    words = list(dict.fromkeys([*([baseline] if baseline else []), *run]))
    named = list({found.run_id: found for found in (find_run(reader, word) for word in words)}.values())
    runs = _with_groups(reader, named) if group else named
    bases = bases_of(runs, partial(known_config, reader.artifact), reader.datasets([each.run_id for each in runs]))
    sides = _sides(reader, runs, bases)
    metrics = _metrics(sides, metric)
    directions = Directions.of(higher or (), lower or ())
    # The baseline was put first, and so its side is the first.
    between = _between(reader)
    found = compare_sides(sides, metrics, baseline=0, bases=bases, directions=directions, between=between)
    if html is not None and writer is not None:
        _write(html, writer(ReportRequest(reader, runs, metrics, directions, notes, between)))
    if as_json:
        print_json(comparison_document(sides, metrics, found) | ({"path": str(html.absolute())} if html else {}))
    else:
        _print(sides, metrics, found)


def _writer(context: typer.Context, html: Path | None, notes: str) -> ReportWriter | None:
    """Return what writes reports; only the `fitboard` command has it, since charts belong to the dashboard."""
    if html is None:
        if notes:
            raise ConfigError("--notes requires --html FILE, the file that the notes are written to.")
        return None
    writer: ReportWriter | None = context.obj
    if writer is None:
        raise ConfigError(
            "--html requires the dashboard's charts; use `fitboard compare` instead of `python -m trainer`."
        )
    return writer


def _write(html: Path, text: str) -> None:
    write_whole(html, lambda stream: stream.write(text.encode()), private=False)
    echo(f"Wrote {html}")


def _sides(reader: RunReader, runs: Sequence[Run], bases: Mapping[str, Basis]) -> list[Side]:
    for run in runs:
        refuse_sweep(run)
    sides = sides_of(runs, bases, partial(known_config, reader.artifact))
    if len(runs) < 2:
        raise ConfigError(f"Expected two or more runs, got {len(runs)}; `fitboard runs` lists all runs.")
    if len(sides) < 2:
        raise ConfigError(
            f"The {len(runs)} given runs all have the same config; give runs of two or more configs, "
            "or use `fitboard verify` to compare two runs of the same config."
        )
    return sides


def _between(reader: RunReader) -> Between:
    """Return what compares two networks; each run's predictions are read once."""
    known: dict[str, Predictions | None] = {}

    def read(run: Run) -> tuple[Run, Predictions | None]:
        if run.run_id not in known:
            known[run.run_id] = predictions_of(reader, run)
        return run, known[run.run_id]

    return lambda metric, first, second: network_difference(metric, read(first), read(second))


def _with_groups(reader: RunReader, named: Sequence[Run]) -> list[Run]:
    found = {run.run_id: run for run in named}
    for run in named:
        if Tag.GROUP in run.tags:
            found |= {each.run_id: each for each in finished_in_group(reader, run.tags[Tag.GROUP])}
    return list(found.values())


def _metrics(sides: Sequence[Side], asked: Sequence[str] | None) -> list[str]:
    runs = [run for side in sides for run in side.finished]
    logged = sorted({name for run in runs for name in run.kept_metrics})
    if not runs:
        raise ConfigError("None of the given runs has finished, so there are no results to compare.")
    if unknown := [name for name in asked or () if name not in logged]:
        raise ConfigError(f"None of the given runs has a metric {unknown[0]!r}; expected one of {', '.join(logged)}.")
    return list(dict.fromkeys(asked or main_metrics([run.kept_metrics for run in runs], _MOST_METRICS)))


def _print(sides: Sequence[Side], metrics: Sequence[str], found: Compared) -> None:
    labels = side_titles(sides)
    datasets = list(dict.fromkeys(side.dataset for side in sides))
    several = len(datasets) > 1
    heads = (*(["data"] if several else []), "n", "mean", "95 % interval", "difference", "verdict")
    for metric in metrics:
        table = Table(metric, *heads, box=None, header_style="dim")
        for place in sorted(range(len(sides)), key=lambda place: datasets.index(sides[place].dataset)):
            summary, compared = found.summaries.get((place, metric)), found.comparisons.get((place, metric))
            finding = compared.finding if compared else None
            table.add_row(
                escape(labels[place]),
                *([escape(sides[place].dataset)] if several else []),
                str(summary.n if summary else 0),
                mean_words(summary) if summary else "",
                interval_words(summary) if summary else "",
                difference_words(finding) if finding else "",
                escape(compared.words) if compared else "baseline",
            )
        console().print(table)
    echo(
        f"Differences with 95 % intervals, {number(found.family)} in all, corrected by Holm's method; {found.held}."
        if found.family
        else "No difference can be tested; the verdicts above give the reasons."
    )
    for each in found.rankings:
        console().print(ranking_words(each, rank_titles(sides, each)), markup=False, highlight=False, soft_wrap=True)
    if any(each.is_of_networks for each in found.comparisons.values()):
        echo(
            "Configs with one run each were compared as networks, on the same test samples, which says nothing about "
            "the configs themselves. "
            "To compare the configs, repeat each with several seeds: `fitboard rerun RUN --seeds 5`."
        )
