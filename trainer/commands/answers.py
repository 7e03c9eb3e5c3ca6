"""What commands that change several runs have in common: finding the runs, and answering for each of them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from trainer.commands.options import Place, echo, print_json
from trainer.errors import ConfigError, FitboardError
from trainer.tracking import Experiment, Run, RunReader
from trainer.tracking.read.find import find_run

__all__ = ["RUNS_HELP", "RunsArgument", "answer", "found_experiment", "found_runs"]

RUNS_HELP = "Run ids, unique prefixes of at least four characters, or `latest`."
RunsArgument = Annotated[list[str], typer.Argument(metavar="RUN…", help=RUNS_HELP)]
_REFUSED = 2


def found_runs(place: Place, words: Sequence[str], *, deleted: bool = False) -> list[Run]:
    """Return the runs that a person names, each once; deleted ones may be named by a prefix too if `deleted`.

    Raises:
        RunNotFoundError: one of them is not in the store.
    """
    reader = place.reader()
    runs = (find_run(reader, word, deleted=deleted) for word in words)
    return list({run.run_id: run for run in runs}.values())


def found_experiment(reader: RunReader, name: str) -> Experiment:
    """Return the experiment of this name.

    Raises:
        ConfigError: there is none.
    """
    known = {each.name: each for each in reader.experiments()}
    if name not in known:
        raise ConfigError(
            f"Experiment {name!r} not found; expected one of {', '.join(known)}."
            if known
            else f"Experiment {name!r} not found; the store has no experiments yet. Train a run first, "
            "or give another store with --tracking-uri."
        )
    return known[name]


def answer(
    place: Place, runs: Sequence[Run], change: Callable[[Run], object], done: str, *, as_json: bool, gone: bool = False
) -> None:
    """Change each run and say what was done and what was refused; exit with 2 if any was refused.

    Args:
        place: the store.
        runs: the runs.
        change: changes one run, or raises a FitboardError.
        done: what was done to a run, with its name as `{}`, such as `Renamed {}.`
        as_json: whether to print the changed runs and the refusals as JSON.
        gone: whether the changed runs are no longer in the store.
    """
    changed, problems = [], []
    for run in runs:
        try:
            change(run)
        except FitboardError as error:
            problems.append(str(error))
            continue
        changed.append(run.run_id)
        if not as_json:
            echo(done.format(f"{run.short_title} ({run.short_id})"))
    for problem in dict.fromkeys(problems):
        echo(problem)
    if as_json:
        now = () if gone else place.reader().get(changed)
        told = [{"run_id": run_id} for run_id in changed] if gone else [_document(run) for run in now]
        print_json({"runs": told, "problems": problems})
    if problems:
        raise typer.Exit(_REFUSED)


def _document(run: Run) -> dict[str, Any]:
    return {"run_id": run.run_id, "name": run.name, "experiment": run.experiment, "deleted": run.deleted}
