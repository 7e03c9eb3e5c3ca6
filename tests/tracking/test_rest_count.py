"""Counting what a server holds finds the exact number from any guess, by few requests."""

import random

import pytest

from trainer.tracking.read.rest_count import count_from


def counted(total: int, *, least: int = 0, guess: int = 0) -> tuple[int, int]:
    """The answer, and the number of requests."""
    asked = []

    def read(offset: int, limit: int) -> int:
        asked.append((offset, limit))
        return max(0, min(limit, total - offset))

    return count_from(read, least=least, guess=guess), len(asked)


def test_number_is_exact_from_any_guess() -> None:
    chosen = random.Random(0)
    for total in [*range(130), *(chosen.randrange(100_000) for _ in range(200))]:
        for guess in {0, 1, total, total + 1, max(0, total - 1), 2 * total, chosen.randrange(100_000)}:
            least = chosen.randrange(total + 1)
            assert counted(total, least=least, guess=guess)[0] == total, (total, guess, least)


@pytest.mark.parametrize(
    ("total", "guess", "requests"), [(1_000, 1_000, 1), (1_001, 1_000, 3), (1_000, 0, 12), (100_000, 0, 24)]
)
def test_few_requests_are_made(total: int, guess: int, requests: int) -> None:
    assert counted(total, least=50, guess=guess)[1] <= requests
