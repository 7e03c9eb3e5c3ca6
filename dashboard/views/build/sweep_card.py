"""The card of a sweep: what varies, what is optimized, and how the values are chosen."""

import importlib.util
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.components.sweep_status import PRUNER_WORDS, SAMPLER_WORDS
from dashboard.draft import (
    Draft,
    SweepValidation,
    Validation,
    described,
    place_name,
    read_bound,
    scale_of,
    shown_options,
)
from trainer.config import Config, MetricName
from trainer.config.metrics import logged_names
from trainer.config.metrics.names import VALIDATION
from trainer.config.search import Direction, Sampler, SweepSettings
from trainer.format import counted

__all__ = ["AGAIN", "sweep_card", "sweep_switch"]

AGAIN = "build.sweep.again"
"""The key of the choice to train configs again that have already finished."""
_SWITCH = "build.sweep.on"
_DEFAULT = "default"
_HELP: Final[Mapping[str, str]] = {
    "objective": "The validation metric that the sweep optimizes. With several, it looks for the Pareto front.",
    "direction": "Whether higher or lower values of the objective are better.",
    "trials": "Number of configs to train.",
    "jobs": "Number of trials to train at once.",
    "time": "No trial starts after this time. Examples: 30m, 2h.",
    "seed": "Seed of the sampler: with one job, the same sweep and seed propose the same trials.",
    "confirm": "Trains the best trials again with fresh seeds, such as 3x5: the best 3 with 5 seeds each. "
    "The result by which a winner was chosen flatters it.",
}


def sweep_switch(draft: Draft) -> None:
    """Draw the switch that turns the draft into a sweep, and back."""
    if state.typed(_SWITCH) != draft.search.on:
        state.follow(_SWITCH, draft.search.on)
    st.toggle(
        "Sweep",
        key=_SWITCH,
        help="Train many configs: each field gets a switch that makes it vary, and a sweep looks for the best values.",
        on_change=_switch,
    )


def _switch() -> None:
    if not state.is_echo(_SWITCH):
        draft = state.drafts().now
        state.edit(draft.with_search(draft.search.switched(bool(state.typed(_SWITCH)))))


def sweep_card(draft: Draft, validation: Validation) -> None:
    """Draw the card."""
    found = validation.sweep or SweepValidation()
    with st.container(border=True, key="panel-sweep", gap="small"):
        _varying(draft, found)
        if validation.config is not None:
            _objectives(draft, validation.config, found)
        _chosen("sampler", draft, found, SAMPLER_WORDS)
        _chosen("pruner", draft, found, PRUNER_WORDS)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for name, width in (("trials", 92), ("jobs", 80), ("time", 92), ("seed", 80), ("confirm", 92)):
                _typed(name, draft, found, width)
        for name in ("trials", "jobs", "time", "seed", "confirm"):
            _complain(found, name)
        _complain(found, "")
        if found.at("") and draft.search.domains:
            st.markdown(f":red[:small[:material/error: {plain(found.at(''))}]]")
        st.checkbox(
            "Train finished configs again",
            key=AGAIN,
            persist_state="session",
            help="Otherwise the results of a config that has already finished are taken.",
        )


def _varying(draft: Draft, found: SweepValidation) -> None:
    """List what varies, each with a button that ends it: a path of the YAML may have no field of its own."""
    domains = draft.search.domains
    st.markdown(f"**{counted(len(domains), 'setting')} {'varies' if len(domains) == 1 else 'vary'}**")
    for path, domain in domains.items():
        where = draft.where(path)
        with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"varying-{where}"):
            name = place_name(where, draft.fields)
            st.markdown(f":small[{plain(name)}: :gray[{plain(_words(domain))}]]")
            st.button(
                f"Remove {name} from the sweep",
                key=f"icon-varying-{where}",
                icon=":material/close:",
                help="Stop varying",
                type="tertiary",
                on_click=_fix,
                args=(path,),
            )
        if complaint := found.at(where):
            st.markdown(f":red[:small[:material/error: {plain(complaint)}]]")
    if not domains:
        st.caption("Press :material/tune: beside a field to make it vary.")
    if found.space is not None and found.space.size is not None:
        st.caption(f"{counted(found.space.size, 'combination')}")


def _words(domain: Any) -> str:
    if isinstance(domain, list):
        return shown_options(domain)
    if not isinstance(domain, Mapping):
        return str(domain)
    if domain.keys() & {"present", "repeat"}:
        times = domain.get("repeat") or {}
        repeated = f"{times.get('low')} to {times.get('high')} times" if isinstance(times, Mapping) and times else ""
        return ", ".join([*(["with or without"] if "present" in domain else []), *([repeated] if repeated else [])])
    step = f", step {domain['step']}" if domain.get("step") is not None else ""
    return f"{domain.get('low')} to {domain.get('high')}{step}" + (", log" if scale_of(domain) == "log" else "")


def _fix(path: tuple[str | int, ...]) -> None:
    state.edit(state.drafts().now.vary(path, None))


def _objectives(draft: Draft, config: Config, found: SweepValidation) -> None:
    given = _several(draft.search.settings.get("objective"))
    effective = found.sweep.settings.objective if found.sweep else tuple(given)
    key = "build.sweep.objective"
    if state.typed(key) != given:
        state.follow(key, given)
    names = [VALIDATION + name for name in ("loss", *logged_names(config.metrics))]
    st.multiselect(
        "objective",
        list(dict.fromkeys([*names, *given])),
        key=key,
        help=_HELP["objective"],
        placeholder=f"{', '.join(effective)} (default)" if effective else "from the metrics",
        max_selections=4,
        on_change=_set,
        args=("objective", key, lambda chosen: list(chosen) or None),
    )
    _complain(found, "objective")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for place, name in enumerate(effective):
            _direction(draft, place, effective, name)
    _complain(found, "direction")


def _direction(draft: Draft, place: int, objectives: tuple[str, ...], name: str) -> None:
    """Draw the direction of one objective; it is only written down if it does not follow from the metric."""
    given = _several(draft.search.settings.get("direction"))
    usual = [_usual(each) for each in objectives]
    now = given[place] if len(given) == len(objectives) else usual[place]
    key = f"build.sweep.direction-{place}"
    if state.typed(key) != now:
        state.follow(key, now)

    def meaning(chosen: str | None) -> Any:
        every = list(given) if len(given) == len(objectives) else list(usual)
        every[place] = chosen
        return None if every == usual else every

    st.selectbox(
        "direction" if len(objectives) == 1 else f"direction of {plain(name)}",
        [*map(str, Direction), *([now] if now is not None and now not in set(Direction) else [])],
        index=None,
        key=key,
        help=_HELP["direction"],
        placeholder="Choose one",
        width=150 if len(objectives) == 1 else 205,
        on_change=_set,
        args=("direction", key, meaning),
    )


def _usual(name: str) -> str | None:
    higher = MetricName.of(name).higher_is_better
    return None if higher is None else str(Direction.MAXIMIZE if higher else Direction.MINIMIZE)


def _chosen(name: str, draft: Draft, found: SweepValidation, sentences: Mapping[Any, str]) -> None:
    """Draw the choice of a sampler or pruner, and what it does."""
    settings = draft.search.settings
    effective = getattr(found.sweep.settings, name) if found.sweep else settings.get(name)
    default = SweepSettings.model_fields[name].default
    value = settings.get(name, _DEFAULT if default is None else str(default))
    key = f"build.sweep.{name}"
    if state.typed(key) != value:
        state.follow(key, value)
    offered = [str(each) for each in sentences if each != Sampler.GP or importlib.util.find_spec("torch")]
    st.selectbox(
        name,
        list(dict.fromkeys([*([_DEFAULT] if default is None else []), *offered, value])),
        key=key,
        # Labels that never change: the browser keeps the label of what is chosen.
        format_func=lambda each: described(name, each),
        on_change=_set,
        args=(name, key, lambda chosen: None if chosen in (_DEFAULT, default) else chosen),
    )
    if effective in set(sentences):
        by_default = f"{effective}: " if value == _DEFAULT else ""
        st.caption(f"{by_default}{sentences[effective]}")
    _complain(found, name)


def _typed(name: str, draft: Draft, found: SweepValidation, width: int) -> None:
    value, default = draft.search.settings.get(name), SweepSettings.model_fields[name].default
    key = f"build.sweep.{name}"
    held = state.typed(key)
    reads: Callable[[str], Any] = read_bound if isinstance(default, int) else _text
    if held is None or reads(held) != value:
        state.follow(key, "" if value is None else value if isinstance(value, str) else json.dumps(value, default=str))
    st.text_input(
        name,
        key=key,
        help=_HELP[name],
        placeholder=_placeholder(name, default, found),
        live="60ms",
        autocomplete="off",
        width=width,
        on_change=_set,
        args=(name, key, lambda typed: reads(typed or "")),
    )


def _placeholder(name: str, default: Any, found: SweepValidation) -> str:
    """Return what an empty box means."""
    how = found.sweep.settings.confirmation if found.sweep and name == "confirm" else None
    return f"{how.best}x{how.seeds}" if how else "no" if default is None else str(default)


def _text(text: str) -> str | None:
    return text.strip() or None


def _several(value: Any) -> list[Any]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _set(name: str, key: str, meaning: Callable[[Any], Any]) -> None:
    if state.is_echo(key):
        return
    draft = state.drafts().now
    search = draft.search.with_setting(name, meaning(state.typed(key)))
    if name == "objective":
        # The directions were those of other objectives.
        search = search.with_setting("direction", None)
    state.edit(draft.with_search(search), theme=f"sweep/{name}")


def _complain(found: SweepValidation, name: str) -> None:
    complaint = found.at(f"sweep.{name}" if name else "sweep")
    if complaint:
        st.markdown(f":red[:small[:material/error: {f'**{name}**: ' if name else ''}{plain(complaint)}]]")
