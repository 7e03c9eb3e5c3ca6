"""The dialog that proposes a new sweep in a smaller space around the best trials."""

import streamlit as st

from dashboard import sweep_actions, sweep_state
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.errors import errors_shown
from dashboard.components.markdown import plain
from dashboard.keys import SweepKey
from dashboard.navigation import SWEEP, go
from trainer.config.search import Choices, Domain, load_sweep
from trainer.format import cut
from trainer.sweeps.following import Followed
from trainer.sweeps.narrowing import narrowed

__all__ = ["draw_narrowing"]

_HEIGHT, _LONGEST = 340, 80


def draw_narrowing(seen: Followed) -> None:
    """Draw the dialog if it is open. Call it outside the part of the page that is redrawn by itself."""
    if sweep_state.sweep.narrowing == seen.run.run_id:
        st.dialog("Narrow the space", width="large", on_dismiss=_close)(_draw)(seen)


def _draw(seen: Followed) -> None:
    with errors_shown():
        found = narrowed(seen.sweep, seen.trials)
        st.markdown("A new sweep in which every setting varies as it does among the best fifth of the trials:")
        before = {each.name: each.domain for each in seen.sweep.space.dimensions}
        changed = [each for each in found.space.dimensions if each.domain != before[each.name]]
        st.markdown(
            "\n".join(
                f"- {plain(each.name)}: {plain(_words(before[each.name]))} → **{plain(_words(each.domain))}**"
                for each in changed
            )
        )
        text = st.text_area("Sweep file", found.dump(), height=_HEIGHT, key=SweepKey.NARROWED)
        with st.container(horizontal=True, gap="small"):
            against = reason_against(Role.RUN)
            if st.button(
                "Start sweep", type="primary", key="sweep.narrowed_start", disabled=bool(against), help=against
            ):
                sweep_id = sweep_actions.start(load_sweep(text))
                _close()
                go(SWEEP, id=sweep_id)
            st.download_button(
                "Download", text, "sweep.yaml", "application/yaml", icon=":material/download:", on_click="ignore"
            )


def _close() -> None:
    sweep_state.sweep.narrowing = ""


def _words(domain: Domain) -> str:
    if isinstance(domain, Choices):
        return cut(", ".join(domain.labels), _LONGEST)
    kind = " (log)" if domain.log else f" in steps of {domain.step:g}" if domain.step is not None else ""
    return f"{domain.low:g} to {domain.high:g}{kind}"
