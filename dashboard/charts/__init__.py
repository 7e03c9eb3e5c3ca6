"""The charts, one per module: an Info, a pure function that computes it, and a function that draws it."""

__all__: list[str] = []
