"""Mistakes in a config's text are found with the lines that they are on."""

import pytest

from dashboard.draft import read_text
from trainer.config import Config

GOOD = """\
dataset: digits
layers:
  - Flatten
  - {layer: Dense, units: 10}
loss: mse
"""


def lines_of(text: str) -> list[tuple[int | None, str]]:
    found = read_text(text)
    assert isinstance(found, tuple)
    return [(mistake.line, mistake.where) for mistake in found]


def test_valid_text_is_its_config() -> None:
    found = read_text(GOOD)
    assert isinstance(found, Config)
    assert found.loss.kind == "MeanSquaredError"


@pytest.mark.parametrize(
    ("old", "new", "line", "where"),
    [
        ("units: 10", "units: many", 4, "layers.2.units"),
        ("units: 10", "unit: 10", 4, "layers.2.unit"),
        ("Flatten", "Flaten", 3, "layers.1"),
        ("digits", "{name: digits, split_seed: x}", 1, "dataset.split_seed"),
        ("loss: mse\n", "loss: mse\nepochs: 0\n", 6, "epochs"),
        ("loss: mse\n", "", None, "loss"),
        ("{layer: Dense, units: 10}", "layer: Dense\n    units: -1", 5, "layers.2.units"),
        ("  - Flatten", "- Flatten", 4, ""),
    ],
)
def test_mistake_is_found_with_its_line(old: str, new: str, line: int | None, where: str) -> None:
    assert lines_of(GOOD.replace(old, new)) == [(line, where)]


def test_mistakes_are_in_the_order_of_the_lines() -> None:
    text = GOOD.replace("Flatten", "Flaten").replace("digits", "digitz") + "seed: -1\n"
    assert [line for line, _ in lines_of(text)] == [1, 3, 6]


def test_text_that_is_no_mapping_or_has_a_tag_is_a_sentence() -> None:
    for text in ("", "- 1", "x: !!python/name:os.system", "a: &a [*a]"):
        (mistake,) = read_text(text)  # type: ignore[misc]
        assert mistake.what.endswith(".")
        assert mistake.where == ""
