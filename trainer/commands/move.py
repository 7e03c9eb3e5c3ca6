"""The move command."""

from typing import Annotated

import typer

from trainer.commands.answers import RunsArgument, answer, found_runs
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption
from trainer.execution import refuse_other_program
from trainer.tracking import Run
from trainer.tracking.write import experiments
from trainer.tracking.write.annotations import checked_name

__all__ = ["move"]


def move(
    runs: RunsArgument,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="EXPERIMENT", help="The experiment to move the runs to; it is created if it does not exist."
        ),
    ],
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Move ended runs to another experiment; their ids, numbers and files stay. Not possible over an MLflow server."""
    name = checked_name(to)
    place = Place.of(home, tracking_uri)
    found = found_runs(place, runs)
    store = place.store()
    known = {each.name: each.experiment_id for each in place.reader().experiments()}

    def change(run: Run) -> None:
        refuse_other_program(run)
        experiments.refuse_move(store, run)
        target = known.get(name) or known.setdefault(name, experiments.create_experiment(store, name))
        experiments.move_run(store, run, target)

    answer(place, found, change, "Moved {}.", as_json=as_json)
