"""The compare command."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.comparison import (
    Basis,
    Between,
    Compared,
    Comparison,
    Side,
    bases_of,
    network_difference,
    predictions_of,
    sides_of,
)
from trainer.comparison import compare as compare_sides
from trainer.config import Config, Directions, main_metrics
from trainer.errors import ConfigError
from trainer.format import number
from trainer.reproduce import finished_in_group
from trainer.statistics import Difference, Disagreement, LossDifference, difference_words, interval_words, mean_words
from trainer.tracking import Run, RunReader, Tag
from trainer.tracking.predictions import Predictions
from trainer.tracking.read.config import config_text, parse_recorded
from trainer.tracking.read.find import find_run

__all__ = ["compare"]

_MOST_METRICS = 3


def compare(
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
    group: Annotated[
        bool,
        typer.Option(
            "--group", help="Include all finished repeats of each RUN: other seeds, or other seeds and splits."
        ),
    ] = False,
    higher: Annotated[list[str] | None, typer.Option(help="Metric for which higher values are better.")] = None,
    lower: Annotated[list[str] | None, typer.Option(help="Metric for which lower values are better.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Compare configs by their runs: means with 95 % intervals, and which differences are real.

    Repeats of a config (other seeds, or other seeds and splits) count as one. Intervals are corrected for multiple
    comparisons (Holm). Two configs with one run each are compared as networks, on the same test samples.
    """
    reader = Place.of(home, tracking_uri).reader()
    words = list(dict.fromkeys([*([baseline] if baseline else []), *run]))
    named = list({found.run_id: found for found in (find_run(reader, word) for word in words)}.values())
    runs = _with_groups(reader, named) if group else named
    bases = bases_of(runs, partial(_config, reader), reader.datasets([each.run_id for each in runs]))
    sides = _sides(reader, runs, bases)
    metrics = _metrics(sides, metric)
    directions = Directions.of(higher or (), lower or ())
    # The baseline was put first, and so its side is the first.
    between = _between(reader)
    found = compare_sides(sides, metrics, baseline=0, bases=bases, directions=directions, between=between)
    if as_json:
        print_json(_document(sides, metrics, found))
    else:
        _print(sides, metrics, found)


def _sides(reader: RunReader, runs: Sequence[Run], bases: Mapping[str, Basis]) -> list[Side]:
    sides = sides_of(runs, bases, partial(_config, reader))
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


def _config(reader: RunReader, run: Run) -> Config | None:
    text = config_text(reader.artifact, run)
    try:
        return None if text is None else parse_recorded(text)
    except ConfigError:
        return None


def _metrics(sides: Sequence[Side], asked: Sequence[str] | None) -> list[str]:
    runs = [run for side in sides for run in side.finished]
    logged = sorted({name for run in runs for name in run.kept_metrics})
    if not runs:
        raise ConfigError("None of the given runs has finished, so there are no results to compare.")
    if unknown := [name for name in asked or () if name not in logged]:
        raise ConfigError(f"None of the given runs has a metric {unknown[0]!r}; expected one of {', '.join(logged)}.")
    return list(dict.fromkeys(asked or main_metrics([run.kept_metrics for run in runs], _MOST_METRICS)))


def _document(sides: Sequence[Side], metrics: Sequence[str], found: Compared) -> dict[str, Any]:
    """Return the JSON document; `sides` are in the order of the arguments, the baseline first."""
    labels = _labels(sides)
    return {
        "baseline": sides[found.baseline].first.run_id,
        "metrics": list(metrics),
        "sides": [
            {
                "label": labels[place],
                "run_id": side.first.run_id,
                "group": side.first.tags.get(Tag.GROUP),
                "runs": [run.run_id for run in side.finished],
                "values": {metric: side.values(metric) for metric in metrics},
                "summary": {
                    metric: found.summaries[place, metric]._asdict()
                    for metric in metrics
                    if (place, metric) in found.summaries
                },
            }
            for place, side in enumerate(sides)
        ],
        "comparisons": [_compared(sides, each) for each in found.comparisons.values()],
        "family": found.family,
        "held": found.held,
    }


def _compared(sides: Sequence[Side], each: Comparison) -> dict[str, Any]:
    finding, better = each.finding, each.superiority
    return {
        "run_id": sides[each.side].first.run_id,
        "metric": each.metric,
        "difference": finding and finding.estimate,
        "low": finding and finding.low,
        "high": finding and finding.high,
        "p": finding and finding.p,
        "p_holm": finding and finding.corrected,
        "method": finding and str(finding.method),
        "about": finding and ("networks" if each.is_of_networks else "configs"),
        **_on_samples(each.difference if each.is_of_networks else None),
        "real": finding.is_real if finding else None,
        "superiority": better and better._asdict(),
        "doubt": each.doubt and each.doubt.words,
        "words": each.words,
    }


def _on_samples(difference: Difference | None) -> dict[str, int | None]:
    """Return on how many samples two networks were compared, and how many each alone classified correctly."""
    found = difference if isinstance(difference, Disagreement) else None
    return {
        "samples": difference.samples if isinstance(difference, Disagreement | LossDifference) else None,
        "only_this": found.only_first if found else None,
        "only_baseline": found.only_second if found else None,
    }


def _print(sides: Sequence[Side], metrics: Sequence[str], found: Compared) -> None:
    labels = _labels(sides)
    for metric in metrics:
        table = Table(metric, "n", "mean", "95 % interval", "difference", "verdict", box=None, header_style="dim")
        for place in range(len(sides)):
            summary, compared = found.summaries.get((place, metric)), found.comparisons.get((place, metric))
            finding = compared.finding if compared else None
            table.add_row(
                escape(labels[place]),
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
    if any(each.is_of_networks for each in found.comparisons.values()):
        echo(
            "Of one run each, the networks were compared on the same samples, which says nothing about the configs. "
            "To compare the configs, repeat each with several seeds: `fitboard rerun RUN --seeds 5`."
        )


def _labels(sides: Sequence[Side]) -> list[str]:
    """Return the names of the first runs, with the ids where two share one."""
    titles = Counter(side.first.title for side in sides)
    return [
        side.first.title if titles[side.first.title] == 1 else f"{side.first.title} ({side.first.short_id})"
        for side in sides
    ]
