"""Points of a metric as the series that pages draw."""

from collections.abc import Iterable

from trainer.tracking.types import Series

__all__ = ["series_of"]


def series_of(points: Iterable[tuple[int, float, int]], *, once_a_step: bool) -> Series:
    """A series of `(step, value, time)` in the order of step and time.

    `once_a_step` keeps only the last of several points at one step: a run of Fitboard that went back to the queue
    and started afresh has logged its first epochs twice.
    """
    kept = list(points)
    if once_a_step:
        kept = [
            point for point, after in zip(kept, [*kept[1:], None], strict=True) if not after or after[0] != point[0]
        ]
    if not kept:
        return Series(steps=(), values=(), times=())
    steps, values, times = zip(*kept, strict=True)
    return Series(steps=steps, values=values, times=times)
