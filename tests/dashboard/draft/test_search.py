"""What varies in a draft: the form and the text give the same space, whatever happens to the cards."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.draft import (
    NUMERIC,
    UNSET,
    Draft,
    History,
    Path,
    Saved,
    Scale,
    SweepText,
    can_vary,
    change_kind,
    first_domain,
    first_kinds,
    judge,
    judge_sweep,
    place_name,
    read_bound,
    read_options,
    read_saved,
    read_text,
    save_text,
    scale_of,
    shown_options,
    start,
    text_of,
    with_scale,
)
from tests.support.configs import PATIENT
from tests.support.sweeps import NETWORK, SEARCH
from trainer.config import LAYERS, REGISTRIES, Config, FieldKind, FieldSpec, describe, load_config
from trainer.config.search import load_sweep

BLOCK = "{layer: Residual, layers: [{layer: Dense, units: 16}, {layer: Dropout, rate: 0.1}]}"
NESTED = NETWORK.replace("{layer: Dropout, rate: 0.2}", BLOCK)


def draft_of(text: str = NETWORK) -> Draft:
    draft = Draft.of(load_config(text).short())
    return draft.with_search(draft.search.switched(True))


def swept(draft: Draft) -> Any:
    """Return the sweep of a draft, which must be valid."""
    found = judge_sweep(draft, judge(draft.plain()).config)
    assert found is not None
    assert found.sweep is not None, found.messages
    return found.sweep


def reread(draft: Draft) -> Draft:
    """Return the draft after its own text has been applied to it."""
    found = read_text(text_of(judge(draft.plain()), draft))
    assert isinstance(found, SweepText), found
    return draft.searching(found.config.short(), found.domains, found.settings)


def fields() -> Iterator[tuple[Draft, Path, FieldSpec, Any]]:
    """Yield every field that can vary of every component, with a draft that has it and its value."""
    for name in ("layers", "optimizer", "loss", "callbacks", "augment", "dataset"):
        registry = REGISTRIES[name]
        for kind, cls in registry.members.items():
            part = start(registry, kind)
            several = name in {"layers", "callbacks", "augment"}
            base = {"dataset": "digits", "layers": ["Flatten"], "loss": "mse", "metrics": ["mae"]}
            draft = Draft.of({**base, name: [part] if several else part})
            root: Path = (name, draft.ids[name][0]) if several else (name,)
            for spec in describe(cls):
                value = part.get(spec.name, spec.default)
                if can_vary(spec, root) and not (spec.kind is FieldKind.RATE and isinstance(value, dict)):
                    yield draft, (*root, spec.name), spec, value


def test_every_field_begins_to_vary_with_values_that_are_valid() -> None:
    wrong, seen = [], 0
    for draft, path, spec, value in fields():
        config = judge(draft.plain()).config
        if config is None:  # a file that only a person can name
            continue
        seen += 1
        varied = draft.vary(path, first_domain(spec, value))
        found = judge_sweep(varied.with_search(varied.search.switched(True)), config)
        wrong += [(draft.where(path), first_domain(spec, value), found.messages)] if found and found.messages else []
    assert not wrong
    assert seen > 900


@pytest.mark.parametrize("name", ["layers", "optimizer", "loss"])
def test_every_component_begins_to_vary_with_another_one(name: str) -> None:
    registry = REGISTRIES[name]
    for kind in registry.members:
        now, other = first_kinds(registry, start(registry, kind))
        assert now[registry.key] == kind != other[registry.key]


def test_sweep_that_is_opened_and_written_is_the_same() -> None:
    sweep = load_sweep(NETWORK + SEARCH)
    draft = Draft.of({"dataset": "digits", "layers": ["Flatten"], "loss": "mse"}).of_sweep(sweep)
    assert swept(draft) == sweep
    assert load_sweep(text_of(judge(draft.plain()), draft)) == sweep
    assert swept(reread(draft)) == sweep


_NUMBERS = st.sampled_from(["", "0", "1", "-3", "8", "64", "0.5", "1e-4", "1e400", "nan", "many", "1_0", "−2"])


@st.composite
def _domains(draw: st.DrawFn, spec: FieldSpec, value: Any) -> Any:
    """Return what a person may leave in the form of a field, valid or not."""
    domain = first_domain(spec, value)
    if spec.kind in NUMERIC:
        domain = with_scale(domain, draw(st.sampled_from(Scale)), whole=spec.whole)
    if isinstance(domain, dict):
        ends = st.fixed_dictionaries({}, optional=dict.fromkeys(domain.keys() - {"log"}, _NUMBERS.map(read_bound)))
        return {**domain, **draw(ends)}
    return draw(st.just(domain) | st.lists(_NUMBERS, max_size=3).map(", ".join).map(read_options))


@st.composite
def _drafts(draw: st.DrawFn) -> Draft:
    draft = draft_of(NESTED)
    config = judge(draft.plain()).config
    assert config is not None
    places: list[tuple[Path, type[Any]]] = [((), Config), (("optimizer",), type(config.optimizer))]
    for card, layer in zip(draft.ids["layers"], config.layers, strict=True):
        inner = getattr(layer, "layers", ())
        places += [(("layers", card), type(layer))]
        places += [(("layers", card, "layers", place), type(each)) for place, each in enumerate(inner)]
    for path, cls in places:
        for spec in describe(cls):
            at = (*path, spec.name)
            if can_vary(spec, at) and spec.kind is not FieldKind.COMPONENT and draw(st.integers(0, 4)) == 0:
                value = (draft.part(path) if path else draft.fields).get(spec.name, spec.default)
                draft = draft.vary(at, draw(_domains(spec, value)))
    for name, values in {"trials": [7, 0, "x"], "jobs": [2], "pruner": ["median", "x"], "sampler": ["sobol"]}.items():
        if draw(st.booleans()):
            draft = draft.with_search(draft.search.with_setting(name, draw(st.sampled_from(values))))
    return draft


@PATIENT
@given(_drafts())
def test_form_and_text_give_the_same_space(draft: Draft) -> None:
    validation = judge(draft.plain())
    found = judge_sweep(draft, validation.config)
    assert found is not None
    read = read_text(text_of(validation, draft))
    if not draft.search.domains:
        assert isinstance(read, SweepText)
    elif found.sweep is None:
        assert isinstance(read, tuple)
        assert {(each.where, each.what) for each in read} == set(found.messages)
        assert all(each.line for each in read if each.where != "sweep")
    else:
        assert swept(reread(draft)) == found.sweep == load_sweep(text_of(validation, draft))
    # And it survives a reload of the page.
    assert read_saved(save_text(Saved(History(draft)))).history.now == draft


def test_what_varies_moves_with_its_card_and_goes_with_it() -> None:
    draft = draft_of()
    flat, dense, dropout, _ = draft.ids["layers"]
    draft = draft.vary(("layers", dense, "units"), [16, 32]).vary(("layers", dropout), {"present": [True, False]})
    assert draft.move("layers", dense, 1).searched() == {
        "layers.3.units": [16, 32],
        "layers.2": {"present": [True, False]},
    }
    assert draft.remove("layers", flat).searched().keys() == {"layers.1.units", "layers.2"}
    assert draft.remove("layers", dense).searched() == {"layers.2": {"present": [True, False]}}
    assert draft.duplicate("layers", dense).searched().keys() == {"layers.2.units", "layers.3.units", "layers.4"}


def test_layers_inside_a_block_take_along_what_varies() -> None:
    draft = draft_of(NESTED)
    path: Path = ("layers", draft.ids["layers"][2], "layers")
    draft = draft.vary((*path, 0, "units"), [8, 16]).vary((*path, 1), {"present": [True, False]})
    first, second = draft.items(path)
    turned = draft.rearrange(path, [second, first], [1, 0])
    assert turned.searched() == {"layers.3.layers.2.units": [8, 16], "layers.3.layers.1": {"present": [True, False]}}
    assert swept(turned).space.size == 4
    assert draft.rearrange(path, [second], [1]).searched() == {"layers.3.layers.1": {"present": [True, False]}}
    added = draft.rearrange(path, [start(LAYERS, "Dense"), first, second], [None, 0, 1])
    assert added.searched().keys() == {"layers.3.layers.2.units", "layers.3.layers.3"}


def test_other_kind_ends_the_variation_of_fields_that_it_lacks() -> None:
    draft = draft_of()
    card = draft.ids["layers"][1]
    draft = draft.vary(("layers", card, "units"), [16, 32]).vary(("layers", card, "activation"), ["relu", "tanh"])
    other = draft.change(("layers", card), change_kind(draft.part(("layers", card)), LAYERS, "Activation"))
    assert other.searched() == {"layers.2.activation": ["relu", "tanh"]}
    rates = draft.vary(("optimizer", "learning_rate"), [0.1, 0.01]).vary(("optimizer", "momentum"), [0.0, 0.9])
    kinds = rates.vary(("optimizer",), [{"name": "Adam"}, {"name": "SGD"}])
    changed = kinds.change(("optimizer",), {"name": "RMSprop"})
    assert changed.searched().keys() >= {"optimizer.learning_rate", "optimizer.momentum"}
    assert changed.change(("optimizer", "learning_rate"), UNSET).searched().keys() >= {"optimizer.learning_rate"}


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ({"low": 64, "high": 16}, "expected low below high, got low 64 and high 16."),
        ({"low": 0, "high": 16, "log": True}, "a logarithmic range must begin above 0, got low 0."),
        ({"low": 16, "high": None}, "expected a finite number for high, got null."),
        ({"low": 16, "high": "1e400"}, "expected a finite number for high"),
        ({"low": 16, "high": 64, "step": 0}, "expected a step above 0"),
        ([16], "expected at least two choices, got [16]."),
        ([16, -1], "expected a value of at least 1, got -1."),
    ],
)
def test_error_of_a_range_is_at_its_field(domain: Any, words: str) -> None:
    draft = draft_of()
    draft = draft.vary(("optimizer", "learning_rate"), [0.1, 0.2]).vary(
        ("layers", draft.ids["layers"][1], "units"), domain
    )
    found = judge_sweep(draft, judge(draft.plain()).config)
    assert found is not None
    ((where, what),) = found.messages
    assert where == "layers.2.units"
    assert what.startswith(words)
    assert place_name(where, draft.fields) == "Layer 2 (Dense), units"


@pytest.mark.parametrize(
    ("lines", "line", "where"),
    [
        ("search: {layers.2.units: [1]}\n", 9, "layers.2.units"),
        ("search:\n  epochs: [1, 2]\n  layers.9.units: [1, 2]\n", 11, "layers.9.units"),
        ("search: {epochs: [1, 2]}\nsweep: {trials: 0}\n", 10, "sweep.trials"),
        ("search: {epochs: [1, 2]}\nsweep: {trails: 5}\n", 10, "sweep"),
        ("search: 7\n", 9, "search"),
        ("sweep: {trials: 5}\n", 9, "sweep"),
    ],
)
def test_error_of_a_text_has_its_line(lines: str, line: int, where: str) -> None:
    found = read_text(NETWORK + lines)
    assert isinstance(found, tuple)
    assert [(each.line, each.where) for each in found] == [(line, where)]


def test_search_that_is_off_is_kept_and_not_written() -> None:
    draft = draft_of().vary(("epochs",), [1, 2])
    off = draft.with_search(draft.search.switched(False))
    assert "search" not in text_of(judge(off.plain()), off)
    assert judge_sweep(off, judge(off.plain()).config) is None
    assert off.with_search(off.search.switched(True)) == draft


@pytest.mark.parametrize("search", [7, {}, {"on": 1, "domains": [[["layers", 99, "units"], [1]]], "settings": {}}])
def test_damaged_search_of_a_saved_draft_is_refused(search: Any) -> None:
    import json

    saved = json.loads(save_text(Saved(History(draft_of()))))
    saved["now"]["search"] = search
    with pytest.raises(ValueError, match="cannot be read"):
        read_saved(json.dumps(saved))


def test_scale_changes_and_keeps_the_ends() -> None:
    domain: Any = {"low": 16, "high": 64}
    for scale in (Scale.LOG, Scale.STEP, Scale.LIST, Scale.LINEAR):
        domain = with_scale(domain, scale, whole=True)
        assert scale_of(domain) is scale
    assert domain == {"low": 16, "high": 64}


@pytest.mark.parametrize("options", [[16, 32], [0.1, 1e-5], [3, [3, 5]], [None, "relu"], [True, False], ["a, b", "c"]])
def test_typed_options_are_read_back(options: list[Any]) -> None:
    assert read_options(shown_options(options)) == options
