"""The parts that pages are put together from."""

__all__: list[str] = []
