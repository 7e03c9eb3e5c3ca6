"""Actions on runs: stop, resume, move, rerun, delete, restore, remove, tag, rename, color, note and move.

Names, tags, colors and notes are a person's own, so that any run can have them; all else is refused with a message
for runs of other programs.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dashboard import loaders
from dashboard.access.people import Role
from dashboard.access.rights import name_of_person, permit
from dashboard.loaders import checks
from trainer.config import Config, Vary
from trainer.errors import ConfigError, FitboardError
from trainer.execution import Move, adopt, enqueue, queue_name, refuse_foreign, refuse_other_program, request_stop
from trainer.execution import move as move_to
from trainer.execution import resume as go_on
from trainer.execution.control import removal
from trainer.reproduce import finished_in_group, live_in_group, repeats
from trainer.reproduce.kept_data import kept_data
from trainer.tracking import Experiment, Run, Status, Tag
from trainer.tracking.write import annotations, experiments

__all__ = [
    "Outcome",
    "color",
    "delete",
    "extend_notes",
    "footprint",
    "kill",
    "move",
    "move_to_experiment",
    "new_experiment",
    "remove",
    "rename",
    "repeat",
    "rerun",
    "restore",
    "resume",
    "stop",
    "tag",
    "take_over",
    "to_the_front",
    "write_experiment_note",
    "write_note",
]


class Outcome(NamedTuple):
    """The ids of the runs that the action succeeded for (for a rerun, the new runs), and a message for each other."""

    done: tuple[str, ...]
    problems: tuple[str, ...]


def stop(runs: Sequence[Run]) -> Outcome:
    """Ask runs to finish their step, evaluate, save and end; runs that have ended are ignored."""
    return _stop(runs, kill=False)


def kill(runs: Sequence[Run]) -> Outcome:
    """Kill the processes of runs that do not respond to a stop."""
    return _stop(runs, kill=True)


def _stop(runs: Sequence[Run], *, kill: bool) -> Outcome:
    store, home = loaders.store(), loaders.context().home

    def one(run: Run) -> str:
        request_stop(store, run, home=home, kill=kill)
        return run.run_id

    return _each([run for run in runs if not run.status.ended], one, what="kill runs" if kill else "stop runs")


def resume(runs: Sequence[Run]) -> Outcome:
    """Resume stopped or failed runs from their checkpoints."""
    store, home = loaders.store(), loaders.context().home

    def one(run: Run) -> str:
        go_on(store, run, home=home)
        return run.run_id

    return _each(runs, one, what="resume runs")


def take_over(runs: Sequence[Run]) -> Outcome:
    """Train runs here whose process or host no longer exists."""
    store, home = loaders.store(), loaders.context().home

    def one(run: Run) -> str:
        adopt(store, run, home=home)
        return run.run_id

    return _each(runs, one, what="take over runs")


def move(runs: Sequence[Run], where: Move) -> Outcome:
    """Move queued runs within their queues; a run that has already started gets a message."""
    store, home = loaders.store(), loaders.context().home

    def one(run: Run) -> str:
        move_to(store, run.run_id, where, home=home)
        return run.run_id

    outcome = _each(runs, one, what="move runs in the queue")
    loaders.forget_outlooks()
    return outcome


def to_the_front(runs: Sequence[Run]) -> Outcome:
    """Move queued runs to the front of their queues in their current order; other runs are ignored."""
    waiting = [run for run in runs if run.status is Status.SCHEDULED]
    # In reverse, since each run goes before those that were moved earlier.
    return move(sorted(waiting, key=lambda run: run.place, reverse=True), Move.FIRST)


def rerun(runs: Sequence[Run]) -> Outcome:
    """Queue the same configs again."""
    store, queue = loaders.store(), queue_name(loaders.context().home)

    def one(run: Run) -> str:
        config = _config_again(run)
        kept = kept_data(config, run, store.reader, loaders.context().home)
        data = None if kept is None or kept.path is None else str(kept.path)
        return enqueue(store, config, queue=queue, rerun_of=run.run_id, data=data, user=name_of_person())

    return _each(runs, one, what="run configs again")


def _config_again(run: Run) -> Config:
    """Return the config to run again, in the experiment where the run is now, to which a person may have moved it."""
    refuse_foreign(run)
    config = loaders.config(run)
    if config is None:
        raise ConfigError(
            f"{run.short_title} cannot be run again, since its config is missing or was written by a newer version of "
            "Fitboard; make a new config on Build."
        )
    checks.refuse_impossible(config)
    return config.model_copy(update={"experiment": run.experiment})


def delete(runs: Sequence[Run]) -> Outcome:
    """Delete runs as MLflow does, so that they can be restored; a live run is refused with a message."""
    store = loaders.store()

    def one(run: Run) -> str:
        removal.delete(store, run)
        return run.run_id

    return _each(runs, one, what="delete runs", role=Role.ADMINISTER)


def footprint(runs: Sequence[Run]) -> removal.Footprint:
    """Return what removing runs permanently frees, what stays, and which of them are refused."""
    return removal.footprint(loaders.store(), runs, loaders.context().home)


def remove(runs: Sequence[Run], *, tell: Callable[[int], None]) -> Outcome:
    """Remove runs permanently, with their artifacts, models, checkpoints and rows; `tell` gets the number done."""
    store, home = loaders.store(), loaders.context().home
    places = {run.run_id: place for place, run in enumerate(runs)}

    def one(run: Run) -> str:
        tell(places[run.run_id])
        removal.remove(store, run, home=home)
        return run.run_id

    outcome = _each(runs, one, what="remove runs permanently", role=Role.ADMINISTER)
    loaders.forget_columns()
    return outcome


def repeat(runs: Sequence[Run], count: int) -> Outcome:
    """Queue each config with `count` seeds, from its own seed on, without those that have finished or are queued.

    Of a run for one fold, the other folds are queued.
    """
    store, queue, reader = loaders.store(), queue_name(loaders.context().home), loaders.reader()
    done: list[str] = []
    user = name_of_person()

    def one(run: Run) -> str:
        config, group = _config_again(run), run.tags.get(Tag.GROUP, "")
        there = (*finished_in_group(reader, group), *live_in_group(reader, group))
        known = {each.tags.get(Tag.CONFIG_DIGEST) for each in there}
        number = getattr(config.dataset, "folds", None) if run.vary is Vary.FOLD else None
        missing = (each for each in repeats(config, number or count, run.vary) if each.digest not in known)
        done.extend(
            enqueue(store, each, queue=queue, rerun_of=run.run_id, seeded=True, vary=run.vary, user=user)
            for each in missing
        )
        return run.run_id

    return _each(runs, one, what="run configs again")._replace(done=tuple(done))


def restore(run_ids: Sequence[str]) -> Outcome:
    """Restore deleted runs."""
    store = loaders.store()

    def one(run: Run) -> str:
        removal.restore(store, run)
        return run.run_id

    return _each(loaders.reader().get(run_ids), one, what="restore runs", role=Role.ADMINISTER)


def rename(runs: Sequence[Run], name: str) -> Outcome:
    """Rename runs; `{n}` in the name becomes 1, 2, … in their order.

    Raises:
        ConfigError: the name cannot be a run's.
    """
    store = loaders.store()
    annotations.checked_name(name)
    names = {run.run_id: annotations.numbered_name(name, place) for place, run in enumerate(runs, 1)}

    def one(run: Run) -> str:
        annotations.rename(store, run, names[run.run_id])
        return run.run_id

    return _each(runs, one, what="rename runs")


def tag(runs: Sequence[Run], *, name: str = "", value: str = "", removed: Sequence[str] = ()) -> Outcome:
    """Remove tags from runs, then set one unless its name is empty.

    Raises:
        ConfigError: MLflow does not accept the tag, or programs write it.
    """
    store = loaders.store()
    added = annotations.checked_tag(name, value) if name.strip() or value else None

    def one(run: Run) -> str:
        annotations.remove_tags(store, run, removed)
        if added is not None:
            annotations.set_tag(store, run, *added)
        return run.run_id

    outcome = _each(runs, one, what="tag runs")
    loaders.forget_columns()
    return outcome


def color(runs: Sequence[Run], value: str | None) -> Outcome:
    """Give runs a color, as `#rrggbb`; None restores the automatic ones."""
    store = loaders.store()

    def one(run: Run) -> str:
        annotations.set_color(store, run, value)
        return run.run_id

    return _each(runs, one, what="color runs")


def move_to_experiment(runs: Sequence[Run], name: str) -> Outcome:
    """Move ended runs to an experiment, which is created if there is none of this name.

    Raises:
        ConfigError: the name cannot be an experiment's.
        StoreError: the store is an MLflow server, which cannot move runs.
    """
    store = loaders.store()
    known = {each.name: each.experiment_id for each in store.reader.experiments()}

    def one(run: Run) -> str:
        refuse_other_program(run)
        experiments.refuse_move(store, run)
        target = known.get(name) or known.setdefault(name, experiments.create_experiment(store, name))
        experiments.move_run(store, run, target)
        return run.run_id

    outcome = _each(runs, one, what="move runs to another experiment", role=Role.ADMINISTER)
    loaders.forget_experiments()
    return outcome


def new_experiment(name: str) -> None:
    """Create an experiment.

    Raises:
        ConfigError: the name cannot be an experiment's, or there is one of this name.
        AccessError: the person may not create one.
    """
    permit("create experiments", Role.RUN, [name])
    experiments.create_experiment(loaders.store(), name)
    loaders.forget_experiments()


def write_experiment_note(experiment: Experiment, text: str) -> None:
    """Replace the note of an experiment.

    Raises:
        ConfigError: the text is too long or cannot be stored.
        AccessError: the person may not write it.
    """
    permit("write notes", Role.RUN, [experiment.name])
    annotations.write_experiment_note(loaders.store(), experiment, text)
    loaders.forget_experiments()


def write_note(run: Run, text: str) -> Outcome:
    """Replace what people wrote in a run's description."""
    store = loaders.store()

    def one(each: Run) -> str:
        annotations.write_note(store, each, text)
        return each.run_id

    return _each([run], one, what="write notes")


def extend_notes(runs: Sequence[Run], text: str) -> Outcome:
    """Add a paragraph to what people wrote in the descriptions of runs."""
    store = loaders.store()

    def one(run: Run) -> str:
        annotations.extend_note(store, run, text)
        return run.run_id

    return _each(runs, one, what="write notes")


def _each(runs: Sequence[Run], action: Callable[[Run], str], *, what: str, role: Role = Role.RUN) -> Outcome:
    try:
        permit(what, role, [run.run_id for run in runs])
    except FitboardError as error:
        return Outcome((), (str(error),))
    done, problems = [], []
    for run in runs:
        try:
            done.append(action(run))
        except FitboardError as error:
            problems.append(str(error))
    # The same refusal for many runs is said once.
    return Outcome(tuple(done), tuple(dict.fromkeys(problems)))
