"""Samplers whose trial is a function of its number alone, so that they need no study: the grid and Sobol's sequence."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from trainer.config.search import Dimension, Space

__all__ = ["grid_points", "sobol_point"]


def grid_points(space: Space, seed: int) -> tuple[Mapping[str, Any], ...]:
    """Return every distinct combination of a finite space, in an order that the seed shuffles."""
    names = [each.name for each in space.dimensions]
    found: dict[str, Mapping[str, Any]] = {}
    for combination in itertools.product(*(each.domain.values() for each in space.dimensions)):
        chosen = dict(zip(names, combination, strict=True))
        values = space.values(lambda each, chosen=chosen: chosen[each.name])  # type: ignore[misc]
        # Combinations that differ only in fields of an absent layer are one point.
        found.setdefault(json.dumps(values, sort_keys=True), values)
    points = list(found.values())
    return tuple(points[place] for place in np.random.default_rng(seed).permutation(len(points)))


def sobol_point(space: Space, seed: int, number: int) -> dict[str, Any]:
    """Return point `number` of a scrambled Sobol sequence; each dimension has its coordinate whether it applies or not.

    The scrambling is Owen's, as `scipy.stats.qmc.Sobol` does it.
    """
    from scipy.stats import qmc

    places = {each.name: place for place, each in enumerate(space.dimensions)}
    sequence = qmc.Sobol(len(places), scramble=True, rng=seed)
    if number:
        sequence.fast_forward(number)
    point = sequence.random(1)[0]

    def at(each: Dimension) -> Any:
        return each.domain.at(float(point[places[each.name]]))

    return space.values(at)
