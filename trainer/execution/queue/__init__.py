"""The queue of a home: the queued runs, their order, and their expected start."""

__all__: list[str] = []
