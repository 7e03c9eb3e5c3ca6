"""What the winner of a sweep really reaches: the value that chose it, the confirmed mean, and one test result."""

import streamlit as st

from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.markdown import plain
from dashboard.components.sweep_status import result_words
from dashboard.navigation import COMPARE, link
from dashboard.presses import press
from trainer.config import MetricName
from trainer.format import count, counted, number
from trainer.statistics import summary_words
from trainer.sweeps import best_trials
from trainer.sweeps.following import Followed
from trainer.sweeps.truth import Truth, TruthRow, truth_of

__all__ = ["draw_truth"]

_BEST, _SEEDS = 3, 5


def draw_truth(seen: Followed) -> None:
    """Draw the section, with the button that confirms the best trials if they will not be confirmed anyway."""
    settings = seen.sweep.settings
    is_empty = not best_trials(seen.trials, settings.maximizes)
    if is_empty and not seen.live:
        return
    st.markdown("## Result")
    if is_empty:
        with st.container(border=True, key="sweep-unconfirmed"):
            st.markdown("No complete trial yet.")
        return
    truth = truth_of(seen.confirmed, seen.trials, settings)
    if truth is None or seen.searching or not any(each.runs for each in seen.confirmed):
        _unconfirmed(seen)
        return
    with st.container(key="sweep-truth"):
        rows = [_row(row, settings.objective, is_single=len(settings.objective) == 1) for row in truth.rows]
        cells = {name: [row[name] for row in rows] for name in rows[0]}
        st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt="Confirmed trials")
    for sentence in _sentences(seen, truth):
        st.markdown(sentence)
    runs = [run.run_id for each in seen.confirmed for run in each.runs]
    if len(runs) > 1:
        query = {"runs": ",".join(runs), "groups": "true"}
        link(COMPARE, label="Compare these runs", icon=COMPARE.icon, query_params=query)


def _unconfirmed(seen: Followed) -> None:
    settings = seen.sweep.settings
    ranked = best_trials(seen.trials, settings.maximizes)
    best, shown = ranked[0], min(_BEST, len(ranked))
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="sweep-unconfirmed"):
        first = "the first of the front, " * (len(settings.objective) > 1 and len(ranked) > 1)
        words = f"**Validation as chosen:** {plain(result_words(settings, best.results))} ({first}trial {best.number})."
        more = "These results chose the winner, so they flatter it. Fresh seeds show what it really reaches."
        if len(settings.objective) > 1:
            more = "These results chose the front, so they flatter it. Fresh seeds show what its trials really reach."
        how = settings.confirmation
        will_be = how is not None and not seen.run.status.ended
        if how is not None and will_be:
            most = min(how.best, seen.wanted)
            which = "the best trial trains" if most == 1 else f"the best {count(most)} trials train"
            more += f" At the end, {which} again with {counted(how.seeds, 'fresh seed')}{' each' * (most > 1)}."
        st.markdown(f"{words} {more}", width="stretch")
        if will_be:
            return
        best_words = f"the best{f' {shown}' * (shown > 1)}" if len(settings.objective) == 1 else f"{shown} of the front"
        against = reason_against(Role.RUN)
        st.button(
            f"Confirm {best_words} with {_SEEDS} fresh seeds", icon=":material/verified:", key="sweep.confirm_now",
            disabled=against is not None, help=against or f"Queues up to {shown * _SEEDS} runs.",
            on_click=press,
            args=(seen.run.run_id, "confirm", (_BEST, _SEEDS)),
        )  # fmt: skip


def _row(row: TruthRow, objectives: tuple[str, ...], *, is_single: bool) -> dict[str, str]:
    cells = {"trial": str(row.number)}
    for at, name in enumerate(objectives):
        shown = plain(name)
        cells[f"{shown} as chosen"] = number(row.chosen[at]) if at < len(row.chosen) else "–"
        fresh = row.fresh[at]
        cells[f"{shown} with fresh seeds"] = "–" if fresh is None else summary_words(fresh)
    cells["seeds"] = f"{count(row.done)} of {count(row.wanted)}"
    if is_single:
        cells["against the first"] = row.against
    return cells


def _sentences(seen: Followed, truth: Truth) -> list[str]:
    """Return, in Markdown, the test result and what all this does not say."""
    first = truth.rows[0]
    said = []
    if truth.test:
        told = ", ".join(
            f"{plain(MetricName.of(name).label)} {summary_words(each)}" for name, each in list(truth.test.items())[:2]
        )
        said.append(f"**Test, read once** for trial {first.number}, whose confirmed mean is the best: {told}.")
    elif not truth.complete:
        said.append(
            "The test result is shown once all confirming runs have finished, for the trial with the best confirmed "
            "mean only: who looks at it earlier, or at several, chooses by it."
        )
    elif len(seen.sweep.settings.objective) > 1:
        said.append("Several objectives have no single winner; open the run of the trial that you choose for its test.")
    held = ":small[Over fresh seeds, one split of the data: says nothing of other data."
    if len(truth.rows) > 1 and len(seen.sweep.settings.objective) == 1:
        held += " Differences by Welch's t-test, corrected after Holm (95 % family-wise)."
    said.append(f"{held}]")
    return said
