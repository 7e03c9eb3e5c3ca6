"""Points in the plane, generated from a seed: moons, circles, spirals.

Moons and circles equal scikit-learn's `make_moons` and `make_circles` to the last bit (a test compares them). They are
generated here because importing scikit-learn takes too long for a page that shows them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from trainer.config.datasets import Circles, Moons, Spirals
from trainer.data.schema import Kind, Task
from trainer.data.source import About, Arrays, Raw, digest_of
from trainer.home import Home

__all__ = ["POINTS", "Points", "draw_circles", "draw_moons", "draw_spirals"]

_Floats = NDArray[np.float64]
_Dataset = TypeVar("_Dataset", Moons, Circles, Spirals)


@dataclass(frozen=True, kw_only=True)
class Points(Generic[_Dataset]):
    """A dataset of points, x of shape (samples, 2); the class of a point is the curve that it lies on."""

    title: str
    draw: Callable[[_Dataset], Arrays]
    names: Callable[[_Dataset], tuple[str, ...]]

    def about(self, dataset: _Dataset, home: Home) -> About:
        """Describe the dataset without generating a point."""
        names = self.names(dataset)
        return About(
            title=self.title,
            kind=Kind.POINTS,
            task=Task.CLASSIFICATION,
            input_shape=(2,),
            samples=dataset.samples,
            classes=len(names),
            class_names=names,
            feature_names=("x", "y"),
        )

    def is_available(self, dataset: _Dataset, home: Home) -> bool:
        """Return True: points are generated."""
        return True

    def look_through(self, dataset: _Dataset, home: Home) -> None:
        """Do nothing: generated points are valid."""

    def read(self, dataset: _Dataset, home: Home) -> Raw:
        """Generate all points, x as float64; they depend only on the config's fields."""
        drawn = self.draw(dataset)
        return Raw(train=drawn, digest=digest_of(*drawn))

    def peek(self, dataset: _Dataset, home: Home) -> Arrays:
        """Generate all points."""
        return self.draw(dataset)


def draw_moons(dataset: Moons) -> Arrays:
    """Generate half of the points on an upper half circle, half on a lower one shifted by (1, −0.5)."""
    outer = np.linspace(0, np.pi, dataset.samples // 2)
    inner = np.linspace(0, np.pi, dataset.samples - dataset.samples // 2)
    curves = [
        np.column_stack([np.cos(outer), np.sin(outer)]),
        np.column_stack([1 - np.cos(inner), 1 - np.sin(inner) - 0.5]),
    ]
    return _scattered(curves, noise=dataset.noise, seed=dataset.random_state)


def draw_circles(dataset: Circles) -> Arrays:
    """Generate half of the points on the unit circle, half on a circle of radius `factor`."""
    outer = np.linspace(0, 2 * np.pi, dataset.samples // 2, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, dataset.samples - dataset.samples // 2, endpoint=False)
    curves = [
        np.column_stack([np.cos(outer), np.sin(outer)]),
        np.column_stack([np.cos(inner) * dataset.factor, np.sin(inner) * dataset.factor]),
    ]
    return _scattered(curves, noise=dataset.noise, seed=dataset.random_state)


def draw_spirals(dataset: Spirals) -> Arrays:
    """Generate K arms, arm k an Archimedean spiral `t (cos φ, sin φ)` with `φ = 2π (turns · t + k / K)`.

    t goes from 0.1 to 1 in equal steps, so that arms start apart and end at radius 1. The first arms have one
    additional point if the number of points is not a multiple of K.
    """
    sizes = [len(part) for part in np.array_split(np.arange(dataset.samples), dataset.arms)]
    curves = []
    for arm, size in enumerate(sizes):
        t = np.linspace(0.1, 1, size)
        angle = 2 * np.pi * (dataset.turns * t + arm / dataset.arms)
        curves.append(np.column_stack([t * np.cos(angle), t * np.sin(angle)]))
    return _scattered(curves, noise=dataset.noise, seed=dataset.random_state)


def _scattered(curves: list[_Floats], *, noise: float, seed: int) -> Arrays:
    """Shuffle the points of the curves, then add Gaussian noise: scikit-learn's order of random draws."""
    # The legacy generator, because scikit-learn uses it; default_rng would give other points.
    generator = np.random.RandomState(seed)
    classes = np.repeat(np.arange(len(curves), dtype=np.int64), [len(curve) for curve in curves])
    order = np.arange(len(classes))
    generator.shuffle(order)
    points = np.concatenate(curves)[order]
    return Arrays(points + generator.normal(scale=noise, size=points.shape), classes[order])


POINTS: Mapping[str, Points[Any]] = {
    "moons": Points[Moons](title="Two moons", draw=draw_moons, names=lambda _: ("outer moon", "inner moon")),
    "circles": Points[Circles](
        title="Two circles", draw=draw_circles, names=lambda _: ("outer circle", "inner circle")
    ),
    "spirals": Points[Spirals](
        title="Spirals",
        draw=draw_spirals,
        names=lambda dataset: tuple(f"arm {arm + 1}" for arm in range(dataset.arms)),
    ),
}
"""Keyed by the name in a config."""
