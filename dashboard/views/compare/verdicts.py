"""Which differences between groups of runs, or between networks, are real, against a baseline that the user chooses."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import actions, loaders, state
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.markdown import plain
from dashboard.loaders.networks import difference_of_networks
from dashboard.navigation import COMPARE, go
from dashboard.views.compare.controls import Choice, Group
from dashboard.views.compare.tables import verdicts_table
from trainer.comparison import Basis, Compared, Side, compare, side_of
from trainer.config import main_metrics
from trainer.format import count, percent
from trainer.statistics import Superiority
from trainer.tracking import Run

__all__ = ["MOST_NETWORKS", "draw_verdicts"]

MOST_NETWORKS = 8
"""Maximum number of single runs whose networks are compared with each other."""

_MOST_METRICS = 4
_CHOICE = "compare.baseline"
_REPEAT, _SEEDS = "compare.repeat", 5


def draw_verdicts(groups: Sequence[Group], bases: Mapping[str, Basis], chosen: Choice) -> None:
    """Draw the select box of the baseline, the other groups compared with it, and how that was tested.

    Args:
        groups: two or more.
        bases: run id → the data and loss that its results were measured with.
        chosen: the page's controls; their directions tell whether higher or lower is better.
    """
    sides = [side_of(group.runs, loaders.config) for group in groups]
    metrics = main_metrics([run.kept_metrics for side in sides for run in side.finished], _MOST_METRICS)
    if not metrics or len(groups) < 2:
        return
    st.markdown("## Statistical significance")
    baseline = _baseline(groups)
    found = compare(
        sides, metrics, baseline=baseline, bases=bases, directions=chosen.directions, between=difference_of_networks
    )
    if found.family or min(len(side.finished) for side in sides) > 1:
        others = [place for place in range(len(groups)) if place != baseline]
        verdicts_table(
            {metric: [_words(found, place, metric) for place in others] for metric in metrics},
            [groups[place].line for place in others],
        )
    st.caption(_method_words(sides, found))
    alone = [side.first for side in sides if len(side.finished) < 2]
    if alone and all(run.by_fitboard for run in alone):
        _offer_repeats(alone, [run.run_id for side in sides for run in side.runs])


def _offer_repeats(alone: Sequence[Run], compared: Sequence[str]) -> None:
    """Draw the button that repeats configs of one run each, and go to the comparison of the groups."""
    which = {1: "the single run", 2: "both"}.get(len(alone), f"all {len(alone)}")
    against = reason_against(Role.RUN)
    words = against or "Queues the missing runs with other seeds, and compares the configs by group."
    label = f"Repeat {which} with {_SEEDS} seeds"
    if not st.button(label, icon=":material/replay:", help=words, disabled=bool(against), key=_REPEAT):
        return
    outcome = actions.repeat(alone, _SEEDS)
    for problem in outcome.problems:
        st.warning(plain(problem), icon=":material/error:")
    if outcome.done:
        every = list(dict.fromkeys([*compared, *outcome.done]))
        go(COMPARE, runs=",".join(every[:MOST_COMPARED]), groups="true")


def _baseline(groups: Sequence[Group]) -> int:
    """Return the index of the chosen baseline, by default the first group; the address has the id of its first run."""
    ids = [group.line.run_id for group in groups]
    labels = {group.line.run_id: group.line.label for group in groups}
    asked = state.compare.baseline
    # Not bound to the address: Streamlit (1.67) would write the label there, which changes with the compared runs.
    state.follow(_CHOICE, asked if asked in ids else ids[0])
    chosen = st.selectbox(
        "Baseline", ids, format_func=lambda run_id: labels.get(run_id, run_id), key=_CHOICE, width=420,
        on_change=_take_over,
    )  # fmt: skip
    return ids.index(chosen) if chosen in ids else 0


def _take_over() -> None:
    state.compare.baseline = state.typed(_CHOICE)


def _words(found: Compared, place: int, metric: str) -> str:
    each = found.comparisons[place, metric]
    better = each.superiority
    if each.finding is None or not each.finding.is_real or better is None or better.low is None:
        return each.words
    return f"{each.words} · {_superiority_words(better)}"


def _superiority_words(better: Superiority) -> str:
    share = f"better in {percent(better.probability, 0)} of pairs of runs"
    if better.low is None or better.high is None:
        return share
    return f"{share} ({percent(better.low, 0)} to {percent(better.high, 0)})"


def _method_words(sides: Sequence[Side], found: Compared) -> str:
    """Return, in Markdown, what was tested and how, and what nothing is claimed about."""
    if not found.family:
        few = min(len(side.finished) for side in sides)
        more = "Repeat each config with several seeds: **repeats** on Build, or `fitboard train --seeds 5`."
        if few > 1:
            return "No difference can be tested; the table shows why."
        return (
            f"No difference can be tested: a config has {count(few)} finished {'run' if few == 1 else 'runs'}. {more}"
        )
    methods = sorted({str(each.finding.method) for each in found.comparisons.values() if each.finding})
    number = f"{count(found.family)} differences" if found.family > 1 else "1 difference"
    networks = ""
    if min(len(side.finished) for side in sides) == 1:
        networks = (
            "Configs with one run each were compared as networks, on the same test samples, which says nothing about "
            "the configs themselves: another seed may give another result. "
        )
    return (
        f"{number} from the baseline, tested by {plain(' and '.join(methods))}, {plain(found.held)}. {networks}"
        "Intervals are corrected for multiple comparisons (Holm, 95 % family-wise); “better” means that the interval "
        "excludes 0."
    )
