"""The queue of a home: what waits, in which order, and when it is expected to start."""

__all__: list[str] = []
