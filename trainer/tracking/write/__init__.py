"""Writes runs: the store, its database, params, dataset inputs, the trained network."""

__all__: list[str] = []
