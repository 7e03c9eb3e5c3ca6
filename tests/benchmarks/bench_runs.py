"""Runs among many: reads against `mlflow.search_runs`, and the page against MLflow's UI in Chromium, in turn.

python -m tests.benchmarks.bench_runs [ROUNDS] [SMALLER] [LARGER]

Every question is asked by a reader that has answered nothing yet, so that no answer is kept from an earlier one; after
these come questions that follow on another, of whose answer a part serves again while the store does not change.
MLflow has no search by words and no groups: for these all runs are read and the work is done in pandas, in the smaller
store only, since reading 100,000 runs takes MLflow minutes and gigabytes.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.browsing import opened_bench
from tests.benchmarks.other_tools import mlflow_ui
from tests.support.bulk_store import EXPERIMENTS, fill_store
from tests.support.server import MlflowServer
from trainer.home import Home
from trainer.tracking import Field, GroupBy, Grouping, RunQuery, RunReader, Sort, parse_filter
from trainer.tracking.read.open_reader import open_reader

ROUNDS, SMALLER, LARGER = 5, 10_000, 100_000
_EXPRESSION = "metrics.val_accuracy > 0.95 and params.optimizer = 'Adam'"
_FIELDS = (Field("param", "optimizer"), Field("param", "batch_size"))
_BY = GroupBy(mode=Grouping.FIELDS, fields=_FIELDS, metrics=("val_loss", "val_accuracy"))
_METRIC = Sort(kind="metric", name="val_loss", descending=False)
_TARGETS = {SMALLER: 200, LARGER: 400}
# Not idle: what is drawn below and above the rows may follow.
_READY = {"runs": "document.querySelectorAll('table tbody tr').length > 20"}


class Question(NamedTuple):
    """A question to a reader, and the same to MLflow; `reads_all` if MLflow has to read all runs for it."""

    ours: Callable[[RunReader], Any]
    theirs: Callable[[], Any] | None = None
    reads_all: bool = False


class _Cost(NamedTuple):
    """Milliseconds by the clock, and of the processor, which other programs hardly lengthen."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:8.1f} ms, {self.processor:8.1f} of the processor"


def main(rounds: int, *sizes: int) -> None:
    """Fill a store of each size and measure both."""
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder)).make()
            uri = home.tracking_uri(environment={})
            begun = time.perf_counter()
            fill_store(Path(uri.removeprefix("sqlite:///")), count)
            sys.stdout.write(f"== {count:,} runs, written in {time.perf_counter() - begun:.0f} s\n")
            reads(uri, rounds, count)
            later_reads(uri, rounds)
            pages(home, rounds)


def reads(uri: str, rounds: int, count: int) -> None:
    """Print the median milliseconds of each question, and of them those of the processor, beside MLflow's."""
    for name, question in _questions(uri).items():
        samples = [_cost(partial(question.ours, open_reader(uri))) for _ in range(rounds)]
        ours = _Cost(*(statistics.median(each) for each in zip(*samples, strict=True)))
        words = f"{name:<28} {ours}"
        if question.theirs and (count <= SMALLER or not question.reads_all):
            theirs = _cost(question.theirs)
            ratios = (mine / other for mine, other in zip(ours, theirs, strict=True))
            words += f"  mlflow.search_runs {theirs}  ratio {' / '.join(f'{ratio:.3f}' for ratio in ratios)}"
        target = f"  (target {_TARGETS[count]} ms, ratio 0.1)" if count in _TARGETS else ""
        sys.stdout.write(f"{words}{target}\n")
        sys.stdout.flush()


def later_reads(uri: str, rounds: int) -> None:
    """Print what a question takes that follows on another."""
    query, words = RunQuery(), RunQuery(text="größe")
    group = open_reader(uri).groups(query, _BY).groups[0]
    following: dict[str, tuple[Callable[[RunReader], Any], Callable[[RunReader], Any]]] = {
        "next page of a word": (lambda it: it.page(words), lambda it: it.page(replace(words, offset=50))),
        "one more word": (lambda it: it.page(words), lambda it: it.page(replace(words, text="größe adam"))),
        "groups of a word": (lambda it: it.page(words), lambda it: it.groups(words, _BY)),
        "groups in another order": (
            lambda it: it.groups(query, _BY),
            lambda it: it.groups(replace(query, sort=_METRIC), _BY),
        ),
        "an opened group": (
            lambda it: it.groups(query, _BY),
            lambda it: it.groups(query, replace(_BY, opened=(group.id,))),
        ),
        "groups by one more field": (
            lambda it: it.groups(query, _BY),
            lambda it: it.groups(query, replace(_BY, fields=(*_FIELDS, Field("param", "layer.2.units")))),
        ),
        "best values of some": (
            lambda it: (it.page(words), it.page(replace(query, sort=replace(_METRIC, name="val_loss@best")))),
            lambda it: it.page(replace(words, sort=replace(_METRIC, name="val_loss@best"))),
        ),
    }
    for name, (before, after) in following.items():
        samples = []
        for _ in range(rounds):
            reader = open_reader(uri)
            before(reader)
            samples.append(_cost(partial(after, reader)))
        sys.stdout.write(f"{name:<28} {_Cost(*(statistics.median(each) for each in zip(*samples, strict=True)))}\n")
        sys.stdout.flush()


def pages(home: Home, rounds: int) -> None:
    """Measure the page of runs in Chromium, in turn with MLflow's of the first experiment."""
    with ExitStack() as opened:
        uri, artifacts = home.tracking_uri(environment={}), home.path / "artifacts"
        mlflow = opened.enter_context(MlflowServer(uri, artifacts, home.path / "mlflow.log"))
        opened_here = opened.enter_context(opened_bench(home.path, {"runs": "runs"}, _READY))
        bench = replace(opened_here, others=[mlflow_ui(mlflow.uri, "", [])])
        bench.first("runs")
        bench.traffic("runs")
        bench.in_turn("runs", rounds, "(target 1500 ms, ratio 0.70)")


def _questions(uri: str) -> Mapping[str, Question]:
    import mlflow

    mlflow.set_tracking_uri(uri)
    query, everywhere = RunQuery(), [str(number) for number in range(len(EXPERIMENTS))]

    def theirs(wanted: str = "", order: str = "attributes.start_time DESC", most: int = 50) -> Any:
        return mlflow.search_runs(everywhere, wanted, order_by=[order], max_results=most)

    def by_words() -> Any:
        found = theirs(most=1_000_000)
        return found[found["tags.team"].str.contains("größe", case=False)].head(50)

    def by_fields() -> Any:
        found = theirs(most=1_000_000)
        parted = found.groupby([f"params.{field.name}" for field in _FIELDS])
        return parted[[f"metrics.{name}" for name in _BY.metrics]].agg(["mean", "std", "min", "max"])

    def page(asked: RunQuery) -> Callable[[RunReader], Any]:
        return lambda reader: reader.page(asked)

    filtered = replace(query, filters=parse_filter(_EXPRESSION))
    return {
        "newest": Question(page(query), theirs),
        "next page": Question(page(replace(query, offset=50)), lambda: theirs(most=100)),
        "sorted by a metric": Question(
            page(replace(query, sort=_METRIC)), partial(theirs, order="metrics.val_loss ASC")
        ),
        "filtered by an expression": Question(page(filtered), lambda: theirs(_EXPRESSION)),
        "filtered by a word": Question(page(replace(query, text="größe")), by_words, reads_all=True),
        "grouped by two fields": Question(lambda reader: reader.groups(query, _BY), by_fields, reads_all=True),
        "filtered by two words": Question(page(replace(query, text="größe adam"))),
        "grouped by the config": Question(lambda reader: reader.groups(query, replace(_BY, mode=Grouping.CONFIG))),
        "sorted by a best value": Question(page(replace(query, sort=replace(_METRIC, name="val_loss@best")))),
        "sorted by one at another's": Question(
            page(replace(query, sort=replace(_METRIC, name="val_accuracy@best:val_loss")))
        ),
        "names of all columns": Question(lambda reader: reader.columns()),
        "which values all runs have": Question(
            lambda reader: reader.common(query, {("param", "dataset"): "digits", ("param", "epochs"): "5"})
        ),
    }


def _cost(work: Callable[[], Any]) -> _Cost:
    begun, used = time.perf_counter(), time.process_time()
    work()
    return _Cost((time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, SMALLER, LARGER)[len(given) :])
