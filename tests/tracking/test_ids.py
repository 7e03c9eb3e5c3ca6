"""Ids as integers have the order and the places of the texts."""

import random
import uuid

import numpy as np
import pytest

from trainer.tracking.read.sql_ids import SortedIds, numbered

_CHANCE = random.Random(5)
_USUAL = [f"{_CHANCE.getrandbits(128):032x}" for _ in range(50)]
_HALF = f"{_CHANCE.getrandbits(64):016x}"
IDS = {
    "usual": _USUAL,
    "equal first halves": [_HALF + each[16:] for each in _USUAL],
    "capital letters": [*_USUAL, _USUAL[0].upper(), "A" * 32, "a" * 32],
    "other forms": [*_USUAL, "run 1", str(uuid.UUID(int=7)), "0" * 31 + " "],
    "one": _USUAL[:1],
    "none": [],
}


@pytest.mark.parametrize("name", IDS)
def test_ids_are_sorted_and_found_as_texts(name: str) -> None:
    repeated = np.array([each.encode() for each in IDS[name] * 2], dtype="S36" if name == "other forms" else "S32")
    _CHANCE.shuffle(IDS[name])
    given = np.array([each.encode() for each in IDS[name]], dtype=repeated.dtype)

    names, places = numbered(repeated)
    known = SortedIds(given)

    assert names.tolist() == known.ids.tolist() == sorted(set(repeated.tolist()))
    assert names[places].tolist() == repeated.tolist()
    assert given[known.order].tolist() == known.ids.tolist()
    wanted = np.array([*repeated.tolist(), b"f" * 32, b"none"], dtype=repeated.dtype)
    assert known.places(wanted).tolist() == [*places.tolist(), -1, -1]
