"""Every action is written down with its person."""

from pathlib import Path

import pytest

from dashboard.access.deeds import Deed, deeds, deeds_file, write_deed
from trainer.errors import ResourceError
from trainer.home import Home


def test_actions_are_read_as_they_were_written(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    assert list(deeds(home)) == []
    write_deed(home, "anna", "delete", ["a" * 32, "b" * 32], now=1.5)
    write_deed(home, "böb\n", "train \ud800", now=2.0)

    assert list(deeds(home)) == [
        Deed(2.0, "böb\n", "train ?", ()),
        Deed(1.5, "anna", "delete", ("a" * 32, "b" * 32)),
    ]
    with deeds_file(home).open("a") as file:
        file.write('{"time": 3, "per')
    assert len(list(deeds(home))) == 2


def test_actions_are_filtered_by_person_and_by_what_they_are_about(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    write_deed(home, "Anna@example.org", "delete runs", ["abc" * 10], now=1.0)
    write_deed(home, "bob", "train runs", now=2.0)
    write_deed(home, "bob", "add data", ["Flights"], now=3.0)

    assert [each.time for each in deeds(home, person="anna")] == [1.0]
    assert [each.time for each in deeds(home, about="runs")] == [2.0, 1.0]
    assert [each.time for each in deeds(home, person="B", about="flights")] == [3.0]
    assert [each.time for each in deeds(home, about="abcabc")] == [1.0]


def test_many_actions_are_read_from_the_end(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    deeds_file(home).parent.mkdir(exist_ok=True)
    line = '{"time": %d, "person": "anna", "action": "träin", "subjects": ["%s"]}\n'
    # Lines of many lengths, so that some cross the borders of the blocks that are read.
    deeds_file(home).write_text("".join(line % (number, "é" * (number % 997)) for number in range(2_000)))
    assert [each.time for each in deeds(home)] == list(range(1_999, -1, -1))


def test_action_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    deeds_file(home).mkdir(parents=True)
    with pytest.raises(ResourceError, match=r"cannot be written to .*actions\.jsonl .*, so it was not done"):
        write_deed(home, "anna", "delete")
