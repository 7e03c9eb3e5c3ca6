"""Whether results are comparable: measured on the same data and, for losses, with the same loss."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from trainer.config import Config, MetricName
from trainer.config.objective import objective_of
from trainer.tracking import LoggedDataset, Run

__all__ = ["SAME", "Basis", "Doubt", "bases_of", "basis_of", "doubt_of"]


class Basis(NamedTuple):
    """The data and the loss that a run's results were measured with; None where unknown.

    `data` are digests, comparable only among runs of one `program`.
    """

    data: frozenset[str] | None
    program: str
    loss: str | None


SAME = Basis(frozenset(), "", "")
"""The basis of results that are known to be comparable."""


class Doubt(NamedTuple):
    """Why results are not comparable or, unless `is_known`, may not be."""

    words: str
    is_known: bool
    is_of_data: bool = False
    """Whether the data, and not the losses, are the reason."""


def basis_of(run: Run, config: Config | None, logged: Iterable[LoggedDataset]) -> Basis:
    """Return the basis of one run's results, from its config or params and the datasets that it logged."""
    digests = frozenset(f"{each.context} {each.digest}" for each in logged)
    loss = run.params.get("loss") if config is None else objective_of(config)
    return Basis(digests or None, "fitboard" if run.by_fitboard else "another", loss)


def bases_of(
    runs: Iterable[Run],
    config_of: Callable[[Run], Config | None],
    logged: Mapping[str, Iterable[LoggedDataset]],
) -> dict[str, Basis]:
    """Return run id → basis; `logged` maps run ids to the datasets that the runs logged."""
    return {run.run_id: basis_of(run, config_of(run), logged.get(run.run_id, ())) for run in runs}


def doubt_of(bases: Sequence[Basis], metric: str) -> Doubt | None:
    """Return why a metric is not comparable between runs with these bases; None if it is."""
    data = {basis.data for basis in bases}
    # Programs compute digests differently, so those of two programs differ even for equal data.
    if None not in data and len(data) > 1 and len({basis.program for basis in bases}) == 1:
        return Doubt("the data differ", is_known=True, is_of_data=True)
    is_loss = MetricName.of(metric).base.lower() == "loss"
    losses = {basis.loss for basis in bases} if is_loss else set()
    if len(losses - {None}) > 1:
        return Doubt("the losses differ", is_known=True)
    if len(bases) > 1 and (None in data or len(data) > 1):
        return Doubt("it is unknown whether the data are the same", is_known=False)
    if len(bases) > 1 and None in losses:
        return Doubt("it is unknown whether the losses are the same", is_known=False)
    return None
