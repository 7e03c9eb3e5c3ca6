"""Control runs: stop them, resume them, take them over."""

__all__: list[str] = []
