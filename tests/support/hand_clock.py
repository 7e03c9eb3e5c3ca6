"""A clock that tests set by hand."""

__all__ = ["HandClock"]


class HandClock:
    """Seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
