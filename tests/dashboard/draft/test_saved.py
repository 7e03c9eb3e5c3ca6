import json
from typing import Any

import pytest

from dashboard.draft import LARGEST_SAVED, UNSET, Draft, History, Saved, read_saved, save_text, start
from trainer.config import LAYERS, load_config
from trainer.config.recipes import RECIPES


def history(steps: int = 3) -> History:
    found = History(Draft.of(RECIPES[0].config.short()))
    for step in range(steps):
        found = found.do(found.now.add("layers", start(LAYERS, "Dropout"), after=found.now.ids["layers"][step]))
    return found


def test_draft_comes_back_with_what_undo_and_redo_lead_to() -> None:
    saved = Saved(history().undo(), "ab" * 16)
    again = read_saved(save_text(saved))
    assert again == saved
    assert again.history.undo() == saved.history.undo()
    assert again.history.redo() == saved.history.redo()


def test_next_card_gets_an_id_of_its_own() -> None:
    again = read_saved(save_text(Saved(history()))).history.now
    added = again.add("layers", start(LAYERS, "Dropout"))
    assert len(set(added.ids["layers"])) == len(added.ids["layers"])


@pytest.mark.parametrize("value", ["many", None, [1, "x"], 1e400, "\ud800", "😀", UNSET])
def test_what_was_typed_wrong_comes_back_as_it_was_typed(value: Any) -> None:
    draft = history().now
    typed = draft.change(("layers", draft.ids["layers"][-1], "units"), value)
    again = read_saved(save_text(Saved(History(typed)))).history.now
    assert again.plain() == typed.plain()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_comes_back(recipe: Any) -> None:
    saved = Saved(History(Draft.of(load_config("dataset: digits\nlayers: [Flatten]\nloss: MeanSquaredError").short())))
    saved = Saved(saved.history.do(Draft.of(recipe.config.short(), made=saved.history.now.made)))
    assert read_saved(save_text(saved)) == saved


def test_steps_that_are_furthest_away_are_left_out_of_a_large_history() -> None:
    long = History(history().now)
    for step in range(150):
        draft = long.now
        long = long.do(draft.change(("layers", draft.ids["layers"][0], "name"), f"{step} " + "x" * 20_000))
    text = save_text(Saved(long))
    again = read_saved(text).history
    assert len(text) <= LARGEST_SAVED
    assert again.now == long.now
    assert 5 < len(again.past) < 150
    assert again.past == long.past[-len(again.past) :]


def damaged() -> dict[str, str]:
    whole: dict[str, Any] = json.loads(save_text(Saved(history())))
    now = whole["now"]
    layers = now["fields"]["layers"]

    def but(**changed: Any) -> str:
        return json.dumps({**whole, "now": {**now, **changed}})

    return {
        "cut": json.dumps(whole)[:-20],
        "nothing": "",
        "a list": "[]",
        "deep": "[" * 100_000,
        "another version": json.dumps({**whole, "version": 2}),
        "an unknown layer": but(fields={**now["fields"], "layers": [{"layer": "Dents"}, *layers[1:]]}),
        "an unknown inner kind": but(
            fields={**now["fields"], "optimizer": {"name": "Adam", "learning_rate": {"schedule": "?"}}}
        ),
        "a card too few": but(ids={**now["ids"], "layers": now["ids"]["layers"][1:]}),
        "an id twice": but(ids={**now["ids"], "layers": [0] * len(layers)}),
        "an id not given out": but(made=1),
        "no fields": but(fields=None),
    }


@pytest.mark.parametrize("what", sorted(damaged()))
def test_damaged_text_is_refused(what: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read_saved(damaged()[what])
