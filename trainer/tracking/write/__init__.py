"""Writes runs: the store, its database, params, data set inputs, the trained network."""

__all__: list[str] = []
