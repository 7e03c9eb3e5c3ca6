"""Compare pages of groups."""

from dataclasses import replace

import pytest

from trainer.tracking import GroupPage

__all__ = ["assert_alike"]


def assert_alike(first: GroupPage, second: GroupPage) -> None:
    """Check that two pages have the same groups, but for the rounding of their numbers."""
    assert (first.total, first.runs) == (second.total, second.runs)
    assert len(first.groups) == len(second.groups)
    for one, other in zip(first.groups, second.groups, strict=True):
        assert replace(one, metrics={}) == replace(other, metrics={})
        assert one.metrics.keys() == other.metrics.keys()
        for metric, moments in one.metrics.items():
            assert moments == pytest.approx(other.metrics[metric])
