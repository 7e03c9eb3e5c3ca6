"""Where runs are executed."""

__all__: list[str] = []
