"""The sentences and cells of a report, unescaped."""

from collections.abc import Iterator
from typing import NamedTuple

from dashboard.components.differences import shortened
from dashboard.components.layer_differences import layer_rows
from dashboard.report.document import note_of
from dashboard.report.material import Material
from trainer.comparison import rank_titles, ranking_words
from trainer.config import Config, dump_config, ranked_metrics
from trainer.format import clock, count, counted, duration, number
from trainer.statistics import difference_words, summary_words
from trainer.tracking import Run

__all__ = [
    "Table",
    "configs",
    "differences",
    "layers",
    "method_words",
    "points_words",
    "ranks",
    "results",
    "run_notes",
    "runs",
    "verdicts",
]

_MOST_COLUMNS, _MOST_METRICS = 6, 12
_LAYERS = "layers."


class Table(NamedTuple):
    """A heading per column, and rows of cells; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def runs(shown: Material) -> Table:
    """Return the runs with their ids, statuses, starts and durations."""
    return Table(
        ("run", "id", "status", "started", "duration", "author"),
        tuple(
            (
                shown.labels[run.run_id],
                run.run_id,
                run.status.word + (", deleted" if run.deleted else ""),
                "–" if run.started_at is None else clock(run.started_at / 1000, to="minutes"),
                duration(run.seconds),
                run.author or "–",
            )
            for run in shown.runs
        ),
    )


def verdicts(shown: Material) -> Iterator[tuple[str, str]]:
    """Yield a sentence for each difference from the baseline, and the word by which it is coloured.

    Where nothing could be tested for one reason, one sentence says so of all.
    """
    baseline = shown.side_labels[shown.found.baseline]
    untested: dict[str, int] = {}
    for each in shown.found.comparisons.values():
        if each.finding is None:
            untested[each.words] = untested.get(each.words, 0) + 1
            continue
        outcome = each.words.partition(" ")[0]
        yield (
            f"{each.metric}: {shown.side_labels[each.side]} against {baseline}: {each.words}. "
            f"Difference {difference_words(each.finding)}; p {each.finding.p:.2g}, {each.finding.corrected:.2g} after "
            "Holm’s correction.",
            outcome if outcome in {"better", "worse"} else "",
        )
    for words, number_of in untested.items():
        yield f"{counted(number_of, 'difference')} not tested: {words}.", ""


def method_words(shown: Material) -> str:
    """Return how the differences were tested, and what nothing is claimed about."""
    if not shown.found.family:
        return "No difference can be tested." if shown.found.comparisons else "All runs have the same config."
    methods = sorted({str(each.finding.method) for each in shown.found.comparisons.values() if each.finding})
    return (
        f"{counted(shown.found.family, 'difference')} from the baseline, tested by {' and '.join(methods)}, "
        f"{shown.found.held}. Intervals are corrected for multiple comparisons (Holm, 95 % family-wise); “better” "
        "means that the interval excludes 0."
    )


def ranks(shown: Material) -> list[str]:
    """Return how configs that were run on several datasets rank, a text for each metric."""
    return [ranking_words(each, rank_titles(shown.sides, each)) for each in shown.found.rankings]


def results(shown: Material) -> tuple[Table | None, Table, int]:
    """Return the means of the sides (None if each has one run), each run's values, and the number of metrics left out.

    Values are those of the model that a run kept.
    """
    every = ranked_metrics(name for run in shown.runs for name in run.kept_metrics)
    names = list(dict.fromkeys([*shown.metrics, *every]))[:_MOST_METRICS]
    each_run = Table(
        ("run", *names),
        tuple(
            (shown.labels[run.run_id], *(number(run.kept_metrics.get(name)) for name in names)) for run in shown.runs
        ),
    )
    left_out = len({*every, *shown.metrics}) - len(names)
    if all(len(side.finished) < 2 for side in shown.sides):
        return None, each_run, left_out
    means = Table(
        ("config", *shown.metrics),
        tuple((label, *_means(shown, place)) for place, label in enumerate(shown.side_labels)),
    )
    return means, each_run, left_out


def _means(shown: Material, place: int) -> Iterator[str]:
    for metric in shown.metrics:
        summary = shown.found.summaries.get((place, metric))
        yield "–" if summary is None else summary_words(summary)


def points_words(shown: Material) -> str:
    """Return how many points were logged, and how many of them are drawn."""
    logged = sum(shown.points.values())
    drawn = sum(len(series.values) for some in shown.curves.values() for series in some.values())
    words = counted(logged, "point")
    return f"{words}." if drawn >= logged else f"{words}, {count(drawn)} of them drawn, including every peak and dip."


def differences(shown: Material) -> Table | None:
    """Return the fields that differ: a column per run for few runs, else a row per run; None if nothing differs."""
    has_layers = layers(shown) is not None
    # The document keeps every digit.
    found = [
        (field, shortened(values))
        for field, values in shown.differences
        if not (has_layers and field.startswith(_LAYERS))
    ]
    if not found:
        return None
    names = [shown.labels[run.run_id] for run in shown.runs]
    if len(names) <= _MOST_COLUMNS:
        return Table(("setting", *names), tuple((field, *values) for field, values in found))
    columns = [values for _, values in found]
    rows = tuple((name, *(values[place] for values in columns)) for place, name in enumerate(names))
    return Table(("run", *(field for field, _ in found)), rows)


def layers(shown: Material) -> Table | None:
    """Return the aligned layers of the sides, and how they differ from the first; None if that cannot be shown.

    That is if no layer differs, if a config is unknown, or if there are too many sides for a column each.
    """
    configs = [config for side in shown.sides if (config := shown.configs.get(side.first.run_id)) is not None]
    if not len(configs) == len(shown.sides) <= _MOST_COLUMNS:
        return None
    rows = layer_rows(configs)
    return Table(("layers", *shown.side_labels), tuple((str(row.change), *row.cells) for row in rows)) if rows else None


def run_notes(shown: Material) -> list[tuple[str, str]]:
    """Return label and description, in Markdown, of the runs that a person described."""
    return [(shown.labels[run.run_id], note) for run in shown.runs if (note := note_of(run))]


def configs(shown: Material) -> list[tuple[str, str]]:
    """Return each run's label, and its config as YAML or the params that it logged."""
    return [(shown.labels[run.run_id], _config_text(run, shown.configs[run.run_id])) for run in shown.runs]


def _config_text(run: Run, config: Config | None) -> str:
    if config is not None:
        return dump_config(config)
    return "\n".join(f"{name}: {value}" for name, value in sorted(run.params.items())) or "No params were logged."
